internal import Checkpoints
internal import Notation

/// A member of a configuration, with what is needed to complain about it.
struct Setting {
  /// The configuration file.
  let path: String
  /// The key with the keys around it, for example `vision_cfg.width`.
  let key: String
  /// `nil` if the member is absent or `null`.
  let value: JSONValue?

  /// The root of a configuration.
  init?(_ file: ConfigurationFile?) {
    guard let file else { return nil }
    self.init(path: file.path, key: "", value: file.document.root)
  }

  private init(path: String, key: String, value: JSONValue?) {
    self.path = path
    self.key = key
    self.value = value
  }

  /// The configuration file's name, for findings.
  var fileName: String { lastComponent(of: path) }

  /// Whether there is something other than `null`.
  var exists: Bool { value != nil }

  /// A member of this object.
  subscript(name: String) -> Setting {
    let member = value?[name]
    let isNull = member?.isNull ?? true
    return Setting(
      path: path, key: key.isEmpty ? name : key + "." + name, value: isNull ? nil : member)
  }

  /// A positive integer.
  func positive() throws(FamilyError) -> Int? {
    guard let value else { return nil }
    guard let number = value.int, number > 0 else {
      throw .invalidSetting(path: path, key: key, expected: "a positive integer")
    }
    return number
  }

  /// A finite number above zero.
  func positiveNumber() throws(FamilyError) -> Double? {
    guard let value else { return nil }
    guard let number = value.double, number > 0 else {
      throw .invalidSetting(path: path, key: key, expected: "a positive number")
    }
    return number
  }

  /// `true` or `false`.
  func bool() throws(FamilyError) -> Bool? {
    guard let value else { return nil }
    guard let bool = value.bool else {
      throw .invalidSetting(path: path, key: key, expected: "true or false")
    }
    return bool
  }

  /// A string.
  func string() throws(FamilyError) -> String? {
    guard let value else { return nil }
    guard let string = value.string else {
      throw .invalidSetting(path: path, key: key, expected: "a string")
    }
    return string
  }

  /// Three finite numbers, one a colour; `positive` asks for numbers above zero.
  func colours(positive: Bool) throws(FamilyError) -> [Double]? {
    guard let value else { return nil }
    let numbers = value.elements?.compactMap(\.double) ?? []
    guard value.count == 3, numbers.count == 3, !positive || numbers.allSatisfy({ $0 > 0 }) else {
      throw .invalidSetting(
        path: path, key: key, expected: positive ? "three positive numbers" : "three numbers")
    }
    return numbers
  }

  /// Throws unless the setting is absent or equal to what the tensors say.
  func check(_ expected: Int) throws(FamilyError) {
    if let found = try positive(), found != expected {
      throw .configurationMismatch(path: path, key: key, found: found, expected: expected)
    }
  }

  /// The case of an enumeration that a string names.
  func choice<Choice: RawRepresentable & CaseIterable>(
    _ type: Choice.Type
  ) throws(FamilyError) -> Choice? where Choice.RawValue == String {
    guard let name = try string() else { return nil }
    if let choice = Choice(rawValue: name) { return choice }
    throw unsupported(name, Choice.allCases.map(\.rawValue))
  }

  /// The error for a value that is understood and cannot be followed.
  func unsupported(_ found: String, _ supported: [String]) -> FamilyError {
    .unsupportedSetting(path: path, key: key, found: found, supported: supported)
  }

  /// Throws unless the setting is off (absent, `null`, `false`) or one of these strings.
  func check(supported: [String]) throws(FamilyError) {
    guard let value, value.bool != false else { return }
    let text =
      value.string ?? value.number ?? (value.bool == true ? "true" : "set")
    if value.string.map(supported.contains) ?? false { return }
    throw unsupported(text, supported.isEmpty ? ["null", "false"] : supported)
  }
}
