public import ImageInput
public import TCMFormat
public import TensorCore

/// From pictures to embeddings.
extension Session {
  /// The embedding of a decoded picture.
  ///
  /// - Parameters:
  ///   - image: Any picture; it is brought to the tower's size as the model asks.
  ///   - normalize: Whether the embedding is brought to length 1.
  /// - Returns: `[embeddingWidth]`.
  /// - Throws: `ModelError.noImageTower`, `.image`, or `.system` when there is no memory.
  public func embed(
    image: DecodedImage, normalize: Bool = true
  ) throws(ModelError) -> MutableBlock<Float> {
    guard let tower = model.imageTower else { throw .noImageTower(path: model.file.path) }
    let pixels: MutableBlock<Float>
    let embedding: MutableBlock<Float>
    do throws(SystemError) {
      pixels = try MutableBlock(allocating: 3 * tower.imageSize * tower.imageSize)
      embedding = try MutableBlock(allocating: model.embeddingWidth)
    } catch { throw .system(error) }
    do throws(ImageError) {
      try Preprocessor(Preprocessing(tower)).tensor(image, into: pixels)
    } catch { throw .image(error) }
    try encode(pixels: pixels.readOnly, items: 1, normalize: normalize, into: embedding)
    return embedding
  }
}

extension Preprocessing {
  /// The preprocessing that a tower was trained with.
  ///
  /// - Parameter tower: From a manifest.
  public init(_ tower: ImageTowerRecord) {
    self.init(
      imageSize: tower.imageSize, mean: tower.mean,
      standardDeviation: tower.standardDeviation,
      resizeMode: tower.resize == .squash ? .squash : .shortest)
  }
}
