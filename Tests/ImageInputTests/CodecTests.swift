import CAllocationCounter
import CImageCodecs
import TensorCore
import TestSupport
import Testing

/// The C codecs by themselves: what no file does to them.
@Suite struct CodecTests {
  static let files = [
    "small.jpg", "many-scans.jpg", "small.png", "palette-1-interlaced.png", "rgba-tall.png",
  ]

  private static func limits() -> ic_limits {
    ic_limits(pixels: 1 << 20, scans: 100, memory: 64 << 20)
  }

  private static func message(_ picture: ic_picture) -> String {
    unsafe withUnsafeBytes(of: picture.message) { bytes in
      unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }

  /// Whoever changes a mapped file does not make the second call write beyond what the first asked for.
  @Test("Another picture in the second call is refused", arguments: ["small.jpg", "small.png"])
  func changedBetweenCalls(_ file: String) throws {
    let bytes = try block(Fixture.bytes(Fixture.path("images/good/" + file)))
    var limits = Self.limits()
    var header = ic_picture()
    let found = unsafe ic_read_header(bytes.pointer, bytes.count, &limits, &header)
    #expect(found == Int32(IC_OK.rawValue))
    let pixels = try MutableBlock<UInt8>(allocating: 4 << 20)
    let changes: [(inout ic_picture) -> Void] = [
      { $0.width -= 1 }, { $0.height -= 1 }, { $0.mode = Int32(IC_RGBA.rawValue) },
    ]
    for change in changes {
      var picture = header
      change(&picture)
      let status = unsafe ic_read_pixels(
        bytes.pointer, bytes.count, &limits, &picture, pixels.pointer)
      #expect(status == Int32(IC_DAMAGED.rawValue))
      #expect(Self.message(picture) == "the bytes changed while they were being read")
    }
    let status = unsafe ic_read_pixels(
      bytes.pointer, bytes.count, &limits, &header, pixels.pointer)
    #expect(status == Int32(IC_OK.rawValue))
  }

  @Test("Every allocation may fail", .enabled(if: cac_available() == 1), arguments: files)
  func failingAllocations(_ file: String) throws {
    let bytes = try block(Fixture.bytes(Fixture.path("images/good/" + file)))
    let pixels = try MutableBlock<UInt8>(allocating: 1 << 16)
    pixels.fill(with: 0)
    var limits = Self.limits()
    /// The status of reading a picture while an allocation fails, and how many there were.
    func read(failing number: Int) -> (status: Int32, count: Int) {
      var picture = ic_picture()
      cac_begin()
      cac_fail(number)
      var status = unsafe ic_read_header(bytes.pointer, bytes.count, &limits, &picture)
      if status == Int32(IC_OK.rawValue) {
        status = unsafe ic_read_pixels(
          bytes.pointer, bytes.count, &limits, &picture, pixels.pointer)
      }
      cac_fail(0)
      return (status, cac_end())
    }
    let whole = read(failing: 0)
    #expect(whole.status == Int32(IC_OK.rawValue))
    #expect(whole.count > 4)
    let expected = pixels.array
    for number in 1...whole.count {
      pixels.fill(with: 0)
      let status = read(failing: number).status
      // libjpeg asks again, for less.
      if file.hasSuffix(".jpg"), status == Int32(IC_OK.rawValue) {
        #expect(pixels.array == expected, "\(number)")
      } else {
        #expect(status == Int32(IC_OUT_OF_MEMORY.rawValue), "\(number)")
      }
    }
  }
}
