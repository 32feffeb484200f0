import ImageInput
import TensorCore
import TestSupport
import Testing

@Suite struct PNGEncoderTests {
  @Test("What is encoded decodes to the same pixels", arguments: [(1, 1), (3, 5), (224, 224)])
  func roundTrip(_ width: Int, _ height: Int) throws {
    let rgb = (0..<(width * height * 3)).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435 >> 7) }
    let file = try PNGEncoder.encode(try block(rgb), width: width, height: height, name: "a.png")
    let image = try ImageDecoder.decode(file, name: "a.png")
    #expect(image.mode == .rgb && image.width == width && image.height == height)
    #expect(image.pixels.array == rgb)
  }

  @Test("The file has no chunks but IHDR, IDAT and IEND, and is the same each time")
  func chunks() throws {
    let rgb = try block((0..<(64 * 64 * 3)).map { UInt8(truncatingIfNeeded: $0 / 5) })
    let file = try PNGEncoder.encode(rgb, width: 64, height: 64, name: "a.png").array
    #expect(file == (try PNGEncoder.encode(rgb, width: 64, height: 64, name: "b.png").array))
    var names: [String] = []
    var place = 8
    while place + 8 <= file.count {
      let length = file[place..<(place + 4)].reduce(0) { $0 << 8 | Int($1) }
      names.append(String(decoding: file[(place + 4)..<(place + 8)], as: UTF8.self))
      place += 12 + length
    }
    #expect(place == file.count)
    #expect(names.first == "IHDR" && names.last == "IEND")
    #expect(names.dropFirst().dropLast().allSatisfy { $0 == "IDAT" })
  }
}
