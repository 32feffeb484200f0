internal import Checkpoints
internal import Notation
internal import TensorCore

extension DatasetKind {
  /// Chinese-CLIP's own layout, in which MUGE, Flickr30k-CN and COCO-CN are given out.
  static let muge = DatasetKind(
    name: "muge",
    summary: "Chinese-CLIP's layout: <split>_imgs.tsv with pictures in base64, <split>_texts.jsonl",
    options: [Option("split", "valid, test or train (default: valid)")]
  ) { (specification) throws(DatasetError) in
    let split = try specification.choice("split", ["valid", "test", "train"])
    let pictures = try TSVPictures(path: joined(specification.path, "\(split)_imgs.tsv"))
    var places: [String: Int32] = [:]
    for index in 0..<pictures.count { places[pictures.name(index)] = Int32(index) }
    let path = joined(specification.path, "\(split)_texts.jsonl")
    var captions: [String] = []
    var pictureOf: [Int32] = []
    var several = 0
    try TextLines.forEach(path) { (number, line) throws(DatasetError) in
      if TextLines.isBlank(line) { return }
      let row: JSONValue
      do throws(JSONError) { row = try JSONDocument(Array(line.utf8)).root } catch {
        throw .line(path: path, line: number, .json(error))
      }
      guard let text = (row["text"] ?? row["query_text"])?.string else {
        throw .line(path: path, line: number, .missingMember("a text as text or query_text"))
      }
      if TextLines.isBlank(text) { throw .line(path: path, line: number, .noCaption) }
      guard let ids = (row["image_ids"] ?? row["item_ids"])?.elements else {
        throw .line(path: path, line: number, .missingMember("a list image_ids or item_ids"))
      }
      if ids.count > 1 { several += 1 }
      for id in ids {
        let name = id.string ?? id.number ?? ""
        guard let place = places[name] else {
          throw .line(path: path, line: number, .unknownPicture(id: name))
        }
        captions.append(text)
        pictureOf.append(place)
      }
    }
    if captions.isEmpty {
      throw .empty(
        path: path, expected: "a text with image_ids (those of a test split are often empty)")
    }
    // Pictures without a text are wrong answers that belong to the set; recall the other way leaves them out.
    var isTold = [Bool](repeating: false, count: pictures.count)
    for place in pictureOf { isTold[Int(place)] = true }
    let told = isTold.indices.filter { isTold[$0] }
    var notes: [String] = []
    if several > 0 {
      notes.append(
        "\(several) texts belong to several pictures and are searched once for each, so recalls are "
          + "lower than where any of them counts")
    }
    if told.count < pictures.count {
      notes.append("\(pictures.count - told.count) pictures without a text are left out")
    }
    var newPlaces = [Int32](repeating: 0, count: pictures.count)
    for (place, old) in told.enumerated() { newPlaces[old] = Int32(place) }
    return Dataset(
      name: specification.text, pictures: pictures.selecting(told),
      task: .retrieval(
        .init(captions: captions, pictureOf: pictureOf.map { newPlaces[Int($0)] })), notes: notes)
  }
}

/// Pictures in a table: an id, a tab and base64 a line, which is decoded when it is asked for.
struct TSVPictures: PictureSource {
  private let file: InputFile
  private var ids = NameArena()
  private var offsets: [Int] = []
  private var byteCounts: [Int] = []
  private var lines: [Int] = []

  /// Reads the table once for the places of its lines.
  init(path: String) throws(DatasetError) {
    do throws(FileError) { file = try InputFile(path: path) } catch { throw .file(error) }
    var offset = 0
    var line: [UInt8] = []
    var length = 0
    var start = 0
    var number = 1
    var known: Set<String> = []
    while offset < file.byteCount {
      let chunk: [UInt8]
      do throws(FileError) {
        chunk = try file.bytes(at: offset, count: min(1 << 20, file.byteCount - offset))
      } catch { throw .file(error) }
      for (index, byte) in chunk.enumerated() {
        if byte == 0x0A {
          try add(line, length, start, number, &known)
          line = []
          length = 0
          start = offset + index + 1
          number += 1
          continue
        }
        length += 1
        // The id only; base64 is left where it is.
        if line.count < 4_096 && line.last != 0x09 { line.append(byte) }
        try TextLines.checkLine(length, path)
      }
      offset += chunk.count
    }
    if length > 0 { try add(line, length, start, number, &known) }
    if ids.count == 0 { throw .empty(path: path, expected: "a picture a line") }
  }

  private mutating func add(
    _ line: [UInt8], _ length: Int, _ start: Int, _ number: Int, _ known: inout Set<String>
  ) throws(DatasetError) {
    if length == 0 { return }
    guard line.last == 0x09 else {
      throw .line(
        path: file.path, line: number, .noSeparator(expected: "an id, a tab and base64"))
    }
    guard let id = String(validating: line.dropLast(), as: UTF8.self) else {
      throw .line(path: file.path, line: number, .notUTF8)
    }
    if id.isEmpty { throw .line(path: file.path, line: number, .noPictureName) }
    if !known.insert(id).inserted {
      throw .line(path: file.path, line: number, .repeatedPicture(id: id))
    }
    ids.append(id)
    offsets.append(start + line.count)
    byteCounts.append(length - line.count)
    lines.append(number)
  }

  var count: Int { ids.count }
  func name(_ index: Int) -> String { ids[index] }
  func byteCount(_ index: Int) -> Int { byteCounts[index] }

  /// Only some of the pictures.
  func selecting(_ indices: [Int]) -> TSVPictures {
    var result = self
    result.ids = NameArena()
    for index in indices { result.ids.append(ids[index]) }
    result.offsets = indices.map { offsets[$0] }
    result.byteCounts = indices.map { byteCounts[$0] }
    result.lines = indices.map { lines[$0] }
    return result
  }

  func bytes(_ index: Int) throws(DatasetError) -> Block<UInt8> {
    let text: [UInt8]
    do throws(FileError) {
      text = try file.bytes(at: offsets[index], count: byteCounts[index])
    } catch { throw .file(error) }
    guard let bytes = base64(text) else {
      throw .line(path: file.path, line: lines[index], .notBase64)
    }
    do throws(SystemError) { return try MutableBlock(copying: bytes).readOnly } catch {
      throw .file(.cannotRead(path: file.path, error))
    }
  }
}

/// Decodes base64 (RFC 4648) of either alphabet; padding may be missing, a line end's carriage return is skipped.
func base64(_ text: [UInt8]) -> [UInt8]? {
  var result: [UInt8] = []
  result.reserveCapacity(text.count / 4 * 3)
  var bits: UInt32 = 0
  var count = 0
  var padding = 0
  for byte in text {
    let value: UInt32
    switch byte {
    case 0x41...0x5A: value = UInt32(byte) - 0x41
    case 0x61...0x7A: value = UInt32(byte) - 0x61 + 26
    case 0x30...0x39: value = UInt32(byte) - 0x30 + 52
    case 0x2B, 0x2D: value = 62
    case 0x2F, 0x5F: value = 63
    case 0x3D:
      padding += 1
      continue
    case 0x0D: continue
    default: return nil
    }
    if padding > 0 { return nil }
    bits = bits << 6 | value
    count += 1
    if count == 4 {
      result += [UInt8(bits >> 16 & 255), UInt8(bits >> 8 & 255), UInt8(bits & 255)]
      bits = 0
      count = 0
    }
  }
  switch count {
  case 0: break
  case 2: result.append(UInt8(bits >> 4 & 255))
  case 3: result += [UInt8(bits >> 10 & 255), UInt8(bits >> 2 & 255)]
  default: return nil
  }
  return padding > 2 ? nil : result
}
