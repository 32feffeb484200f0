/// A ZIP archive as `torch.save` lays it out, for tests that need a wrong one.
struct Archive {
  struct Entry {
    var name: String
    var bytes: [UInt8]
    var method: UInt16 = 0
    var flags: UInt16 = 0
    /// In place of the right one.
    var checksum: UInt32?
    /// In place of the right one, in the directory.
    var byteCount: Int?
    /// In place of the name, in the entry's own header.
    var localName: String?
    /// Sizes and place stand in a ZIP64 extra field, as for entries of 4 GiB and more.
    var isWide = false
    /// In place of the right extra fields, in the directory.
    var extra: [UInt8]?
  }

  var entries: [Entry]

  /// An archive around a pickle and storages.
  init(pickle: [UInt8], storages: [[UInt8]] = []) {
    entries = [Entry(name: "x/data.pkl", bytes: pickle)]
    for (index, bytes) in storages.enumerated() {
      entries.append(Entry(name: "x/data/\(index)", bytes: bytes))
    }
    entries.append(Entry(name: "x/version", bytes: Array("3\n".utf8)))
  }

  /// The archive's bytes, without a ZIP64 end record.
  var file: [UInt8] {
    var data: [UInt8] = []
    var directory: [UInt8] = []
    for entry in entries {
      let checksum = entry.checksum ?? Self.crc32(entry.bytes)
      let offset = data.count
      let local = Array((entry.localName ?? entry.name).utf8)
      let size = entry.byteCount ?? entry.bytes.count
      data += [0x50, 0x4B, 3, 4, 20, 0] + Self.le(Int(entry.flags), 2)
      data += Self.le(Int(entry.method), 2) + [0, 0, 0x21, 0] + Self.le(Int(checksum), 4)
      let small = Self.le(entry.isWide ? 0xFFFF_FFFF : size, 4)
      let sizes = Self.le(size, 8) + Self.le(size, 8)
      let localExtra = entry.isWide ? Self.field(1, sizes) : []
      data += small + small + Self.le(local.count, 2) + Self.le(localExtra.count, 2)
      data += local + localExtra + entry.bytes
      let name = Array(entry.name.utf8)
      directory += [0x50, 0x4B, 1, 2, 20, 0, 20, 0] + Self.le(Int(entry.flags), 2)
      directory += Self.le(Int(entry.method), 2) + [0, 0, 0x21, 0] + Self.le(Int(checksum), 4)
      let extra = entry.extra ?? (entry.isWide ? Self.field(1, sizes + Self.le(offset, 8)) : [])
      directory += small + small + Self.le(name.count, 2) + Self.le(extra.count, 2)
      directory += [UInt8](repeating: 0, count: 10)
      directory += Self.le(entry.isWide ? 0xFFFF_FFFF : offset, 4) + name + extra
    }
    let end: [UInt8] =
      [0x50, 0x4B, 5, 6, 0, 0, 0, 0] + Self.le(entries.count, 2) + Self.le(entries.count, 2)
      + Self.le(directory.count, 4) + Self.le(data.count, 4) + [0, 0]
    return data + directory + end
  }

  static func le(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  /// An extra field (APPNOTE.TXT 4.5.1); id 1 is ZIP64's: size, packed size, offset of the header.
  static func field(_ id: Int, _ content: [UInt8]) -> [UInt8] {
    le(id, 2) + le(content.count, 2) + content
  }

  /// CRC-32 bit by bit (ISO 3309).
  static func crc32(_ bytes: [UInt8]) -> UInt32 {
    var crc = ~UInt32(0)
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
    }
    return ~crc
  }

  /// A pickle of `{"w": tensor}` with one storage of f32.
  static func pickle(
    elements: Int, offset: Int, shape: [Int], strides: [Int], key: String = "0",
    type: String = "FloatStorage"
  ) -> [UInt8] {
    func text(_ value: String) -> [UInt8] {
      [0x58] + le(value.utf8.count, 4) + Array(value.utf8)
    }
    func number(_ value: Int) -> [UInt8] { [0x8A, 8] + le(value, 8) }
    func tuple(_ values: [Int]) -> [UInt8] { [0x28] + values.flatMap(number) + [0x74] }
    let global = { (module: String, name: String) in
      [0x63] + Array(module.utf8) + [0x0A] + Array(name.utf8) + [0x0A]
    }
    var program: [UInt8] = [0x80, 2, 0x7D, 0x28] + text("w")
    program += global("torch._utils", "_rebuild_tensor_v2") + [0x28, 0x28] + text("storage")
    program += global("torch", type) + text(key) + text("cpu") + number(elements) + [0x74, 0x51]
    program += number(offset) + tuple(shape) + tuple(strides) + [0x89]
    program += global("collections", "OrderedDict") + [0x29, 0x52]
    return program + [0x74, 0x52, 0x75, 0x2E]
  }
}
