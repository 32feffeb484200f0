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
  /// - Parameter path: A `.tcm` file that `taiyi-convert labels` made.
  /// - Throws: `ModelError`, `.noLabels` for a model.
  /// - Complexity: O(manifest).
  public init(path: String) throws(ModelError) {
    do throws(TCMError) { file = try TCMFile(path: path) } catch { throw .format(error) }
    guard let record = file.manifest.labels else { throw .noLabels(path: path) }
    self.record = record
    do throws(TCMError) {
      embeddings = try file.floats(
        LabelBankRecord.tensorName, shape: [record.labels.count, record.width])
    } catch { throw .format(error) }
  }

  /// How a bank and a model belong together.
  public enum Relation: Sendable {
    /// The model made the bank.
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
    if record.textIdentity == model.file.manifest.identity { return .sameModel }
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
