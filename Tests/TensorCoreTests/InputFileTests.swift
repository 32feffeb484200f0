import CFailures
import Foundation
import Glibc
import TensorCore
import TestSupport
import Testing

@Suite struct InputFileTests {
  /// What `body` throws, as a sentence, with `folder` taken off the front.
  private func sentence(_ folder: String, _ body: () throws -> Void) -> String {
    do {
      try body()
      return "nothing was thrown"
    } catch {
      return "\(error)".replacingOccurrences(of: folder + "/", with: "")
    }
  }

  private func write(_ bytes: [UInt8], _ path: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: path))
  }

  @Test func reading() throws {
    try Fixture.withFolder { folder in
      let path = folder + "/权重.bin"
      try write([1, 2, 3, 4, 5], path)
      let file = try InputFile(path: path)
      #expect(file.path == path && file.byteCount == 5)
      #expect(try file.bytes(at: 1, count: 3) == [2, 3, 4])
      #expect(try file.bytes(at: 5, count: 0) == [])
      let block = try MutableBlock<UInt8>(allocating: 2)
      try file.read(at: 3, into: block)
      #expect(block.array == [4, 5])
      try file.read(at: 5, into: block[0..<0])
      try file.checkUnchanged()
      #expect(try file.map().byteCount == 5)
    }
  }

  @Test func identity() throws {
    try Fixture.withFolder { folder in
      try write([1], folder + "/a")
      try write([1], folder + "/b")
      try FileManager.default.createSymbolicLink(
        atPath: folder + "/link", withDestinationPath: folder + "/a")
      let file = try InputFile(path: folder + "/a")
      #expect(try InputFile(path: folder + "/link").identity == file.identity)
      #expect(FileIdentity(path: folder + "/link") == file.identity)
      #expect(FileIdentity(path: folder + "/b") != file.identity)
      #expect(FileIdentity(path: folder + "/c") == nil)
    }
  }

  @Test func cannotOpen() throws {
    try Fixture.withFolder { folder in
      #expect(
        sentence(folder) { _ = try InputFile(path: folder + "/missing") }
          == "missing: cannot open: No such file or directory")
      try write([1], folder + "/file")
      #expect(
        sentence(folder) { _ = try InputFile(path: folder + "/file/inside") }
          == "file/inside: cannot open: Not a directory")
      try FileManager.default.createSymbolicLink(
        atPath: folder + "/loop", withDestinationPath: folder + "/loop")
      #expect(
        sentence(folder) { _ = try InputFile(path: folder + "/loop") }
          == "loop: cannot open: Too many levels of symbolic links")
      #expect(throws: FileError.cannotOpen(path: "", SystemError(code: ENOENT))) {
        try InputFile(path: "")
      }
    }
  }

  /// A FIFO without a writer must not block.
  @Test func notRegular() throws {
    try Fixture.withFolder { folder in
      let made = unsafe mkfifo(folder + "/fifo", 0o600)
      #expect(made == 0)
      #expect(
        sentence(folder) { _ = try InputFile(path: folder + "/fifo") }
          == "fifo: not a regular file")
      try FileManager.default.createDirectory(
        atPath: folder + "/inner", withIntermediateDirectories: false)
      #expect(
        sentence(folder) { _ = try InputFile(path: folder + "/inner") }
          == "inner: not a regular file")
      #expect(
        sentence(folder) { _ = try InputFile(path: "/dev/null") } == "/dev/null: not a regular file"
      )
    }
  }

  @Test func nulInPath() {
    #expect(
      sentence("") { _ = try InputFile(path: "a\u{0}b") }
        == "a\\u{0}b: a path cannot hold a NUL byte")
  }

  @Test func empty() throws {
    try Fixture.withFolder { folder in
      try write([], folder + "/empty")
      let file = try InputFile(path: folder + "/empty")
      #expect(file.byteCount == 0)
      #expect(sentence(folder) { _ = try file.map() } == "empty: the file is empty")
    }
  }

  @Test func readingPastTheEnd() throws {
    try Fixture.withFolder { folder in
      try write([1, 2, 3, 4, 5], folder + "/five")
      let file = try InputFile(path: folder + "/five")
      let block = try MutableBlock<UInt8>(allocating: 4)
      #expect(
        sentence(folder) { try file.read(at: 2, into: block) }
          == "five: 4 bytes expected at offset 2, found 3 (truncated?)")
      #expect(
        sentence(folder) { _ = try file.bytes(at: 4, count: 2) }
          == "five: 2 bytes expected at offset 4, found 1 (truncated?)")
      #expect(
        sentence(folder) { _ = try file.bytes(at: 9, count: .max) }
          == "five: \(Int.max) bytes expected at offset 9, found 0 (truncated?)")
      #expect(
        sentence(folder) { _ = try file.bytes(at: -1, count: 2) }
          == "five: 2 bytes expected at offset -1, found 5 (truncated?)")
      #expect(
        sentence(folder) { try file.read(at: -1, into: block) }
          == "five: cannot read: Invalid argument")
    }
  }

  @Test func shrunkAfterOpening() throws {
    try Fixture.withFolder { folder in
      try write([1, 2, 3, 4, 5], folder + "/five")
      let file = try InputFile(path: folder + "/five")
      let cut = unsafe truncate(folder + "/five", 3)
      #expect(cut == 0)
      #expect(
        sentence(folder) { _ = try file.bytes(at: 1, count: 4) }
          == "five: 4 bytes expected at offset 1, found 2 (truncated?)")
      #expect(
        sentence(folder) { try file.checkUnchanged() }
          == "five: the file changed while it was being read")
    }
  }

  @Test func failingCalls() throws {
    try Fixture.withFolder { folder in
      try write([1, 2, 3, 4, 5], folder + "/five")
      let file = try InputFile(path: folder + "/five")
      let block = try MutableBlock<UInt8>(allocating: 4)
      let expected = "five: cannot read: Input/output error"
      cf_fail_status(1)
      defer { cf_fail_status(0) }
      #expect(sentence(folder) { _ = try InputFile(path: folder + "/five") } == expected)
      #expect(sentence(folder) { try file.checkUnchanged() } == expected)
      cf_fail_status(0)
      cf_fail_reading(1)
      defer { cf_fail_reading(0) }
      #expect(sentence(folder) { _ = try file.bytes(at: 1, count: 4) } == expected)
      #expect(sentence(folder) { try file.read(at: 1, into: block) } == expected)
    }
  }

  /// The same modification time, but another size.
  @Test func grownAfterOpening() throws {
    try Fixture.withFolder { folder in
      try write([1, 2], folder + "/two")
      let file = try InputFile(path: folder + "/two")
      var status = stat()
      let found = unsafe stat(folder + "/two", &status)
      #expect(found == 0)
      let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: folder + "/two"))
      try handle.seekToEnd()
      try handle.write(contentsOf: [3])
      try handle.close()
      let times = [status.st_atim, status.st_mtim]
      let set = unsafe utimensat(AT_FDCWD, folder + "/two", times, 0)
      #expect(set == 0)
      #expect(
        sentence(folder) { try file.checkUnchanged() }
          == "two: the file changed while it was being read")
    }
  }

  /// The same size, but another modification time.
  @Test func rewrittenAfterOpening() throws {
    try Fixture.withFolder { folder in
      try write([1, 2], folder + "/two")
      let file = try InputFile(path: folder + "/two")
      try file.checkUnchanged()
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSince1970: 1000)], ofItemAtPath: folder + "/two")
      #expect(
        sentence(folder) { try file.checkUnchanged() }
          == "two: the file changed while it was being read")
    }
  }
}
