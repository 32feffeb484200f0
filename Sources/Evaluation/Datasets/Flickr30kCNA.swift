internal import Checkpoints

extension DatasetKind {
  /// A caption a line after its picture's name.
  static let flickr30kCNA = DatasetKind(
    name: "flickr30k-cna",
    summary: "a caption file of Flickr30k-CNA, <id>[#n]<TAB>caption, and the pictures' folder",
    options: [.images]
  ) { (specification) throws(DatasetError) in
    let folder = specification.options["images"] ?? ""
    var files = CaptionedFiles(folder: folder)
    let path = specification.path
    try TextLines.forEach(path) { (number, line) throws(DatasetError) in
      if TextLines.isBlank(line) { return }
      // CLIP_benchmark's files have a header and "<id>.jpg,caption".
      if number == 1 && (line == "image,caption" || line.hasPrefix("image_name")) { return }
      guard let split = splitCaption(line) else {
        throw .line(path: path, line: number, .noSeparator(expected: "<id>, a tab and a caption"))
      }
      try files.add(split, path: path, line: number, folder: folder)
    }
    return try files.dataset(specification)
  }

  /// The picture's name and the caption: at the first tab, else after `.jpg,`, else at the first white space.
  private static func splitCaption(_ line: String) -> (name: String, caption: String)? {
    if let tab = line.utf8.firstIndex(of: 0x09) {
      return (String(line[..<tab]), String(line[line.utf8.index(after: tab)...]))
    }
    let bytes = Array(line.utf8)
    let mark = Array(".jpg,".utf8)
    var index = 0
    while index + mark.count <= bytes.count {
      if bytes[index..<index + mark.count].elementsEqual(mark) {
        return (
          String(decoding: bytes[..<(index + 4)], as: UTF8.self),
          String(decoding: bytes[(index + mark.count)...], as: UTF8.self)
        )
      }
      index += 1
    }
    guard let space = line.utf8.firstIndex(of: 0x20) else { return nil }
    return (String(line[..<space]), String(line[line.utf8.index(after: space)...]))
  }
}

extension CaptionedFiles {
  /// Adds the caption of a line that begins with `<id>[#n]`.
  mutating func add(
    _ split: (name: String, caption: String), path: String, line: Int, folder: String
  ) throws(DatasetError) {
    let key = TextLines.trimmed(
      split.name[..<(split.name.utf8.firstIndex(of: 0x23) ?? split.name.endIndex)])
    let caption = TextLines.trimmed(split.caption[...])
    if key.isEmpty { throw .line(path: path, line: line, .noPictureName) }
    if caption.isEmpty { throw .line(path: path, line: line, .noCaption) }
    if !add(caption, key: key, file: { CaptionedFiles.find(folder, $0) }) {
      throw .line(path: path, line: line, .noPicture(name: joined(folder, key)))
    }
  }
}
