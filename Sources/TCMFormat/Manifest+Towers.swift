internal import TensorCore

extension Manifest {
  /// The rules of section 6 that need no tensor.
  func validateTowers(_ fail: Fail) throws(TCMError) {
    if !hasTower && labels == nil {
      throw fail("6.1", "manifest", "there is neither a tower nor a label bank")
    }
    if text != nil && labels != nil {
      throw fail("6.1", "manifest", "there are both a text tower and a label bank")
    }
    var vocabularies = 0
    for section in sections where section.kind == .vocabulary { vocabularies += 1 }
    if vocabularies != (text == nil ? 0 : 1) {
      throw fail(
        "6.2", "manifest",
        "\(vocabularies) vocabularies, expected one with a text tower and none without")
    }
    if !(logitScale > 0 && logitScale.isFinite) {
      throw fail("6.3", "manifest", "the logit scale is not a positive number")
    }
    if let text { try validate(text, fail) }
    if let image { try validate(image, fail) }
    if let text, let image, text.outputWidth != image.outputWidth {
      throw fail(
        "6.8", "manifest",
        "text embeddings of \(text.outputWidth), image embeddings of \(image.outputWidth)")
    }
    if let labels, let image, labels.width != image.outputWidth {
      throw fail(
        "6.8", "manifest",
        "label embeddings of \(labels.width), image embeddings of \(image.outputWidth)")
    }
  }

  private func validate(_ text: TextTowerRecord, _ fail: Fail) throws(TCMError) {
    try validateSizes(
      "text tower", text.family, text.width, text.layers, text.heads, text.mlpWidth,
      text.outputWidth, text.layerNormEpsilon, fail)
    if !(1...TCMLayout.dimensionLimit).contains(text.vocabularySize) {
      throw fail("6.4", "text tower", "a vocabulary of \(text.vocabularySize)")
    }
    if !(2...TCMLayout.tokenLimit).contains(text.positions) {
      throw fail("6.4", "text tower", "\(text.positions) positions")
    }
    if !(2...text.positions).contains(text.contextLength) {
      throw fail(
        "6.5", "text tower", "a context of \(text.contextLength) with \(text.positions) positions")
    }
  }

  private func validate(_ image: ImageTowerRecord, _ fail: Fail) throws(TCMError) {
    try validateSizes(
      "image tower", image.family, image.width, image.layers, image.heads, image.mlpWidth,
      image.outputWidth, image.layerNormEpsilon, fail)
    if !(1...TCMLayout.imageSizeLimit).contains(image.imageSize)
      || !(1...image.imageSize).contains(image.patchSize)
      || image.imageSize % image.patchSize != 0 || image.tokens > TCMLayout.tokenLimit
    {
      throw fail(
        "6.6", "image tower", "patches of \(image.patchSize) on a side of \(image.imageSize)")
    }
    let isUsable =
      image.mean.count == 3 && image.standardDeviation.count == 3
      && image.mean.allSatisfy { $0.isFinite }
      && image.standardDeviation.allSatisfy { $0.isFinite && $0 > 0 }
    if !isUsable {
      throw fail(
        "6.7", "image tower",
        "mean and standard deviation are not three finite numbers each, the latter positive")
    }
  }

  private func validateSizes(
    _ tower: String, _ family: String, _ width: Int, _ layers: Int, _ heads: Int, _ mlpWidth: Int,
    _ outputWidth: Int, _ epsilon: Float, _ fail: Fail
  ) throws(TCMError) {
    if !Manifest.isName(family, from: 0x20) {
      throw fail("6.9", tower, "its family's name is not 1 to 256 printable ASCII characters")
    }
    for size in [width, mlpWidth, outputWidth] where !(1...TCMLayout.widthLimit).contains(size) {
      throw fail("6.4", tower, "a width of \(size)")
    }
    if !(1...TCMLayout.layerLimit).contains(layers) {
      throw fail("6.4", tower, "\(layers) layers")
    }
    if heads < 1 || width % heads != 0 {
      throw fail("6.4", tower, "\(heads) heads on a width of \(width)")
    }
    if !(epsilon > 0 && epsilon < 1) {
      throw fail("6.4", tower, "the epsilon of its layer norms is not between 0 and 1")
    }
  }
}
