internal import Notation
internal import TensorCore

/// What lies beside a checkpoint, by the path as it was given and not by what a link leads to.
public struct SideFiles: Sendable {
  /// `config.json` of Hugging Face's libraries.
  public var configuration: ConfigurationFile?
  /// `open_clip_config.json`.
  public var openCLIPConfiguration: ConfigurationFile?
  /// `preprocessor_config.json` of Hugging Face's libraries.
  public var preprocessorConfiguration: ConfigurationFile?
  /// The path of `vocab.txt`.
  public var vocabularyPath: String?

  /// No side files.
  public init() {}

  /// Looks for side files in a folder.
  init(folder: String, limits: CheckpointLimits) throws(CheckpointError) {
    let limit = limits.configurationByteCount
    configuration = try Self.read(joined(folder, "config.json"), limit: limit)
    openCLIPConfiguration = try Self.read(joined(folder, "open_clip_config.json"), limit: limit)
    preprocessorConfiguration = try Self.read(
      joined(folder, "preprocessor_config.json"), limit: limit)
    let vocabulary = joined(folder, "vocab.txt")
    if isThere(vocabulary) { vocabularyPath = vocabulary }
  }

  private static func read(
    _ path: String, limit: Int
  ) throws(CheckpointError) -> ConfigurationFile? {
    if !isThere(path) { return nil }
    let document = try openJSON(path, limit: limit).document
    if document.root.members == nil { throw .notAnObject(path: path) }
    return ConfigurationFile(path: path, document: document)
  }
}
