import Foundation
import TCMFormat
import TensorCore
import TestSupport
import Testing

/// Files that were cut, or in which one bit changed.
@Suite struct DamageTests {
  let sample: SampleFile
  let sections: [TCMFormat.Section]

  init() throws {
    sample = try SampleFile.small()
    sections = sample.manifest.sections
  }

  /// What opening and checking a file says, if anything.
  private func problem(_ path: String, checking: Bool) -> TCMError? {
    do throws(TCMError) {
      let file = try TCMFile(path: path)
      if checking { try file.check() }
      return nil
    } catch { return error }
  }

  private func withSample(_ body: (String, FileHandle) throws -> Void) throws {
    try Fixture.withFolder { folder in
      let path = folder + "/x.tcm"
      try Data(sample.bytes).write(to: URL(fileURLWithPath: path))
      let handle = try FileHandle(forUpdating: URL(fileURLWithPath: path))
      defer { try? handle.close() }
      try body(path, handle)
    }
  }

  @Test func everyTruncationIsRefused() throws {
    let count = sample.bytes.count
    try withSample { path, handle in
      for length in (0..<count).reversed() {
        try handle.truncate(atOffset: UInt64(length))
        let expected: TCMError =
          switch length {
          case 0: .file(.empty(path: path))
          case 1..<8: .notTCM(path: path)
          case 8..<64: .tooShort(path: path, byteCount: length)
          default: .wrongLength(path: path, stored: UInt64(count), found: length)
          }
        if problem(path, checking: false) != expected {
          Issue.record("\(length) of \(count) bytes")
        }
      }
    }
  }

  @Test func everyAppendedByteIsRefused() throws {
    try withSample { path, handle in
      for length in [1, 63, 64, 4_096, 65_536] {
        try handle.truncate(atOffset: UInt64(sample.bytes.count + length))
        #expect(
          problem(path, checking: false)
            == .wrongLength(
              path: path, stored: UInt64(sample.bytes.count), found: sample.bytes.count + length))
      }
    }
  }

  /// Every bit of header, weights and manifest; of the padding, one bit in each of about a thousand places.
  @Test func everyFlippedBitIsFound() throws {
    let bytes = sample.bytes
    let section = sections[0]
    #expect(sections.count == 1 && section.offset == 65_536)
    let end = section.offset + section.byteCount
    try withSample { path, handle in
      func flip(_ index: Int, _ bit: Int, isFound: (TCMError?) -> Bool) throws {
        try handle.seek(toOffset: UInt64(index))
        try handle.write(contentsOf: [bytes[index] ^ 1 << UInt8(bit)])
        if !isFound(problem(path, checking: index >= 64 && index < end)) {
          Issue.record("byte \(index), bit \(bit)")
        }
        try handle.seek(toOffset: UInt64(index))
        try handle.write(contentsOf: [bytes[index]])
      }
      for index in 0..<64 {
        for bit in 0..<8 {
          try flip(index, bit) {
            if index < 8 { return $0 == .notTCM(path: path) }
            guard case .checksum(_, "header", _, _) = $0 else { return false }
            return true
          }
        }
      }
      for index in Array(stride(from: 64, to: section.offset, by: 61)) + [section.offset - 1] {
        try flip(index, index % 8) {
          $0
            == .malformed(
              path: path, rule: "4.7", place: section.name,
              problem: "byte \(index) of the padding before it is not zero")
        }
      }
      for index in section.offset..<end {
        for bit in 0..<8 {
          try flip(index, bit) {
            guard case .checksum(_, "section \(section.name)", section.checksum, _) = $0 else {
              return false
            }
            return true
          }
        }
      }
      for index in end..<bytes.count {
        for bit in 0..<8 {
          try flip(index, bit) {
            guard case .checksum(_, "manifest", _, _) = $0 else { return false }
            return true
          }
        }
      }
      #expect(problem(path, checking: true) == nil)
    }
  }

  /// With every checksum made to fit again, a flipped bit of the manifest is refused, or gives a file that is as
  /// sound as another: nothing traps.
  @Test func flippedBitsOfAFittingManifestNeverTrap() throws {
    let full = try SampleFile.full()
    let encoded = Array(full.bytes[full.manifestOffset...])
    var opened = 0
    try Fixture.withFolder { folder in
      let path = folder + "/x.tcm"
      try Data(full.bytes).write(to: URL(fileURLWithPath: path))
      let handle = try FileHandle(forUpdating: URL(fileURLWithPath: path))
      defer { try? handle.close() }
      for index in encoded.indices {
        for bit in 0..<8 {
          var changed = encoded
          changed[index] ^= 1 << UInt8(bit)
          let bytes = full.with(manifest: changed)
          try handle.seek(toOffset: 0)
          try handle.write(contentsOf: bytes[..<64])
          try handle.seek(toOffset: UInt64(full.manifestOffset))
          try handle.write(contentsOf: changed)
          if problem(path, checking: false) == nil {
            opened += 1
            _ = problem(path, checking: true)
          }
        }
      }
    }
    #expect(opened > 0)
  }

  @Test func otherKindsOfFile() throws {
    try Fixture.withFolder { folder in
      #expect(
        problem(folder, checking: false) == .file(.notRegularFile(path: folder)))
      #expect(
        problem(folder + "/none", checking: false)?.description
          == "\(folder)/none: cannot open: No such file or directory")
      let pipe = folder + "/pipe"
      #expect(unsafe mkfifo(pipe, 0o600) == 0)
      #expect(problem(pipe, checking: false) == .file(.notRegularFile(path: pipe)))
      #expect(
        problem("/dev/zero", checking: false) == .file(.notRegularFile(path: "/dev/zero")))
      #expect(problem("a\0b", checking: false) == .file(.nulInPath(path: "a\0b")))
      let path = folder + "/x.tcm"
      try Data(sample.bytes).write(to: URL(fileURLWithPath: path))
      try FileManager.default.createSymbolicLink(
        atPath: folder + "/link", withDestinationPath: "x.tcm")
      #expect(problem(folder + "/link", checking: true) == nil)
    }
  }

  /// A mapped file keeps its bytes when another takes its name.
  @Test func replacedWhileOpen() throws {
    try Fixture.withFolder { folder in
      let path = folder + "/x.tcm"
      try Data(sample.bytes).write(to: URL(fileURLWithPath: path))
      let file = try TCMFile(path: path)
      try Data([1]).write(to: URL(fileURLWithPath: folder + "/y"))
      #expect(unsafe rename(folder + "/y", path) == 0)
      try file.check()
      #expect(file.manifest == sample.manifest)
    }
  }
}
