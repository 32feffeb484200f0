import Foundation
import TensorCore
import TestSupport
import Testing

@testable import Evaluation

@Suite struct EmbeddingStoreTests {
  private let key = [UInt8](repeating: 7, count: 32)

  private func rows(_ range: Range<Int>) throws -> Block<Float> {
    try MutableBlock(copying: range.flatMap { [Float($0), Float($0) + 0.5, -Float($0)] }).readOnly
  }

  @Test func rowsComeBack() throws {
    try Fixture.withFolder { folder in
      let store = try EmbeddingStore(path: folder + "/s", key: key, width: 3, total: 70)
      try store.append(try rows(0..<1))
      try store.append(try rows(1..<50))
      #expect(try store.rows(0..<50).readOnly.array == rows(0..<50).array)
      try store.append(try rows(50..<70))
      #expect(try store.rows(31..<66).readOnly.array == rows(31..<66).array)
      let size = try Fixture.bytes(folder + "/s").count
      #expect(size == EmbeddingStore.fileSize(width: 3, total: 70) && size == 64 + 3 * 8 + 70 * 12)
    }
  }

  /// Wherever a crash cuts the file, whole blocks stay and the rest is made again.
  @Test func everyTruncationIsContinued() throws {
    try Fixture.withFolder { folder in
      let path = folder + "/s"
      do {
        let store = try EmbeddingStore(path: path, key: key, width: 3, total: 70)
        try store.append(try rows(0..<70))
      }
      let whole = try Fixture.bytes(path)
      let block = 8 + 32 * 12
      for length in stride(from: 0, through: whole.count, by: 37) {
        try Data(whole[..<length]).write(to: URL(fileURLWithPath: path))
        let store = try EmbeddingStore(path: path, key: key, width: 3, total: 70)
        let expected = length < 64 ? 0 : min((length - 64) / block, 2) * 32
        #expect(store.count == (length == whole.count ? 70 : expected))
        try store.append(try rows(store.count..<70))
        #expect(try Fixture.bytes(path) == whole)
      }
    }
  }

  @Test func damageIsNotRead() throws {
    try Fixture.withFolder { folder in
      let path = folder + "/s"
      do {
        let store = try EmbeddingStore(path: path, key: key, width: 3, total: 70)
        try store.append(try rows(0..<70))
      }
      let whole = try Fixture.bytes(path)
      for (index, expected) in [
        (64 + 8 + 5, 0), (64 + 8 + 384 + 20, 32), (64 + 2 * 392 + 9, 64), (3, 0),
      ] {
        var bytes = whole
        bytes[index] ^= 1
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        #expect(try EmbeddingStore(path: path, key: key, width: 3, total: 70).count == expected)
      }
      let other = [UInt8](repeating: 8, count: 32)
      try Data(whole).write(to: URL(fileURLWithPath: path))
      #expect(try EmbeddingStore(path: path, key: other, width: 3, total: 70).count == 0)
    }
  }

  @Test func oneWriterAtATime() throws {
    try Fixture.withFolder { folder in
      let path = folder + "/s"
      let store = try EmbeddingStore(path: path, key: key, width: 3, total: 70)
      #expect(throws: EvaluationError.cacheInUse(path: path)) {
        _ = try EmbeddingStore(path: path, key: key, width: 3, total: 70)
      }
      try store.append(try rows(0..<1))
    }
  }
}
