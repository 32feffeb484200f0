internal import TensorCore

/// Which pixel of the source each output is a copy of, where Pillow does not interpolate (modes "P"
/// and "1").
///
/// Source: `ImagingScaleAffine` in Pillow's `src/libImaging/Geometry.c`, which adds the step up
/// pixel by pixel; so does this, for the same rounding errors.
struct NearestAxis {
  private var places = GrowingBlock<Int32>()

  /// Computes the places of outputs `window` when `inputSize` pixels become `outputSize`.
  ///
  /// - Parameters:
  ///   - inputSize: Pixels of the source along this axis.
  ///   - outputSize: Pixels of the whole result.
  ///   - window: The outputs that are wanted, inside `0..<outputSize`.
  /// - Returns: One place an output, -1 where the sum has run over the edge and Pillow leaves zero.
  /// - Throws: `SystemError.outOfMemory`.
  mutating func prepare(
    inputSize: Int, outputSize: Int, window: Range<Int>
  ) throws(SystemError) -> Block<Int32> {
    let places = try self.places.take(window.count)
    let step = Double(inputSize) / Double(outputSize)
    var position = step * 0.5
    for _ in 0..<window.lowerBound { position += step }
    for index in 0..<window.count {
      let place = Int32(position)
      places[index] = place < inputSize ? place : -1
      position += step
    }
    return places.readOnly
  }
}
