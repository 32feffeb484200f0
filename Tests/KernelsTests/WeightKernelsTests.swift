import Kernels
import TensorCore
import Testing

@Suite struct WeightKernelsTests {
  private func floats(_ patterns: [UInt16], _ type: ElementType) throws -> [Float] {
    let y = try MutableBlock<Float>(allocating: patterns.count)
    WeightKernels.toFloat32(try MutableBlock(copying: patterns).readOnly.bytes, type, into: y)
    return y.array
  }

  private func halves(_ values: [Float]) throws -> [UInt16] {
    let y = try MutableBlock<UInt16>(allocating: values.count)
    WeightKernels.toFloat16(try MutableBlock(copying: values).readOnly, into: y)
    return y.array
  }

  private func isFinite(_ values: [Float]) throws -> Bool {
    WeightKernels.firstNonFinite(try MutableBlock(copying: values).readOnly) == nil
  }

  private static let patterns = (0...UInt16.max).map { $0 }

  @Test func everyFloat16() throws {
    let found = try floats(Self.patterns, .float16)
    for (pattern, value) in zip(Self.patterns, found) {
      let expected = Float(Float16(bitPattern: pattern))
      if expected.isNaN {
        #expect(value.isNaN)
      } else if value.bitPattern != expected.bitPattern {
        Issue.record("pattern \(pattern) became \(value), not \(expected)")
      }
    }
    let numbers = try MutableBlock(copying: found.filter { !$0.isNaN })
    let checksum = try ReferenceGolden.load().float16.toFloat32
    #expect(WeightKernels.crc32c(numbers.readOnly.bytes) == checksum)
    let notNaN = Self.patterns.filter { $0 & 0x7FFF <= 0x7C00 }
    #expect(try halves(numbers.array) == notNaN)
  }

  @Test func everyBFloat16() throws {
    let found = try floats(Self.patterns, .bfloat16)
    #expect(found.map(\.bitPattern) == Self.patterns.map { UInt32($0) << 16 })
  }

  /// Halfway between neighbours and beside it, from zero over the subnormals to overflow.
  @Test func roundingToFloat16() throws {
    let positive = (0..<UInt16(0x7C00)).map { Float(Float16(bitPattern: $0)) } + [65536]
    let around = zip(positive.dropFirst(), positive).flatMap { pair in
      let middle = (pair.0 + pair.1) / 2
      return [middle.nextDown, middle, middle.nextUp]
    }
    let values = around + around.map { -$0 }
    let found = try halves(values)
    let wrong = zip(values, found).first { Float16($0).bitPattern != $1 }
    #expect(wrong == nil)
    let checksum = try ReferenceGolden.load().float16.fromFloat32
    #expect(WeightKernels.crc32c(try MutableBlock(copying: found).readOnly.bytes) == checksum)
    #expect(
      try halves([65519.996, 65520, 1e30, .infinity, -.infinity, 0x1p-25, 0x1.000002p-25, 0x1p-133])
        == [0x7BFF, 0x7C00, 0x7C00, 0x7C00, 0xFC00, 0, 1, 0])
    #expect(try halves([.nan, -.nan]).allSatisfy { $0 & 0x7FFF == 0x7E00 })
  }

  @Test func doublesAndFloats() throws {
    let doubles = try MutableBlock<Double>(copying: [1 + 0x1p-24, 1 + 0x1.8p-23, -0.1, 1e300])
    let y = try MutableBlock<Float>(allocating: 4)
    WeightKernels.toFloat32(doubles.readOnly.bytes, .float64, into: y)
    #expect(y.array == [1, 1 + 0x1p-22, -0.1, .infinity])
    let floats = try MutableBlock<Float>(copying: [1, -2.5, 0x1p-140, 3e38])
    WeightKernels.toFloat32(floats.readOnly.bytes, .float32, into: y)
    #expect(y.array == floats.array)
  }

  /// Elements of a file begin anywhere.
  @Test func anyAddress() throws {
    func converted(_ values: [some Any], _ type: ElementType, at offset: Int) throws -> [Float] {
      let bytes = unsafe values.withUnsafeBytes { unsafe [UInt8]($0) }
      let block = try MutableBlock<UInt8>(
        copying: [UInt8](repeating: 0, count: offset) + bytes)
      let y = try MutableBlock<Float>(allocating: values.count)
      WeightKernels.toFloat32(block.readOnly[offset..<offset + bytes.count], type, into: y)
      return y.array
    }
    let numbers = (0..<40).map { Float($0) / 4 - 3 }
    for offset in 0..<8 {
      #expect(try converted(numbers, .float32, at: offset) == numbers)
      #expect(try converted(numbers.map(Double.init), .float64, at: offset) == numbers)
      #expect(try converted(numbers.map { Float16($0) }, .float16, at: offset) == numbers)
      let halves = numbers.map { UInt16($0.bitPattern >> 16) }
      #expect(try converted(halves, .bfloat16, at: offset) == numbers)
    }
  }

  @Test func nonFinite() throws {
    #expect(try isFinite([]))
    #expect(try isFinite([0, -0.0, .greatestFiniteMagnitude, -.leastNonzeroMagnitude]))
    for value in [Float.infinity, -.infinity, .nan, -.signalingNaN] {
      for index in [0, 1, 4095, 4096, 8191, 9000] {
        let x = try MutableBlock<Float>(allocating: 9001)
        x.fill(with: 1)
        x[index] = value
        #expect(WeightKernels.firstNonFinite(x.readOnly) == index)
        x[index == 9000 ? 0 : 9000] = value
        #expect(WeightKernels.firstNonFinite(x.readOnly) == min(index, index == 9000 ? 0 : 9000))
      }
    }
  }

  @Test func exactInFloat16() throws {
    func isExact(_ x: [Float]) throws -> Bool {
      WeightKernels.isExactInFloat16(try MutableBlock(copying: x).readOnly)
    }
    #expect(try isExact([0, -0.0, 65504, -0x1p-24, 0x1.ffcp-1, 0x1p-14]))
    for value: Float in [65505, 65536, 0x1p-25, 0x1.8p-24, 1 + 0x1p-11, .infinity, .nan, 0x1p-133] {
      #expect(try !isExact([1, value]), "\(value)")
    }
  }

  @Test func columnMaxima() throws {
    let columns = try MutableBlock<Float>(copying: [0, 5, 0.5])
    let x = try MutableBlock<Float>(copying: [1, -2, 0.25, -3, 4, -0.0]).readOnly
    WeightKernels.columnMaxima(x, into: columns)
    #expect(columns.array == [3, 5, 0.5])
  }

  /// Ties go to even, the largest magnitude becomes 127, zero rows get scale 1.
  @Test(arguments: Configuration.all)
  func quantizedTable(_ configuration: Configuration) throws {
    let engine = try configuration.engine()
    let rows = 130
    let w = try MutableBlock<Float>(allocating: rows * 5)
    for row in 0..<rows {
      for (column, value) in [Float(-127), 2.5, 0.5, -1.5, 126.4].enumerated() {
        w[row * 5 + column] = row % 13 == 0 ? 0 : value * Float(row)
      }
    }
    let values = try MutableBlock<Int8>(allocating: rows * 5)
    let scales = try MutableBlock<Float>(allocating: rows)
    engine.quantizeTable(w.readOnly, columns: 5, values: values, scales: scales)
    for row in 0..<rows {
      #expect(scales[row] == (row % 13 == 0 ? 1 : Float(row)))
    }
    for row in [1, 2, 4, 8, 16, 32, 64, 128] {
      #expect(values[row * 5..<row * 5 + 5].array == [-127, 2, 0, -2, 126])
    }
    #expect(values[65 * 5..<66 * 5].array == [0, 0, 0, 0, 0])
  }

  /// The vectors of RFC 3720, appendix B.4, and the customary check value.
  @Test func crc32cVectors() {
    #expect(WeightKernels.crc32c([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
    #expect(WeightKernels.crc32c([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
    #expect(WeightKernels.crc32c([UInt8](0..<32)) == 0x46DD_794E)
    #expect(WeightKernels.crc32c([UInt8]((0..<32).reversed())) == 0x113F_DB5C)
    #expect(WeightKernels.crc32c([UInt8]("123456789".utf8)) == 0xE306_9283)
    #expect(WeightKernels.crc32c([]) == 0)
  }

  /// The table is shared by all threads.
  @Test func crc32cConcurrently() async {
    let bytes = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 * $0 * 7 + 3) }
    let expected = WeightKernels.crc32c(bytes)
    await withTaskGroup(of: UInt32.self) { group in
      for _ in 0..<8 { group.addTask { KernelProbe.crc32cScalar(bytes) } }
      for await found in group { #expect(found == expected) }
    }
  }

  @Test func crc32cImplementationsAgree() throws {
    let bytes = (0..<120).map { UInt8(truncatingIfNeeded: $0 * $0 * 7 + 3) }
    let block = try MutableBlock(copying: bytes).readOnly
    for offset in 0...9 {
      for length in 0...100 {
        let expected = KernelProbe.crc32cScalar([UInt8](bytes[offset..<offset + length]))
        let found = WeightKernels.crc32c(block[offset..<offset + length])
        #expect(found == expected, "\(length) bytes at \(offset)")
        let split = offset + length / 3
        let first = WeightKernels.crc32c(block[offset..<split])
        let both = WeightKernels.crc32c(block[split..<offset + length], continuing: first)
        #expect(both == expected, "\(length) bytes at \(offset) in two parts")
      }
    }
  }
}
