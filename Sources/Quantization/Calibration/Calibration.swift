/// What the matrices of a model were given when it ran on sample data.
public struct Calibration: Sendable {
  /// Pictures it ran on.
  public let pictures: Int
  /// Texts it ran on.
  public let texts: Int
  /// What tells it from others: a digest of the model, the pictures and the texts.
  public let identity: [UInt8]
  /// By the name of the matrix, as the `.tcm` has it.
  public let inputs: [String: InputStatistics]

  /// Puts the values together.
  ///
  /// - Parameters:
  ///   - pictures: Pictures the model ran on.
  ///   - texts: Texts the model ran on.
  ///   - identity: What tells it from others.
  ///   - inputs: By the name of the matrix.
  public init(
    pictures: Int, texts: Int, identity: [UInt8], inputs: [String: InputStatistics]
  ) {
    self.pictures = pictures
    self.texts = texts
    self.identity = identity
    self.inputs = inputs
  }

  /// One line for people.
  public var description: String { "calibrated on \(pictures) pictures and \(texts) texts" }
}

extension Recipe {
  /// The recipe as a file keeps it: its text and, as a comment, what was calibrated on.
  public func lines(_ calibration: Calibration?) -> [String] {
    lines + (calibration.map { ["# " + $0.description] } ?? [])
  }
}
