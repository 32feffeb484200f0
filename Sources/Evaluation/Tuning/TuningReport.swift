/// How a mixture of 4 and 8 bits was found.
public struct TuningReport: Sendable {
  /// Units in the order they go to 4 bits: those that save most for what they cost first.
  public var units: [Unit]
  /// Mixtures that were measured, by size.
  public var points: [Point]
  /// What the model was calibrated on, a sentence.
  public var calibration: String

  /// What of a model is stored in 4 or 8 bits by itself.
  public struct Unit: Sendable {
    /// For example `image.layers.3.mlp.up`.
    public var name: String
    /// Bytes that 4 bits save.
    public var saving: Int
    /// Root of the mean squared change of cosines between texts and pictures when it alone has 4 bits.
    public var effect: Double
    /// Whether the file has it in 4 bits; both ends of a tower: in 8 instead of 16.
    public var isSmall: Bool
  }

  /// A mixture that was measured.
  public struct Point: Sendable {
    /// How many units, in their order, have 4 bits.
    public var units: Int
    /// The size of the file.
    public var byteCount: Int
    /// The worst drop of the figures that decide, 0 to 1.
    public var drop: Double
    /// Its bounds.
    public var bounds: Bounds
    /// The verdict over all figures.
    public var verdict: Verdict
    /// Whether it became the file.
    public var isChosen: Bool
  }
}
