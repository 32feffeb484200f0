public import TCMFormat
public import TensorCore

/// Embeddings of class names from a `.tcm` file: what a device needs to classify without a text tower.
public final class LabelBank: Sendable {
  /// The open file.
  public let file: TCMFile
  /// Labels, and how their embeddings were made.
  public let record: LabelBankRecord
  /// One embedding of length 1 a label, `[labels, width]`, where it lies in the mapped file.
  public let embeddings: Block<Float>

  /// Opens a bank.
  ///
  /// - Parameter path: A `.tcm` file that `taiyi-convert labels` made, or one that holds a bank
  ///   beside its image tower.
  /// - Throws: `ModelError`, `.noLabels` for a model without.
  /// - Complexity: O(manifest).
  public convenience init(path: String) throws(ModelError) {
    let file: TCMFile
    do throws(TCMError) { file = try TCMFile(path: path) } catch { throw .format(error) }
    guard let record = file.manifest.labels else { throw .noLabels(path: path) }
    do throws(TCMError) { try self.init(file, record) } catch { throw .format(error) }
  }

  /// The bank of an open file.
  init(_ file: TCMFile, _ record: LabelBankRecord) throws(TCMError) {
    self.file = file
    self.record = record
    embeddings = try file.floats(
      LabelBankRecord.tensorName, shape: [record.labels.count, record.width])
  }

  /// How a bank and a model belong together.
  public enum Relation: Sendable {
    /// The model made the bank, or holds it.
    case sameModel
    /// They come from a checkpoint in common, but are not quantized or assembled alike.
    case sameCheckpoint
    /// The model has no text tower and nothing in common that would tell.
    case unknown
  }

  /// Compares the bank with a model.
  ///
  /// - Parameter model: The model whose image embeddings are to be compared with the bank's.
  /// - Returns: What ties them together.
  /// - Throws: `ModelError.bankWidth`, or `.bankOfAnotherModel` if the model has a text tower and no checkpoint in common.
  public func relation(to model: Model) throws(ModelError) -> Relation {
    if record.width != model.embeddingWidth {
      throw .bankWidth(
        path: file.path, width: record.width, model: model.file.path,
        expected: model.embeddingWidth)
    }
    let identity = model.file.manifest.identity
    if record.textIdentity == identity || file.manifest.identity == identity { return .sameModel }
    for source in file.manifest.provenance.sources {
      for other in model.file.manifest.provenance.sources where other.sha256 == source.sha256 {
        return .sameCheckpoint
      }
    }
    if model.textTower != nil {
      throw .bankOfAnotherModel(path: file.path, model: model.file.path)
    }
    return .unknown
  }
}
