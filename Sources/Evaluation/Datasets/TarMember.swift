internal import TensorCore

/// A file in a tar archive (POSIX ustar and pax, GNU long names), by its place.
struct TarMember {
  /// Its path in the archive.
  let name: String
  /// Its first byte in the archive.
  let offset: Int
  /// Its size.
  let byteCount: Int

  private static let blockBytes = 512
  /// Most members of an archive.
  private static let limit = 20_000_000
  /// Longest name that is read.
  private static let nameLimit = 4_096

  /// Calls `body` with each regular file, from headers alone.
  static func forEach(
    in archive: InputFile, _ body: (TarMember) throws(DatasetError) -> Void
  ) throws(DatasetError) {
    var offset = 0
    var longName: String?
    var longSize: Int?
    var count = 0
    while offset < archive.byteCount {
      func refuse(_ problem: TarProblem) -> DatasetError {
        .tar(path: archive.path, offset: offset, problem)
      }
      if archive.byteCount - offset < blockBytes { throw refuse(.cutShort) }
      let header = try bytes(archive, offset, blockBytes)
      // Two blocks of zeros end an archive; many writers pad with more.
      if header.allSatisfy({ $0 == 0 }) { break }
      guard let checksum = number(header[148..<156]), checksum == sum(header) else {
        throw refuse(.checksum)
      }
      guard var size = number(header[124..<136]) else { throw refuse(.number(field: "size")) }
      let kind = header[156]
      let start = offset + blockBytes
      if kind == 0 || kind == UInt8(ascii: "0") || kind == UInt8(ascii: "7"), let longSize {
        size = longSize
      }
      if size > archive.byteCount - start { throw refuse(.cutShort) }
      count += 1
      if count > limit {
        throw .limit(path: archive.path, what: "members", found: count, limit: limit)
      }
      switch kind {
      case UInt8(ascii: "L"):
        if size > nameLimit { throw refuse(.name) }
        let name = try bytes(archive, start, size).prefix { $0 != 0 }
        guard let text = String(validating: name, as: UTF8.self) else { throw refuse(.name) }
        longName = text
      case UInt8(ascii: "x"):
        if size > 1 << 20 { throw refuse(.name) }
        guard let records = records(try bytes(archive, start, size)) else {
          throw refuse(.record)
        }
        for (key, value) in records {
          if key == "path" { longName = value }
          if key == "size" {
            guard let count = Int(value), count >= 0 else {
              throw refuse(.number(field: "pax size"))
            }
            longSize = count
          }
        }
      case UInt8(ascii: "g"), UInt8(ascii: "5"):
        longName = nil
        longSize = nil
      case 0, UInt8(ascii: "0"), UInt8(ascii: "7"):
        let name: String
        if let longName {
          name = longName
        } else {
          guard let text = headerName(header) else { throw refuse(.name) }
          name = text
        }
        longName = nil
        longSize = nil
        try body(TarMember(name: name, offset: start, byteCount: size))
      default: throw refuse(.kind(kind, name: headerName(header) ?? ""))
      }
      offset = start + (size + blockBytes - 1) / blockBytes * blockBytes
    }
  }

  private static func bytes(
    _ archive: InputFile, _ offset: Int, _ count: Int
  ) throws(DatasetError) -> [UInt8] {
    do throws(FileError) { return try archive.bytes(at: offset, count: count) } catch {
      throw .file(error)
    }
  }

  /// An octal number, or GNU's binary one; `nil` if it is neither or beyond 2^62.
  private static func number(_ field: ArraySlice<UInt8>) -> Int? {
    if let first = field.first, first == 0x80 {
      var value = 0
      for byte in field.dropFirst() {
        if value >= 1 << 54 { return nil }
        value = value << 8 | Int(byte)
      }
      return value
    }
    var value = 0
    var digits = 0
    for byte in field {
      if byte == 0x20 && digits == 0 { continue }
      if byte == 0 || byte == 0x20 { break }
      guard (0x30...0x37).contains(byte), value < 1 << 59 else { return nil }
      value = value << 3 | Int(byte - 0x30)
      digits += 1
    }
    return digits == 0 ? nil : value
  }

  /// The sum of a header's bytes, those of the checksum taken as spaces.
  private static func sum(_ header: [UInt8]) -> Int {
    header.enumerated().reduce(0) {
      $0 + ((148..<156).contains($1.offset) ? 0x20 : Int($1.element))
    }
  }

  private static func headerName(_ header: [UInt8]) -> String? {
    let name = Array(header[0..<100].prefix { $0 != 0 })
    let isPOSIX = header[257..<262].elementsEqual(Array("ustar".utf8)) && header[262] == 0
    let prefix = isPOSIX ? Array(header[345..<500].prefix { $0 != 0 }) : []
    return String(validating: prefix.isEmpty ? name : prefix + [0x2F] + name, as: UTF8.self)
  }

  /// Records of a pax header: length, space, key, equals sign, value, line feed.
  ///
  /// - Returns: `nil` for what is none; a NUL ends them, as in other readers.
  private static func records(_ bytes: [UInt8]) -> [(String, String)]? {
    var result: [(String, String)] = []
    var start = 0
    while start < bytes.count && bytes[start] != 0 {
      guard let space = bytes[start...].firstIndex(of: 0x20), space - start < 10,
        let length = Int(String(decoding: bytes[start..<space], as: UTF8.self)),
        length > space - start + 2, length <= bytes.count - start,
        let equals = bytes[space..<start + length].firstIndex(of: 0x3D),
        let key = String(validating: bytes[(space + 1)..<equals], as: UTF8.self),
        let value = String(validating: bytes[(equals + 1)..<(start + length - 1)], as: UTF8.self)
      else { return nil }
      result.append((key, value))
      start += length
    }
    return result
  }
}
