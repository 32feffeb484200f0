internal import Kernels
public import TCMFormat
internal import TensorCore
public import Tokenization

/// A model from a `.tcm` file: immutable, shared by any number of sessions and threads.
///
/// Its weights stay where they lie in the mapped file; opening reads the manifest only.
public final class Model: Sendable {
  /// The open file: manifest, sizes, provenance.
  public let file: TCMFile
  /// Turns texts into token ids, if there is a text tower.
  public let tokenizer: BertTokenizer?
  /// Labels that the file brings along for its image tower, instead of a text tower.
  public let labels: LabelBank?
  let text: TextTower?
  let image: ImageTower?

  /// Opens a model.
  ///
  /// - Parameter path: A `.tcm` file.
  /// - Throws: `ModelError` naming the file and what is wrong with it.
  /// - Complexity: O(manifest + vocabulary header); no weight is touched.
  public convenience init(path: String) throws(ModelError) {
    let file: TCMFile
    do throws(TCMError) { file = try TCMFile(path: path) } catch { throw .format(error) }
    try self.init(file: file)
  }

  /// Finds the towers of an open file.
  ///
  /// - Parameter file: Stays open as long as the model.
  /// - Throws: `ModelError` naming the file and what is wrong with it.
  /// - Complexity: O(manifest + vocabulary header).
  public init(file: TCMFile) throws(ModelError) {
    let path = file.path
    if !file.manifest.hasTower { throw .noTower(path: path) }
    self.file = file
    do throws(TCMError) {
      labels = try file.manifest.labels.map { (record) throws(TCMError) in
        try LabelBank(file, record)
      }
      if let record = file.manifest.text { text = try TextTower(file, record) } else { text = nil }
      if let record = file.manifest.image {
        image = try ImageTower(file, record)
      } else {
        image = nil
      }
    } catch { throw .format(error) }
    if let record = file.manifest.text, let section = file.vocabulary {
      let vocabulary: Vocabulary
      do throws(VocabularyError) { vocabulary = try Vocabulary(section: section) } catch {
        throw .vocabulary(path: path, error)
      }
      if vocabulary.count > record.vocabularySize {
        throw .vocabularySize(
          path: path, tokens: vocabulary.count, embeddings: record.vocabularySize)
      }
      tokenizer = BertTokenizer(
        vocabulary: vocabulary, lowercases: record.lowercases,
        straightensQuotes: record.straightensQuotes)
    } else {
      tokenizer = nil
    }
  }

  /// The text tower's description, if there is one.
  public var textTower: TextTowerRecord? { file.manifest.text }

  /// The image tower's description, if there is one.
  public var imageTower: ImageTowerRecord? { file.manifest.image }

  /// The factor of cosines before softmax.
  public var logitScale: Float { file.manifest.logitScale }

  /// Elements of an embedding.
  public var embeddingWidth: Int {
    file.manifest.text?.outputWidth ?? file.manifest.image?.outputWidth ?? 0
  }

  /// Whether the same-bits promise holds: every layer is quantized.
  public var isQuantized: Bool {
    let towers = [text?.sizes, image?.sizes]
    for case .some(let sizes) in towers where !sizes.isQuantized { return false }
    return true
  }
}
