/// A layout of data sets on disk.
///
/// To add one: a file with a reader, and a row in `all`.
public struct DatasetKind: Sendable {
  /// An option of a kind.
  public struct Option: Sendable {
    /// As it is written before the equals sign.
    public let name: String
    /// What it is, for help and errors.
    public let help: String
    /// Whether it must be given.
    public let isRequired: Bool

    init(_ name: String, _ help: String, isRequired: Bool = false) {
      self.name = name
      self.help = help
      self.isRequired = isRequired
    }
  }

  /// As it is written before the colon.
  public let name: String
  /// What it is, in one line.
  public let summary: String
  /// Its options.
  public let options: [Option]
  let open: @Sendable (DatasetSpecification) throws(DatasetError) -> Dataset

  /// Every kind there is.
  public static let all: [DatasetKind] = [
    imageFolder, webDataset, flickr30kCNA, flickr30kCN, cocoCN, csv, muge, elevater,
  ]
}

extension Dataset {
  /// Opens a data set: reads its index, not its pictures.
  ///
  /// - Parameter specification: `KIND:PATH[,option=value]...`.
  /// - Returns: The data set.
  /// - Throws: `DatasetError`.
  public static func open(_ specification: String) throws(DatasetError) -> Dataset {
    let specification = try DatasetSpecification(specification)
    let name = specification.kind
    guard let kind = DatasetKind.all.first(where: { $0.name == name }) else {
      throw .unknownKind(found: name, known: DatasetKind.all.map(\.name))
    }
    return try kind.open(specification)
  }
}

extension DatasetKind.Option {
  static let classNames = DatasetKind.Option(
    "classnames", "a file with one class name a line, or JSON")
  static let templates = DatasetKind.Option(
    "templates", "a file with one template a line, {c} where the label goes, or JSON")
  static let images = DatasetKind.Option("images", "the folder of the pictures", isRequired: true)
}
