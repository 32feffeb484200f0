import Foundation
import TensorCore
import TestSupport
import Testing

/// Views and indices outside their memory trap.
@Suite struct MemoryMisuseTests {
  @Test func blocksOutside() async {
    await #expect(processExitsWith: .failure) {
      _ = try Memory(byteCount: 16).block(at: 8, count: 3, of: UInt32.self)
    }
    await #expect(processExitsWith: .failure) {
      _ = try Memory(byteCount: 16).block(at: -4, count: 1, of: UInt32.self)
    }
    await #expect(processExitsWith: .failure) {
      _ = try Memory(byteCount: 16).block(at: 20, count: 0, of: UInt32.self)
    }
    await #expect(processExitsWith: .failure) {
      _ = try Memory(byteCount: 16).block(at: 0, count: -1, of: UInt32.self)
    }
  }

  @Test func sizesThatOverflow() async {
    await #expect(processExitsWith: .failure) {
      _ = try Memory(byteCount: 16).block(at: 0, count: .max / 2, of: UInt64.self)
    }
    await #expect(processExitsWith: .failure) { _ = try Memory(byteCount: -1) }
  }

  @Test func unalignedBlock() async {
    await #expect(processExitsWith: .failure) {
      _ = try Memory(byteCount: 16).mutableBlock(at: 2, count: 1, of: UInt32.self)
    }
  }

  @Test func indicesOutside() async {
    await #expect(processExitsWith: .failure) {
      _ = try MutableBlock<Int8>(copying: [1, 2]).readOnly[2]
    }
    await #expect(processExitsWith: .failure) {
      _ = try MutableBlock<Int8>(copying: [1, 2])[-1]
    }
    await #expect(processExitsWith: .failure) {
      let block = try MutableBlock<Int8>(copying: [1, 2])
      block[2] = 0
    }
  }

  @Test func slicesOutside() async {
    await #expect(processExitsWith: .failure) {
      _ = try MutableBlock<Int8>(copying: [1, 2]).readOnly[1..<3]
    }
    await #expect(processExitsWith: .failure) {
      _ = try MutableBlock<Int8>(copying: [1, 2])[-1..<1]
    }
    // A slice cannot reach past its own end, though the memory goes on.
    await #expect(processExitsWith: .failure) {
      _ = try MutableBlock<Int8>(copying: [1, 2, 3])[0..<2][2]
    }
  }

  @Test func mappedMemoryIsNotWritable() async {
    await #expect(processExitsWith: .failure) {
      let path = Fixture.path("kernels/numerics.json")
      _ = try InputFile(path: path).map().mutableBlock(at: 0, count: 1, of: UInt8.self)
    }
  }
}
