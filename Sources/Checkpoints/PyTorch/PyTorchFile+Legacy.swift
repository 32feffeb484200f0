internal import Notation
internal import TensorCore

/// What `torch.save` wrote before PyTorch 1.6, and still does with `_use_new_zipfile_serialization=False`: five pickles
/// (a magic number, a version, facts about the system, the object, the keys of its storages), then for each key the number
/// of elements, in 8 bytes, and the elements. Source: `_legacy_save` in PyTorch's torch/serialization.py.
extension PyTorchFile {
  /// The instructions for 0x1950A86A20F9469CFC6C and for 1001.
  private static let legacyNumbers: [[UInt8]] = [
    [0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19], [0x4D, 0xE9, 0x03],
  ]

  /// Where the pickles of these numbers end, in any protocol that `torch.save` may be told to write.
  private static func endOfLegacyNumbers(_ head: [UInt8]) -> Int? {
    var cursor = ByteCursor(head)
    for number in legacyNumbers {
      guard cursor.byte() == 0x80, let version = cursor.byte(), (2...5).contains(version) else {
        return nil
      }
      var expected = number + [0x2E]
      // A frame: how many bytes follow.
      if version >= 4 {
        expected = [0x95, UInt8(expected.count), 0, 0, 0, 0, 0, 0, 0] + expected
      }
      guard let found = cursor.take(expected.count), found.elementsEqual(expected) else {
        return nil
      }
    }
    return cursor.position
  }

  /// Opens and validates a file of the old format.
  ///
  /// - Parameters:
  ///   - file: The open file.
  ///   - limits: What to refuse.
  /// - Throws: `CheckpointError`.
  convenience init(legacy file: InputFile, limits: CheckpointLimits) throws(CheckpointError) {
    let path = file.path
    let head: [UInt8]
    do throws(FileError) {
      head = try file.bytes(at: 0, count: min(file.byteCount, limits.headerByteCount))
    } catch { throw .file(error) }
    guard var position = Self.endOfLegacyNumbers(head) else {
      throw .invalidPickle(path: path, place: nil, .notTorchSave)
    }
    func next() throws(CheckpointError) -> (arena: PickleArena, root: PickleValue) {
      do throws(PickleFailure) {
        let (arena, root, end) = try PickleMachine.run(head, at: position, .legacy)
        position = end
        return (arena, root)
      } catch {
        let isCut = error.problem == .truncated && head.count < file.byteCount
        throw .invalidPickle(
          path: path, place: error.place,
          isCut ? .tooMany("bytes of pickles", limit: limits.headerByteCount) : error.problem)
      }
    }
    let system = try next()
    let object = try next()
    let keys = try next()
    let isBigEndian: Bool
    let state: StateDict
    let extents: [ExactName: StorageExtent]
    do throws(PickleProblem) {
      isBigEndian = try Self.isBigEndian(system.root, system.arena)
      state = try StateDict(object.arena, root: object.root, limits: limits)
    } catch { throw .invalidPickle(path: path, place: nil, error) }
    extents = try Self.extents(keys.root, keys.arena, of: object.arena.storages, file, position)
    let contents = Contents(
      formatName: "old-format PyTorch checkpoint", arena: object.arena, state: state,
      isBigEndian: isBigEndian)
    try self.init(file, contents, limits: limits) { (storage) throws(CheckpointError) in
      guard let extent = extents[ExactName(storage.key)] else {
        throw .invalidPickle(
          path: path, place: nil, .storage("the storage \(storage.key) is not in the file"))
      }
      return extent
    }
  }

  private static func isBigEndian(
    _ root: PickleValue, _ arena: PickleArena
  ) throws(PickleProblem) -> Bool {
    guard case .dictionary(let facts) = root,
      case .bool(let isLittle) = arena.member("little_endian", of: facts)
    else { throw .unexpected(found: root.kind, expected: "the byte order of the writer") }
    if arena.count(of: "little_endian", in: facts) > 1 { throw .duplicateKey("little_endian") }
    return !isLittle
  }

  /// Where the storages lie: one after another, in the order of their keys, up to the end of the file.
  private static func extents(
    _ root: PickleValue, _ arena: PickleArena, of storages: [PickledStorage], _ file: InputFile,
    _ start: Int
  ) throws(CheckpointError) -> [ExactName: StorageExtent] {
    func refuse(_ problem: PickleProblem) -> CheckpointError {
      .invalidPickle(path: file.path, place: nil, problem)
    }
    guard case .list(let list) = root else {
      throw refuse(.unexpected(found: root.kind, expected: "the keys of the storages"))
    }
    var known: [ExactName: PickledStorage] = [:]
    for storage in storages { known[ExactName(storage.key)] = storage }
    var result: [ExactName: StorageExtent] = [:]
    var position = start
    for item in arena.lists[list] {
      guard let key = arena.text(item) else {
        throw refuse(.unexpected(found: item.kind, expected: "a storage's key"))
      }
      guard let storage = known[ExactName(key)] else {
        throw refuse(.storage("no tensor lies in the storage \(printable(key))"))
      }
      let (byteCount, overflow) = storage.count.multipliedReportingOverflow(
        by: storage.type.byteCount)
      if overflow || byteCount > file.byteCount - position - 8 {
        throw refuse(.storage("the file ends inside the storage \(key)"))
      }
      let count: [UInt8]
      do throws(FileError) { count = try file.bytes(at: position, count: 8) } catch {
        throw .file(error)
      }
      var cursor = ByteCursor(count)
      let written = cursor.unsigned(8) ?? 0
      if written != UInt64(storage.count) {
        throw refuse(
          .storage(
            "the storage \(key) has \(Int64(bitPattern: written)) elements, but \(storage.count) are "
              + "described"))
      }
      let extent = StorageExtent(
        name: key, offset: position + 8, byteCount: byteCount, checksum: nil)
      if result.updateValue(extent, forKey: ExactName(key)) != nil {
        throw refuse(.duplicateKey(key))
      }
      position += 8 + byteCount
    }
    if position != file.byteCount {
      throw refuse(.storage("\(file.byteCount - position) bytes follow the last storage"))
    }
    return result
  }
}
