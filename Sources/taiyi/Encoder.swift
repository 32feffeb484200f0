internal import CLIPRuntime
internal import ImageInput
internal import TCMFormat
internal import TensorCore

/// Something to embed.
enum Input: Equatable {
  case text(String)
  /// The path of a picture.
  case image(String)

  /// As `--json` names it.
  var kind: String {
    switch self {
    case .text: "text"
    case .image: "image"
    }
  }

  /// The text or the path.
  var value: String {
    switch self {
    case .text(let value), .image(let value): value
    }
  }
}

/// Embeds inputs a few at a time, so that memory does not grow with their number.
struct Encoder {
  let session: Session
  let pictures: PictureOptions
  /// Texts or pictures encoded at a time.
  let batch: Int
  let padding: TextPadding
  var normalizes = true

  /// Embeds inputs in order.
  ///
  /// - Parameters:
  ///   - inputs: Any number of texts and pictures.
  ///   - emit: Receives each run of inputs with their embeddings `[count, width]`.
  func embed(_ inputs: [Input], emit: (ArraySlice<Input>, Block<Float>) throws -> Void) throws {
    var start = 0
    while start < inputs.count {
      var end = start
      let kind = inputs[start].kind
      while end < inputs.count && end - start < batch && inputs[end].kind == kind { end += 1 }
      let run = inputs[start..<end]
      try emit(run, kind == "text" ? texts(run.map(\.value)) : images(run.map(\.value)))
      start = end
    }
  }

  /// Embeddings of texts, `[count, width]`.
  func texts(_ texts: [String]) throws -> Block<Float> {
    try session.embed(texts: texts, padding: padding, normalize: normalizes).readOnly
  }

  /// Embeddings of pictures, `[count, width]`.
  func images(_ paths: [String]) throws -> Block<Float> {
    guard let tower = session.model.imageTower else {
      throw ModelError.noImageTower(path: session.model.file.path)
    }
    let count = 3 * tower.imageSize * tower.imageSize
    let pixels = try MutableBlock<Float>(allocating: paths.count * count)
    let preprocessor = Preprocessor(Preprocessing(tower))
    for (index, path) in paths.enumerated() {
      try preprocessor.tensor(
        pictures.picture(path), into: pixels[index * count..<(index + 1) * count])
    }
    let embeddings = try MutableBlock<Float>(
      allocating: paths.count * session.model.embeddingWidth)
    try session.encode(
      pixels: pixels.readOnly, items: paths.count, normalize: normalizes, into: embeddings)
    return embeddings.readOnly
  }
}
