internal import ImageInput
internal import TensorCore

extension Benchmark {
  /// A JPEG's bytes to the tensor a tower reads; one thread.
  static let preprocess = Benchmark(
    name: "preprocess", summary: "decode, resize, crop and normalise --image"
  ) { context in
    let path = try context.image(for: "preprocess")
    let file = try InputFile(path: path)
    let bytes = try MutableBlock<UInt8>(allocating: file.byteCount)
    try file.read(at: 0, into: bytes)
    let preprocessor = Preprocessor(Preprocessing(imageSize: 224))
    let pixels = try MutableBlock<Float>(allocating: 3 * 224 * 224)
    let decoded = try ImageDecoder.decode(bytes.readOnly, name: path)
    let size = "\(decoded.width)×\(decoded.height)"
    return [
      Case("decode \(size)", Work(amount: 1, unit: "images/s")) {
        _ = try ImageDecoder.decode(bytes.readOnly, name: path)
      },
      Case("decode and preprocess \(size)", Work(amount: 1, unit: "images/s")) {
        let image = try ImageDecoder.decode(bytes.readOnly, name: path)
        try preprocessor.tensor(image, into: pixels)
      },
    ]
  }
}
