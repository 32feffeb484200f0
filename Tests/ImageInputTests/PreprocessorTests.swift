import ImageInput
import TensorCore
import TestSupport
import Testing

@Suite struct PreprocessorTests {
  @Test("Squares are torchvision's, in both modes and orders", arguments: Goldens.all.pictures)
  func torchvision(_ golden: Goldens.Picture) throws {
    let image = try golden.decoded()
    func hash(
      _ size: Int, _ mode: Preprocessing.ResizeMode, _ order: Preprocessing.Order,
      _ passes: Preprocessing.PassOrder = .pillow13
    ) throws -> String {
      let preprocessing = Preprocessing(
        imageSize: size, resizeMode: mode, order: order, passOrder: passes)
      return sha256(try square(image, preprocessing))
    }
    #expect(try hash(32, .shortest, .resizeThenConvert) == golden.shortest32)
    #expect(try hash(224, .shortest, .resizeThenConvert) == golden.shortest224)
    #expect(try hash(32, .squash, .resizeThenConvert) == golden.squash32)
    #expect(try hash(32, .shortest, .convertThenResize) == golden.rgbShortest32)
    #expect(try hash(32, .squash, .convertThenResize) == golden.rgbSquash32)
    let old = golden.rowsFirstShortest32
    #expect(try hash(32, .shortest, .resizeThenConvert, .rowsFirst) == old)
    #expect(try hash(32, .squash, .resizeThenConvert, .rowsFirst) == golden.rowsFirstSquash32)
  }

  @Test(
    "Photographs come out as torchvision's", .enabled(if: !SharedGoldens.rows.isEmpty),
    arguments: SharedGoldens.rows)
  func photographs(_ golden: SharedGoldens.Row) throws {
    let image = try decode(file: try #require(Fixture.shared("data/images/" + golden.file)))
    let found = try square(image, Preprocessing(imageSize: 224))
    #expect(sha256(found) == golden.square)

    let preprocessor = Preprocessor(Preprocessing(imageSize: 224))
    let output = try MutableBlock<Float>(allocating: preprocessor.pictureByteCount)
    try preprocessor.tensor(image, into: output)
    let values = output.array
    let count = 224 * 224
    for plane in 0..<3 {
      #expect(values[plane * count] == golden.normFirstPixel[plane])
      let sum = values[(plane * count)..<((plane + 1) * count)].reduce(0.0) { $0 + Double($1) }
      // The golden's mean is a sum in 32-bit floats.
      #expect(abs(sum / Double(count) - Double(golden.normMean[plane])) < 1e-3)
    }
  }

  @Test(
    "The golden pictures hold the same bytes", .enabled(if: !SharedGoldens.rows.isEmpty),
    arguments: SharedGoldens.rows)
  func pictures(_ golden: SharedGoldens.Row) throws {
    let stem = golden.file.prefix { $0 != "." }
    let path = try #require(Fixture.shared("data/golden/\(stem).224.png"))
    let image = try decode(file: try #require(Fixture.shared("data/images/" + golden.file)))
    #expect(
      try square(image, Preprocessing(imageSize: 224)) == decode(file: path).rgb().array)
  }

  @Test("The goldens tell the orders apart")
  func orders() {
    let rows = Goldens.all.pictures
    #expect(rows.contains { $0.shortest32 != $0.rgbShortest32 && $0.mode == "P" })
    #expect(rows.contains { $0.shortest32 != $0.rgbShortest32 && $0.mode == "RGBA" })
    #expect(rows.contains { $0.shortest32 != $0.rowsFirstShortest32 && $0.mode == "L" })
    #expect(rows.contains { $0.squash32 != $0.rowsFirstSquash32 && $0.mode == "LA" })
  }

  @Test("Every normalised value has torch's bits, and planes follow each other")
  func normalised() throws {
    // A picture of all 256 greys that keeps its size.
    var rgb: [UInt8] = []
    for value in 0..<256 { rgb += [UInt8](repeating: UInt8(value), count: 3) }
    let file = try PNGEncoder.encode(try block(rgb), width: 16, height: 16, name: "greys")
    let image = try ImageDecoder.decode(file, name: "greys")
    let preprocessor = Preprocessor(Preprocessing(imageSize: 16))
    let output = try MutableBlock<Float>(allocating: preprocessor.pictureByteCount)
    try preprocessor.tensor(image, into: output)
    #expect(output.array.map(\.bitPattern) == Goldens.all.normalised)
  }

  @Test("One preprocessor gives the same squares as fresh ones, whatever came before")
  func reuse() throws {
    let preprocessor = Preprocessor(Preprocessing(imageSize: 32))
    let output = try MutableBlock<UInt8>(allocating: preprocessor.pictureByteCount)
    for golden in Goldens.all.pictures + Goldens.all.pictures.reversed() {
      try preprocessor.crop(try golden.decoded(), into: output)
      #expect(sha256(output.array) == golden.shortest32, "\(golden.file)")
    }
  }

  @Test("A picture of one column needs no memory for the rows that are cut off")
  func extremeRatio() throws {
    // Resized whole it would be 224 x 14,679,840 pixels.
    let height = 65_535
    let column = (0..<height).flatMap { y in
      [UInt8](repeating: (y / 8000) % 2 == 0 ? 10 : 200, count: 3)
    }
    let file = try PNGEncoder.encode(try block(column), width: 1, height: height, name: "column")
    let image = try ImageDecoder.decode(file, name: "column")
    // The middle is pixel 32767, and 224 output rows are one input row: inside the dark fifth band.
    let found = try square(image, Preprocessing(imageSize: 224))
    #expect(found == [UInt8](repeating: 10, count: 224 * 224 * 3))
  }
}
