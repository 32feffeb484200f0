import Foundation
import Testing

/// How to make files that are too large to commit.
struct HostileRecipe: Decodable, Sendable {
  struct File: Decodable, Sendable {
    let name: String
    let pieces: [Piece]
  }

  /// One of: `hex` bytes `times` over; `text` for each number, which takes the place of `#`; `little` bytes and each
  /// number in four; a hole of `sparse` bytes.
  struct Piece: Decodable, Sendable {
    let hex: String?
    let times: Int?
    let text: String?
    let little: String?
    let from: Int?
    let count: Int?
    let sparse: Int?
  }

  let files: [File]
  let path: String

  /// Writes the files.
  ///
  /// - Parameter folder: An empty folder.
  /// - Returns: What to give to the tool.
  func make(in folder: String) throws -> String {
    for file in files {
      let path = folder + "/" + file.name
      #expect(FileManager.default.createFile(atPath: path, contents: nil))
      let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
      defer { try? handle.close() }
      for piece in file.pieces { try piece.write(to: handle) }
    }
    return path.isEmpty ? folder : folder + "/" + path
  }
}

extension HostileRecipe.Piece {
  fileprivate func write(to handle: FileHandle) throws {
    let numbers = (from ?? 0)..<(from ?? 0) + (count ?? 0)
    if let sparse {
      try handle.truncate(atOffset: try handle.offset() + UInt64(sparse))
    } else if let text {
      let parts = text.split(separator: "#", omittingEmptySubsequences: false).map { Data($0.utf8) }
      var data = Data()
      for number in numbers {
        let digits = String(number)
        let padded = Data((String(repeating: "0", count: 7 - digits.count) + digits).utf8)
        for (index, part) in parts.enumerated() {
          if index > 0 { data.append(padded) }
          data.append(part)
        }
      }
      try handle.write(contentsOf: data)
    } else if let little {
      let before = try bytes(little)
      var data = Data()
      for number in numbers {
        data.append(before)
        for shift in 0..<4 { data.append(UInt8(truncatingIfNeeded: number >> (8 * shift))) }
      }
      try handle.write(contentsOf: data)
    } else if let hex, let times {
      try repeated(try bytes(hex), times, handle)
    }
  }

  /// Writes about a megabyte at a time.
  private func repeated(_ bytes: Data, _ times: Int, _ handle: FileHandle) throws {
    if bytes.isEmpty { return }
    let each = max(1, (1 << 20) / bytes.count)
    var block = Data()
    for _ in 0..<min(each, times) { block.append(bytes) }
    for _ in 0..<times / each { try handle.write(contentsOf: block) }
    try handle.write(contentsOf: block.prefix(times % each * bytes.count))
  }

  private func bytes(_ hex: String) throws -> Data {
    var result = Data()
    var high: UInt8?
    for digit in hex.utf8 {
      let value = try #require(Character(UnicodeScalar(digit)).hexDigitValue.map(UInt8.init))
      if let first = high {
        result.append(first << 4 | value)
        high = nil
      } else {
        high = value
      }
    }
    return result
  }
}
