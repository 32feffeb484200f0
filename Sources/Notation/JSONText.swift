internal import TensorCore

/// Builds JSON text for `--json`; keys are written in the order they are given.
public enum JSONText: Sendable {
  /// A string.
  case string(String)
  /// An integer.
  case integer(Int)
  /// A number in shortest round-trip form.
  case float(Float)
  /// The same in double precision.
  case double(Double)
  /// A number as it is written.
  case number(String)
  /// A truth value.
  case bool(Bool)
  /// Nothing.
  case null
  /// Values in order.
  case array([JSONText])
  /// Members in order.
  case object([(String, JSONText)])

  /// The text, without white space.
  public var text: String {
    switch self {
    case .string(let value): return quoted(value)
    case .integer(let value): return String(value)
    case .float(let value): return value.isFinite ? value.description : "null"
    case .double(let value): return value.isFinite ? value.description : "null"
    case .number(let digits): return digits
    case .null: return "null"
    case .bool(let value): return value ? "true" : "false"
    case .array(let values): return "[" + values.map { $0.text }.joined(separator: ",") + "]"
    case .object(let members):
      return "{" + members.map { quoted($0) + ":" + $1.text }.joined(separator: ",") + "}"
    }
  }

  private func quoted(_ value: String) -> String {
    var result = "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where isControl(scalar):
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
