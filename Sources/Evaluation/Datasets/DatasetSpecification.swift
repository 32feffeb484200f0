/// What a user says about a data set: `KIND:PATH[,option=value]...`.
public struct DatasetSpecification: Equatable, Sendable {
  /// As it was written.
  public let text: String
  /// A name of `DatasetKind.all`.
  public let kind: String
  /// The path; it may hold commas that no `option=` follows.
  public let path: String
  /// Options by name.
  public let options: [String: String]

  /// Parses a specification.
  ///
  /// - Parameter text: For example `imagefolder:val,classnames=names.txt`.
  /// - Throws: `DatasetError` naming what is wrong and what there is.
  public init(_ text: String) throws(DatasetError) {
    self.text = text
    let known = DatasetKind.all.map(\.name)
    guard let colon = text.firstIndex(of: ":") else { throw .noPath(kind: text) }
    kind = String(text[..<colon])
    let name = kind
    guard let row = DatasetKind.all.first(where: { $0.name == name }) else {
      throw .unknownKind(found: kind, known: known)
    }
    let names = row.options.map(\.name)
    var fields: [String] = []
    for field in text[text.index(after: colon)...].split(
      separator: ",", omittingEmptySubsequences: false)
    {
      // A comma that no option follows belongs to what is before it.
      if fields.isEmpty || Self.optionName(field) != nil {
        fields.append(String(field))
      } else {
        fields[fields.count - 1] += "," + field
      }
    }
    path = fields[0]
    if path.isEmpty { throw .noPath(kind: text) }
    var options: [String: String] = [:]
    for field in fields.dropFirst() {
      guard let option = Self.optionName(field[...]) else { continue }
      if !names.contains(option) {
        throw .unknownOption(kind: kind, option: option, known: names)
      }
      if options[option] != nil { throw .repeatedOption(kind: kind, option: option) }
      options[option] = String(field.dropFirst(option.count + 1))
    }
    for option in row.options where option.isRequired && options[option.name] == nil {
      throw .missingOption(kind: kind, option: option.name, help: option.help)
    }
    self.options = options
  }

  /// Letters before an equals sign.
  private static func optionName(_ field: Substring) -> String? {
    guard let equals = field.firstIndex(of: "="), equals > field.startIndex else { return nil }
    let name = field[..<equals]
    return name.allSatisfy { $0.isASCII && $0.isLetter } ? String(name) : nil
  }

  /// One of a few values, the first by default.
  func choice(_ option: String, _ values: [String]) throws(DatasetError) -> String {
    guard let value = options[option] else { return values[0] }
    if values.contains(value) { return value }
    throw .optionValue(option: option, found: value, expected: values.joined(separator: ", "))
  }
}
