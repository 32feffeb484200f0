/// What a `.tcm` file says about itself; the messages of `Formats/tcm.proto` as Swift values.
public struct Manifest: Equatable, Sendable {
  /// What made the file, and of what.
  public var provenance: Provenance
  /// Extents of the file, in file order.
  public var sections: [Section]
  /// Weights, in file order.
  public var tensors: [TensorRecord]
  /// The text tower, if there is one.
  public var text: TextTowerRecord?
  /// The image tower, if there is one.
  public var image: ImageTowerRecord?
  /// The label bank, if there is one instead of towers or of a text tower.
  public var labels: LabelBankRecord?
  /// The factor of cosines before softmax.
  public var logitScale: Float
  /// SHA-256 over weights, vocabulary and protocol.
  public var identity: [UInt8]
  /// The quality report the file was accepted with.
  public var report: Report?

  /// An empty manifest, for a writer to fill.
  public init(provenance: Provenance) {
    self.provenance = provenance
    self.sections = []
    self.tensors = []
    self.logitScale = 100
    self.identity = []
  }

  /// Whether the file is a model, not a label bank alone.
  public var hasTower: Bool { text != nil || image != nil }
}

/// What made a file, and of what.
public struct Provenance: Equatable, Sendable {
  /// Name and version of the writing tool.
  public var tool: String
  /// The recipe's name.
  public var recipe: String
  /// The recipe itself, a line each; may be empty.
  public var recipeLines: [String]
  /// The files the weights came from.
  public var sources: [Source]
  /// What was assumed for lack of evidence, a sentence each.
  public var assumptions: [String]

  /// Puts a provenance together.
  public init(
    tool: String, recipe: String, recipeLines: [String] = [], sources: [Source],
    assumptions: [String]
  ) {
    self.tool = tool
    self.recipe = recipe
    self.recipeLines = recipeLines
    self.sources = sources
    self.assumptions = assumptions
  }

  /// A file that weights came from.
  public struct Source: Equatable, Sendable {
    /// The file's name without its folder.
    public var name: String
    /// Its size in bytes.
    public var byteCount: Int
    /// Its SHA-256.
    public var sha256: [UInt8]

    /// Puts a source together.
    public init(name: String, byteCount: Int, sha256: [UInt8]) {
      self.name = name
      self.byteCount = byteCount
      self.sha256 = sha256
    }
  }
}

/// An extent of the file with its own checksum.
public struct Section: Equatable, Sendable {
  /// What a section holds.
  public enum Kind: Int32, Sendable {
    /// Parts of tensors.
    case weights = 1
    /// The vocabulary, ready to use.
    case vocabulary = 2
  }

  /// What it holds.
  public var kind: Kind
  /// For messages, such as "image.layers.3".
  public var name: String
  /// First byte, a multiple of 65,536.
  public var offset: Int
  /// Bytes.
  public var byteCount: Int
  /// CRC-32C of the bytes.
  public var checksum: UInt32

  /// Puts a section together.
  public init(kind: Kind, name: String, offset: Int, byteCount: Int, checksum: UInt32) {
    self.kind = kind
    self.name = name
    self.offset = offset
    self.byteCount = byteCount
    self.checksum = checksum
  }
}

/// How the elements of a tensor are stored; the ids are frozen.
public enum Encoding: Int32, Sendable, CaseIterable {
  /// Binary32, row-major.
  case float32 = 1
  /// Binary16, row-major.
  case float16 = 2
  /// `N16K4` panels of signed bytes, one scale and one sum a row.
  case int8Row = 3
  /// Signed bytes, row-major, one scale a row.
  case int8Table = 4
  /// `N16K4` panels of 4-bit codes, a sub-scale for each 16 columns, one scale a row.
  case int4Group = 5

  /// The name in reports and messages.
  public var name: String {
    switch self {
    case .float32: "f32"
    case .float16: "f16"
    case .int8Row: "int8-row"
    case .int8Table: "int8-table"
    case .int4Group: "int4-group"
    }
  }
}

/// A tensor and where its parts lie.
public struct TensorRecord: Equatable, Sendable {
  /// What a part holds.
  public enum Role: Int32, Sendable {
    /// The elements.
    case values = 1
    /// One f32 scale a row.
    case rowScales = 2
    /// The i32 sum of each row's bytes.
    case rowSums = 3
    /// One f32 scale an input.
    case inputScales = 4
    /// One signed byte for each row and 16 columns.
    case subScales = 5
  }

  /// A run of bytes.
  public struct Part: Equatable, Sendable {
    /// What it holds.
    public var role: Role
    /// First byte in the file, a multiple of 64.
    public var offset: Int
    /// Bytes.
    public var byteCount: Int

    /// Puts a part together.
    public init(role: Role, offset: Int, byteCount: Int) {
      self.role = role
      self.offset = offset
      self.byteCount = byteCount
    }
  }

  /// The name, unique in the file.
  public var name: String
  /// How the elements are stored.
  public var encoding: Encoding
  /// One or two dimensions.
  public var shape: [Int]
  /// In the order of their roles.
  public var parts: [Part]

  /// Puts a record together.
  public init(name: String, encoding: Encoding, shape: [Int], parts: [Part]) {
    self.name = name
    self.encoding = encoding
    self.shape = shape
    self.parts = parts
  }

  /// The part of a role, if there is one.
  public func part(_ role: Role) -> Part? {
    for part in parts where part.role == role { return part }
    return nil
  }
}

/// The quality report a file was accepted with.
public struct Report: Equatable, Sendable {
  /// The identity it was made for.
  public var identity: [UInt8]
  /// The numerics version it was made under.
  public var numericsVersion: UInt32
  /// UTF-8 JSON.
  public var text: [UInt8]

  /// Puts a report together.
  public init(identity: [UInt8], numericsVersion: UInt32, text: [UInt8]) {
    self.identity = identity
    self.numericsVersion = numericsVersion
    self.text = text
  }
}
