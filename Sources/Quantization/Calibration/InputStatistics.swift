public import TensorCore

/// What a matrix was given when the float model ran on sample data.
public struct InputStatistics: Sendable {
  /// The largest magnitude of each input.
  public let ranges: Block<Float>
  /// Means of products of two inputs, the upper triangle row by row: K·(K + 1)/2 elements for K inputs.
  public let moments: Block<Float>
  /// Some of the inputs, `[samples, K]`.
  public let samples: Block<Float>

  /// Puts the parts together; sizes that do not fit are misuse and trap.
  ///
  /// - Parameters:
  ///   - ranges: One an input.
  ///   - moments: K·(K + 1)/2 elements.
  ///   - samples: Whole rows of K elements.
  public init(ranges: Block<Float>, moments: Block<Float>, samples: Block<Float>) {
    let columns = ranges.count
    precondition(columns > 0 && moments.count == columns * (columns + 1) / 2, "sizes fit")
    precondition(samples.count % columns == 0, "samples are whole rows")
    self.ranges = ranges
    self.moments = moments
    self.samples = samples
  }

  /// K.
  public var columns: Int { ranges.count }

  /// The mean square of each input.
  public var meanSquares: [Float] {
    var place = 0
    return (0..<columns).map { column in
      let square = moments[place]
      place += columns - column
      return square
    }
  }
}
