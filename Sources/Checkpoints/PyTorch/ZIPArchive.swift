internal import Notation
internal import TensorCore

/// The directory of a ZIP archive as `torch.save` writes it: entries one after another, ZIP64 where needed.
///
/// Compressed entries are listed, so that a TorchScript archive can be called by its name, but never read.
/// Everything that two readers could understand differently is refused. Source: PKWARE APPNOTE 6.3.10; what torch
/// writes was read off files of PyTorch 1.6 to 2.15.
struct ZIPArchive: Sendable {
  /// A file in the archive.
  struct Entry: Equatable, Sendable {
    let name: String
    let checksum: UInt32
    /// Where its bytes begin in the file.
    let offset: Int
    let byteCount: Int
    /// Whether its bytes stand there as they are.
    let isStored: Bool
  }

  /// In file order.
  let entries: [Entry]
  private let places: [ExactName: Int]

  /// Reads and validates the directory.
  ///
  /// - Parameters:
  ///   - file: Begins with an entry.
  ///   - limits: What to refuse.
  init(_ file: InputFile, limits: CheckpointLimits) throws(CheckpointError) {
    do throws(ZIPFailure) {
      var reader = ZIPDirectoryReader(file: file, limits: limits)
      entries = try reader.entries()
    } catch {
      switch error {
      case .problem(let problem): throw .invalidZIP(path: file.path, problem)
      case .file(let error): throw .file(error)
      }
    }
    var places: [ExactName: Int] = [:]
    var folded: Set<ExactName> = []
    for (index, entry) in entries.enumerated() {
      places[ExactName(entry.name)] = index
      // PyTorch's own reader finds an entry whatever the case of its name.
      if !folded.insert(ExactName(entry.name.lowercased())).inserted {
        throw .invalidZIP(path: file.path, .duplicate(entry.name))
      }
    }
    self.places = places
  }

  /// The entry of a name.
  subscript(name name: String) -> Entry? { places[ExactName(name)].map { entries[$0] } }
}

/// A problem, or the file could not be read.
enum ZIPFailure: Error {
  case problem(ZIPProblem)
  case file(FileError)
}

/// Reads the directory once.
private struct ZIPDirectoryReader {
  let file: InputFile
  let limits: CheckpointLimits

  private static let endByteCount = 22
  private static let locatorByteCount = 20
  private static let end64ByteCount = 56
  private static let recordByteCount = 46
  private static let headerByteCount = 30

  /// A directory entry before its local header has been looked at.
  private struct Found {
    var name: String
    var flags: UInt16
    var checksum: UInt32
    var byteCount: Int
    var packedByteCount: Int
    var method: UInt64
    var headerOffset: Int
  }

  /// Where the directory lies.
  private struct Directory {
    var count: Int
    var byteCount: Int
    var offset: Int
  }

  /// Neither number is negative; the sum of both may be beyond the file's end.
  func bytes(at offset: Int, count: Int) throws(ZIPFailure) -> [UInt8] {
    if offset > file.byteCount - count {
      throw .problem(.truncatedDirectory)
    }
    do throws(FileError) { return try file.bytes(at: offset, count: count) } catch {
      throw .file(error)
    }
  }

  mutating func entries() throws(ZIPFailure) -> [ZIPArchive.Entry] {
    let directory = try directory()
    if directory.count > limits.entryCount {
      throw .problem(
        .tooMany("entries", found: directory.count, limit: limits.entryCount))
    }
    if directory.byteCount > limits.headerByteCount {
      throw .problem(
        .tooMany("bytes of directory", found: directory.byteCount, limit: limits.headerByteCount))
    }
    var cursor = ByteCursor(try bytes(at: directory.offset, count: directory.byteCount))
    var found: [Found] = []
    for _ in 0..<directory.count {
      guard let entry = try entry(&cursor) else { throw .problem(.truncatedDirectory) }
      found.append(entry)
    }
    if cursor.remaining != 0 { throw .problem(.truncatedDirectory) }
    found.sort { $0.headerOffset < $1.headerOffset }
    var result: [ZIPArchive.Entry] = []
    var end = 0
    for (index, item) in found.enumerated() {
      if item.headerOffset < end { throw .problem(.overlap(entry: item.name)) }
      try checkDescriptor(
        of: index == 0 ? nil : found[index - 1], at: end, before: item.headerOffset
      ) {
        (count) in .gap(entry: item.name, byteCount: count)
      }
      let offset = try dataOffset(item, before: directory.offset)
      result.append(
        ZIPArchive.Entry(
          name: item.name, checksum: item.checksum, offset: offset, byteCount: item.byteCount,
          isStored: item.method == 0))
      end = offset + item.packedByteCount
    }
    try checkDescriptor(of: found.last, at: end, before: directory.offset) { (_) in
      .misplaced("directory")
    }
    return result
  }

  /// Checks what stands between an entry and the next: nothing, or with bit 3 set a data descriptor, 12 or 20 bytes that
  /// say what the directory says, with or without a signature of 4.
  private func checkDescriptor(
    of entry: Found?, at start: Int, before end: Int, _ problem: (Int) -> ZIPProblem
  ) throws(ZIPFailure) {
    let count = end - start
    guard let entry, entry.flags & 8 != 0 else {
      if count != 0 { throw .problem(problem(count)) }
      return
    }
    if count == 0 { return }
    guard [12, 16, 20, 24].contains(count) else { throw .problem(problem(count)) }
    var cursor = ByteCursor(try bytes(at: start, count: count))
    let isSigned = count == 16 || count == 24
    let width = count < 20 ? 4 : 8
    if isSigned && cursor.unsigned(4) != 0x0807_4B50 { throw .problem(problem(count)) }
    if cursor.unsigned(4) != UInt64(entry.checksum)
      || cursor.unsigned(width) != UInt64(entry.packedByteCount)
      || cursor.unsigned(width) != UInt64(entry.byteCount)
    {
      throw .problem(.disagreement("the sizes of \(printable(entry.name))"))
    }
  }

  /// The end records; ZIP64's counts where it is there.
  private func directory() throws(ZIPFailure) -> Directory {
    let size = file.byteCount
    if size < Self.endByteCount { throw .problem(.noEnd) }
    let endOffset = size - Self.endByteCount
    var end = ByteCursor(try bytes(at: endOffset, count: Self.endByteCount))
    guard end.unsigned(4) == 0x0605_4B50, let disk = end.unsigned(2),
      let firstDisk = end.unsigned(2), let countHere = end.unsigned(2),
      let count = end.unsigned(2), let byteCount = end.unsigned(4), let offset = end.unsigned(4),
      end.unsigned(2) == 0
    else { throw .problem(.noEnd) }
    var directory = Directory(count: Int(count), byteCount: Int(byteCount), offset: Int(offset))
    var directoryEnd = endOffset
    let locatorOffset = endOffset - Self.locatorByteCount
    var locator = ByteCursor(
      locatorOffset >= 0 ? try bytes(at: locatorOffset, count: Self.locatorByteCount) : [])
    if locator.unsigned(4) == 0x0706_4B50 {
      guard locator.unsigned(4) == 0, let end64Offset = locator.unsigned(8),
        locator.unsigned(4) == 1
      else { throw .problem(.severalDisks) }
      directoryEnd = locatorOffset - Self.end64ByteCount
      if UInt64(exactly: directoryEnd) != end64Offset {
        throw .problem(.misplaced("ZIP64 end record"))
      }
      directory = try directory64(directoryEnd, directory, countHere)
    } else if disk != 0 || firstDisk != 0 {
      throw .problem(.severalDisks)
    } else if countHere != count {
      throw .problem(.disagreement("the number of entries"))
    }
    // Neither is negative, so a sum that overflows is.
    if directory.offset &+ directory.byteCount != directoryEnd {
      throw .problem(.misplaced("directory"))
    }
    return directory
  }

  /// The ZIP64 end record, which must agree with the old one where that holds a number.
  private func directory64(
    _ offset: Int, _ old: Directory, _ oldCountHere: UInt64
  ) throws(ZIPFailure) -> Directory {
    var end = ByteCursor(try bytes(at: offset, count: Self.end64ByteCount))
    guard end.unsigned(4) == 0x0606_4B50, end.unsigned(8) == UInt64(Self.end64ByteCount - 12) else {
      throw .problem(.misplaced("ZIP64 end record"))
    }
    _ = end.take(4)
    guard end.unsigned(4) == 0, end.unsigned(4) == 0, let countHere = end.unsigned(8),
      let count = end.unsigned(8), countHere == count
    else { throw .problem(.severalDisks) }
    guard let byteCount = end.unsigned(8).flatMap(Int.init(exactly:)),
      let start = end.unsigned(8).flatMap(Int.init(exactly:)),
      let number = Int(exactly: count)
    else { throw .problem(.truncatedDirectory) }
    func agrees(_ small: Int, _ large: Int, _ escape: Int) -> Bool {
      small == escape || small == large
    }
    if !agrees(old.count, number, 0xFFFF) || !agrees(Int(oldCountHere), number, 0xFFFF)
      || !agrees(old.byteCount, byteCount, 0xFFFF_FFFF)
      || !agrees(old.offset, start, 0xFFFF_FFFF)
    {
      throw .problem(.disagreement("the directory's place"))
    }
    return Directory(count: number, byteCount: byteCount, offset: start)
  }

  /// The next entry of the directory; `nil` where it is cut short.
  private func entry(_ cursor: inout ByteCursor) throws(ZIPFailure) -> Found? {
    guard let record = cursor.take(Self.recordByteCount) else { return nil }
    func number(_ place: Int, _ count: Int) -> UInt64 {
      littleEndian(record.dropFirst(place).prefix(count))
    }
    let (flags, method, disk) = (number(8, 2), number(10, 2), number(34, 2))
    let (checksum, packed, size, offset) =
      (number(16, 4), number(20, 4), number(24, 4), number(42, 4))
    guard number(0, 4) == 0x0201_4B50, let nameBytes = cursor.take(Int(number(28, 2))),
      let extra = cursor.take(Int(number(30, 2))), cursor.take(Int(number(32, 2))) != nil
    else { return nil }
    guard !nameBytes.isEmpty, nameBytes.count <= 1024, !nameBytes.contains(0),
      !nameBytes.contains(UInt8(ascii: "\\")),
      let name = String(validating: nameBytes, as: UTF8.self)
    else { throw .problem(.invalidName) }
    // A folder's entry ends with a slash; nothing else is empty, and nothing leads elsewhere.
    let parts = nameBytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    for (index, part) in parts.enumerated() {
      let isLast = index == parts.count - 1 && index > 0
      if part.isEmpty && !isLast || part.elementsEqual(".".utf8) || part.elementsEqual("..".utf8) {
        throw .problem(.unsupported(entry: name, "is named by a path that leads elsewhere"))
      }
    }
    if disk != 0 { throw .problem(.severalDisks) }
    if method != 0 && method != 8 {
      throw .problem(.unsupported(entry: name, "is packed by method \(method)"))
    }
    // Bit 3: sizes stand after the data; bit 11: the name is UTF-8.
    if flags & ~0x0808 != 0 {
      throw .problem(
        .unsupported(
          entry: name, flags & 1 == 1 ? "is encrypted" : "has flags 0x" + String(flags, radix: 16)))
    }
    var wide = (packed: packed, size: size, offset: offset)
    guard Self.widen(&wide, Array(extra)) else { return nil }
    if Self.hasUnicodePath(Array(extra)) {
      throw .problem(.unsupported(entry: name, "has a second name in an extra field"))
    }
    if method == 0 && wide.packed != wide.size {
      throw .problem(.disagreement("the size of \(printable(name))"))
    }
    guard let byteCount = Int(exactly: wide.size), let packedCount = Int(exactly: wide.packed),
      let header = Int(exactly: wide.offset)
    else { return nil }
    return Found(
      name: name, flags: UInt16(flags), checksum: UInt32(truncatingIfNeeded: checksum),
      byteCount: byteCount, packedByteCount: packedCount, method: method, headerOffset: header)
  }

  /// Whether there is an Info-ZIP Unicode Path field, by which some readers call an entry.
  private static func hasUnicodePath(_ extra: [UInt8]) -> Bool {
    var fields = ByteCursor(extra)
    while let id = fields.unsigned(2), let count = fields.unsigned(2),
      fields.take(Int(count)) != nil
    {
      if id == 0x7075 { return true }
    }
    return false
  }

  /// Takes the numbers that do not fit 32 bits from the ZIP64 extra field, in its fixed order.
  private static func widen(
    _ numbers: inout (packed: UInt64, size: UInt64, offset: UInt64), _ extra: [UInt8]
  ) -> Bool {
    let escape: UInt64 = 0xFFFF_FFFF
    if numbers.packed != escape && numbers.size != escape && numbers.offset != escape {
      return true
    }
    var fields = ByteCursor(extra)
    while fields.remaining > 0 {
      guard let id = fields.unsigned(2), let count = fields.unsigned(2),
        let content = fields.take(Int(count))
      else { return false }
      if id != 1 { continue }
      var cursor = ByteCursor(Array(content))
      if numbers.size == escape {
        guard let value = cursor.unsigned(8) else { return false }
        numbers.size = value
      }
      if numbers.packed == escape {
        guard let value = cursor.unsigned(8) else { return false }
        numbers.packed = value
      }
      if numbers.offset == escape {
        guard let value = cursor.unsigned(8) else { return false }
        numbers.offset = value
      }
      return true
    }
    return false
  }

  /// Where an entry's bytes begin, once its own header has been compared with the directory.
  private func dataOffset(_ entry: Found, before end: Int) throws(ZIPFailure) -> Int {
    let header = try bytes(at: entry.headerOffset, count: Self.headerByteCount)
    func number(_ place: Int, _ count: Int) -> UInt64 {
      littleEndian(header[place..<place + count])
    }
    let (flags, method, checksum) = (number(6, 2), number(8, 2), number(14, 4))
    let (nameCount, extraCount) = (Int(number(26, 2)), Int(number(28, 2)))
    let nameOffset = entry.headerOffset + Self.headerByteCount
    let name = try bytes(at: nameOffset, count: nameCount)
    let extra = try bytes(at: nameOffset + nameCount, count: extraCount)
    var wide = (packed: number(18, 4), size: number(22, 4), offset: UInt64(0))
    guard Self.widen(&wide, extra) else { throw .problem(.localHeader(entry: entry.name)) }
    // With bit 3 the numbers stand after the data and are 0 here.
    let isLater = flags & 8 != 0
    func agrees(_ here: UInt64, _ there: UInt64) -> Bool {
      isLater ? here == 0 || here == there : here == there
    }
    if number(0, 4) != 0x0403_4B50 || flags != UInt64(entry.flags) || method != entry.method
      || !name.elementsEqual(entry.name.utf8)
      || !agrees(checksum, UInt64(entry.checksum))
      || !agrees(wide.packed, UInt64(entry.packedByteCount))
      || !agrees(wide.size, UInt64(entry.byteCount))
    {
      throw .problem(.localHeader(entry: entry.name))
    }
    let offset = nameOffset + nameCount + extraCount
    if entry.packedByteCount > end - offset {
      throw .problem(.overlap(entry: entry.name))
    }
    return offset
  }
}
