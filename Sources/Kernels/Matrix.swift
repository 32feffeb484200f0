public import TensorCore

/// A weight matrix W[rows, columns] where it lies in a mapped file, in the layout the kernels read.
///
/// `rows` is the number of outputs N, `columns` the number of inputs K.
public struct Matrix: Sendable {
  /// The elements and what belongs to them.
  public enum Storage: Sendable {
    /// Row-major binary32.
    case float32(Block<Float>)
    /// Row-major binary16, as bit patterns.
    case float16(Block<UInt16>)
    /// `N16K4` panels of signed bytes.
    case int8(Int8Panels)
    /// `N16K4` panels of 4-bit codes with a sub-scale for each 16 columns.
    case int4(Int4Panels)
  }

  /// Number of outputs N.
  public let rows: Int
  /// Number of inputs K.
  public let columns: Int
  /// The elements.
  public let storage: Storage

  /// Puts a matrix together; sizes that do not fit are misuse and trap.
  ///
  /// - Parameters:
  ///   - rows: Number of outputs N.
  ///   - columns: Number of inputs K.
  ///   - storage: Elements for exactly this shape.
  public init(rows: Int, columns: Int, storage: Storage) {
    let count: Int
    let expected: Int
    switch storage {
    case .float32(let block): (count, expected) = (block.count, rows * columns)
    case .float16(let block): (count, expected) = (block.count, rows * columns)
    case .int8(let panels):
      let lanes = (rows + 15) / 16 * 16
      (count, expected) = (panels.values.count, lanes * ((columns + 3) / 4 * 4))
      precondition(panels.scales.count == lanes && panels.sums.count == lanes, "one scale a row")
      precondition(panels.inputScales.map { $0.count == columns } ?? true, "one scale an input")
    case .int4(let panels):
      let lanes = (rows + 15) / 16 * 16
      (count, expected) = (panels.codes.count * 2, lanes * columns)
      precondition(columns % 16 == 0, "16 columns share a sub-scale")
      precondition(panels.scales.count == lanes, "one scale a row")
      precondition(panels.subScales.count * 16 == lanes * columns, "one sub-scale a group")
      precondition(panels.inputScales.map { $0.count == columns } ?? true, "one scale an input")
    }
    precondition(count == expected, "the elements of a matrix fill its shape")
    self.rows = rows
    self.columns = columns
    self.storage = storage
  }

  /// Whether activations are quantized before they are multiplied with it.
  public var isQuantized: Bool {
    switch storage {
    case .int8, .int4: true
    case .float32, .float16: false
    }
  }
}

/// A matrix of signed bytes in panels of 16 rows and 4 columns, with what turns it back into numbers.
public struct Int8Panels: Sendable {
  /// `[ceil(N/16)][ceil(K/4)][16][4]`, padded with zeros.
  public let values: Block<Int8>
  /// One scale a row, N rounded up to 16.
  public let scales: Block<Float>
  /// The sum of each row's bytes, N rounded up to 16.
  public let sums: Block<Int32>
  /// What activations are multiplied by before they are quantized, one an input, or none.
  public let inputScales: Block<Float>?

  /// Puts the parts together.
  ///
  /// - Parameters:
  ///   - values: The panels.
  ///   - scales: One a row, N rounded up to 16.
  ///   - sums: One a row, N rounded up to 16.
  ///   - inputScales: One an input, or none.
  public init(
    values: Block<Int8>, scales: Block<Float>, sums: Block<Int32>, inputScales: Block<Float>?
  ) {
    self.values = values
    self.scales = scales
    self.sums = sums
    self.inputScales = inputScales
  }
}

/// A matrix of 4-bit codes in panels of 16 rows and 4 columns.
///
/// A code stands for one of 16 numbers, which a sub-scale for
/// each 16 columns and a scale a row multiply. `Formats/tcm.md` §5 has the layout.
public struct Int4Panels: Sendable {
  /// `[ceil(N/16)][K/4][32]`: byte i of a step holds value i in its low and value i + 32 in its high half.
  public let codes: Block<UInt8>
  /// One scale a row, N rounded up to 16.
  public let scales: Block<Float>
  /// `[ceil(N/16)][K/16][16]`.
  public let subScales: Block<Int8>
  /// What activations are multiplied by before they are quantized, one an input, or none.
  public let inputScales: Block<Float>?

  /// Puts the parts together.
  ///
  /// - Parameters:
  ///   - codes: The panels.
  ///   - scales: One a row, N rounded up to 16.
  ///   - subScales: One a row and 16 columns.
  ///   - inputScales: One an input, or none.
  public init(
    codes: Block<UInt8>, scales: Block<Float>, subScales: Block<Int8>, inputScales: Block<Float>?
  ) {
    self.codes = codes
    self.scales = scales
    self.subScales = subScales
    self.inputScales = inputScales
  }
}

/// A table whose rows are looked up, for example word embeddings: `[rows, columns]`, row-major.
public struct Table: Sendable {
  /// The elements and what belongs to them.
  public enum Storage: Sendable {
    /// Binary32.
    case float32(Block<Float>)
    /// Binary16, as bit patterns.
    case float16(Block<UInt16>)
    /// Signed bytes with one scale a row.
    case int8(values: Block<Int8>, scales: Block<Float>)
  }

  /// Number of rows.
  public let rows: Int
  /// Elements a row.
  public let columns: Int
  /// The elements.
  public let storage: Storage

  /// Puts a table together; sizes that do not fit are misuse and trap.
  ///
  /// - Parameters:
  ///   - rows: Number of rows.
  ///   - columns: Elements a row.
  ///   - storage: Elements for exactly this shape.
  public init(rows: Int, columns: Int, storage: Storage) {
    let count: Int
    switch storage {
    case .float32(let block): count = block.count
    case .float16(let block): count = block.count
    case .int8(let values, let scales):
      precondition(scales.count == rows, "one scale a row")
      count = values.count
    }
    precondition(count == rows * columns, "the elements of a table fill its shape")
    self.rows = rows
    self.columns = columns
    self.storage = storage
  }
}
