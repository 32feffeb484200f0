extension JSONText {
  /// The text of a parsed value; numbers keep their digits.
  ///
  /// - Parameter value: Nested at most as deep as its document allowed.
  public init(_ value: JSONValue) {
    if let text = value.string {
      self = .string(text)
    } else if let number = value.number {
      self = .number(number)
    } else if let truth = value.bool {
      self = .bool(truth)
    } else if let elements = value.elements {
      self = .array(elements.map { JSONText($0) })
    } else if let members = value.members {
      self = .object(members.map { ($0.key, JSONText($0.value)) })
    } else {
      self = .null
    }
  }
}
