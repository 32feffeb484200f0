public import TensorCore

/// A tensor of a checkpoint: everything but its values.
public struct TensorInfo: Equatable, Sendable {
  /// The name, as the file spells it.
  public let name: String
  /// How its elements are stored.
  public let elementType: ElementType
  /// The dimensions, outermost first; empty for a scalar.
  ///
  /// Elements are stored row by row.
  public let shape: [Int]
  /// The size in bytes.
  public let byteCount: Int

  /// Describes a tensor.
  ///
  /// - Parameters:
  ///   - name: The name.
  ///   - elementType: How elements are stored.
  ///   - shape: The dimensions, not negative.
  ///   - byteCount: The product of the dimensions times the element's size.
  public init(name: String, elementType: ElementType, shape: [Int], byteCount: Int) {
    self.name = name
    self.elementType = elementType
    self.shape = shape
    self.byteCount = byteCount
  }
}
