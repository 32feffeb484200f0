public import Checkpoints
internal import Notation
public import TensorCore

/// Why a checkpoint is no tower that can be converted.
public enum FamilyError: Error, Equatable, Sendable {
  /// An input could not be read while looking at values.
  case checkpoint(CheckpointError)
  /// No family of the towers that are wanted fits; a few of the names found.
  case unrecognised(path: String, wanted: Set<TowerKind>, tensors: [String])
  /// A family that is known and not supported, and why.
  case unsupported(path: String, family: String, reason: String)
  /// A tensor of the family is not there.
  case missingTensor(path: String, tensor: String, family: String)
  /// A tensor is there that the family does not have, so the model computes something else.
  case unexpectedTensor(path: String, tensor: String, family: String)
  /// A tensor has other dimensions than the family and the other tensors ask for.
  case wrongShape(path: String, tensor: String, found: [Int], expected: [ExpectedSize])
  /// A weight is not a float.
  case wrongElementType(path: String, tensor: String, found: ElementType)
  /// One tensor is there under its name of today and that of old files.
  case twoNames(path: String, first: String, second: String)
  /// The numbers of the blocks have a gap.
  case missingLayer(path: String, prefix: String, layer: Int, highest: Int)
  /// The position table is not one class token and a square of patches.
  case notSquare(path: String, tensor: String, positions: Int)
  /// Nothing tells how many attention heads there are.
  case headsUnknown(path: String, tower: TowerKind, width: Int)
  /// The number of heads does not divide the width.
  case headsDoNotDivide(path: String, heads: Int, width: Int)
  /// Nothing tells which activation the image tower was trained with.
  case activationUnknown(path: String)
  /// More tokens were asked for than there are positions, or fewer than two.
  case invalidContextLength(path: String, asked: Int, positions: Int)
  /// A configuration contradicts the tensors.
  case configurationMismatch(path: String, key: String, found: Int, expected: Int)
  /// A setting in a configuration has the wrong form.
  case invalidSetting(path: String, key: String, expected: String)
  /// A setting in a configuration is understood and not supported.
  case unsupportedSetting(path: String, key: String, found: String, supported: [String])
  /// The logit scale is no finite scalar.
  case invalidLogitScale(path: String, tensor: String)
  /// Two inputs hold a tower of one kind.
  case twoTowers(TowerKind, first: String, second: String)
}

/// One dimension in an error: a number, or the name of a size that nothing else fixes.
public enum ExpectedSize: Equatable, Sendable, CustomStringConvertible {
  /// Exactly this.
  case exactly(Int)
  /// Any size; what it means.
  case any(String)

  /// The number or the name.
  public var description: String {
    switch self {
    case .exactly(let number): String(number)
    case .any(let name): name
    }
  }
}

extension FamilyError: CustomStringConvertible {
  /// One sentence naming the file, the place, what was found and what was expected.
  public var description: String {
    switch self {
    case .checkpoint(let error): error.description
    case .unrecognised(let path, let wanted, let tensors):
      "\(printable(path)): no \(wanted.count == 1 ? wanted.map(\.rawValue)[0] + " " : "")tower is "
        + "recognised; the tensors are called "
        + tensors.map { "\"\(printable($0))\"" }.joined(separator: ", ") + ", …"
    case .unsupported(let path, let family, let reason):
      "\(printable(path)): this is \(family), which is not supported: \(reason)"
    case .missingTensor(let path, let tensor, let family):
      "\(printable(path)): tensor \"\(printable(tensor))\" of the \(family) is missing"
    case .unexpectedTensor(let path, let tensor, let family):
      "\(printable(path)): tensor \"\(printable(tensor))\" is not part of a \(family) "
        + "as it is supported"
    case .wrongShape(let path, let tensor, let found, let expected):
      "\(printable(path)): tensor \"\(printable(tensor))\": shape \(found), expected ["
        + expected.map(\.description).joined(separator: ", ") + "]"
    case .wrongElementType(let path, let tensor, let found):
      "\(printable(path)): tensor \"\(printable(tensor))\": element type \(found.name), "
        + "expected a float type"
    case .twoNames(let path, let first, let second):
      "\(printable(path)): tensors \"\(printable(first))\" and \"\(printable(second))\" "
        + "are two names of one tensor"
    case .missingLayer(let path, let prefix, let layer, let highest):
      "\(printable(path)): \"\(printable(prefix))\(layer)\" is missing, "
        + "but there is a \"\(printable(prefix))\(highest)\""
    case .notSquare(let path, let tensor, let positions):
      "\(printable(path)): tensor \"\(printable(tensor))\": \(positions) positions "
        + "are not 1 and a square"
    case .headsUnknown(let path, let tower, let width):
      "\(printable(path)): the number of attention heads of the \(tower.rawValue) tower "
        + "(\(width) wide) is not known; give it with --\(tower.rawValue)-heads"
    case .headsDoNotDivide(let path, let heads, let width):
      "\(printable(path)): \(heads) attention heads do not divide the width \(width)"
    case .activationUnknown(let path):
      "\(printable(path)): nothing tells whether the image tower was trained with QuickGELU "
        + "(OpenAI's weights) or GELU (most others); say --activation quickgelu or "
        + "--activation gelu"
    case .invalidContextLength(let path, let asked, let positions):
      "\(printable(path)): a context of \(asked) tokens is not possible, "
        + "the position table allows 2 to \(positions)"
    case .configurationMismatch(let path, let key, let found, let expected):
      "\(printable(path)): \(key) is \(found), but the tensors say \(expected)"
    case .invalidSetting(let path, let key, let expected):
      "\(printable(path)): \(key) is not \(expected)"
    case .unsupportedSetting(let path, let key, let found, let supported):
      "\(printable(path)): \(key) is \(printable(found)), supported: "
        + supported.joined(separator: ", ")
    case .invalidLogitScale(let path, let tensor):
      "\(printable(path)): tensor \"\(printable(tensor))\" is not one finite number"
    case .twoTowers(let kind, let first, let second):
      "two \(kind.rawValue) towers, in \(printable(first)) and in \(printable(second)); "
        + "one is expected"
    }
  }
}
