import Foundation
import TensorCore
import TestSupport
import Testing

@Suite struct MemoryTests {
  @Test func typedViews() throws {
    let memory = try Memory(byteCount: 24)
    #expect(memory.byteCount == 24)
    let words = memory.mutableBlock(at: 0, count: 6, of: UInt32.self)
    words.fill(with: 7)
    words[1] = 0x0403_0201
    #expect(words.array == [7, 0x0403_0201, 7, 7, 7, 7])
    #expect(memory.block(at: 4, count: 4, of: UInt8.self).array == [1, 2, 3, 4])
    #expect(memory.block(at: 8, count: 2, of: UInt64.self).array == [0x7_0000_0007, 0x7_0000_0007])
    #expect(memory.block(at: 24, count: 0, of: UInt64.self).count == 0)
    #expect(words.bytes.count == 24 && words.readOnly.bytes[4] == 1)
  }

  @Test func slices() throws {
    let block = try MutableBlock<Int16>(copying: [10, 11, 12, 13])
    #expect(block[1..<3].array == [11, 12])
    #expect(block.readOnly[1..<3][1..<2].array == [12])
    #expect(block[4..<4].array.isEmpty)
    block[1..<3][0] = -1
    #expect(block.array == [10, -1, 12, 13])
    #expect(block.readOnly[2] == 12)
  }

  /// A view keeps the memory it shows.
  @Test func viewsOutliveTheirOwner() throws {
    let blocks = try (0..<50).map { try MutableBlock<Int>(copying: [$0, $0 * $0]).readOnly[1..<2] }
    #expect(blocks.map { $0[0] } == (0..<50).map { $0 * $0 })
  }

  @Test func emptyMemory() throws {
    #expect(try Memory(byteCount: 0).block(at: 0, count: 0, of: Double.self).array.isEmpty)
    #expect(try MutableBlock<Float>(allocating: 0).array.isEmpty)
  }

  @Test func tooLarge() {
    #expect(throws: SystemError.outOfMemory) { try Memory(byteCount: .max / 2) }
    #expect(throws: SystemError.outOfMemory) { try MutableBlock<Double>(allocating: .max / 4) }
    #expect(SystemError.outOfMemory.description == "Cannot allocate memory")
  }

  @Test func mappedFile() throws {
    try Fixture.withFolder { folder in
      let path = folder + "/eight"
      try Data([1, 0, 0, 0, 2, 0, 0, 0]).write(to: URL(fileURLWithPath: path))
      let memory = try InputFile(path: path).map()
      try FileManager.default.removeItem(atPath: path)
      #expect(memory.block(at: 0, count: 2, of: UInt32.self).array == [1, 2])
    }
  }
}
