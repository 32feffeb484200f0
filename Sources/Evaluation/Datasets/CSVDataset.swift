internal import Checkpoints

extension DatasetKind {
  /// A table of picture names and captions.
  static let csv = DatasetKind(
    name: "csv",
    summary:
      "a CSV table with a column of picture names and one of captions, as Wukong's; missing pictures are skipped and counted",
    options: [
      .images,
      Option("image", "the column of picture names (default: the first of dir, image, name, url)"),
      Option("caption", "the column of captions (default: the first of text, caption)"),
    ]
  ) { (specification) throws(DatasetError) in
    let folder = specification.options["images"] ?? ""
    let path = specification.path
    var files = CaptionedFiles(folder: folder)
    var columns: (image: Int, caption: Int, count: Int)?
    var rows = 0
    var missing = 0
    try CSVText.forEachRow(path) { (number, fields) throws(DatasetError) in
      guard let columns else {
        columns = try (
          column("image", ["dir", "image", "name", "url"], fields, specification),
          column("caption", ["text", "caption"], fields, specification), fields.count
        )
        return
      }
      if fields.count != columns.count {
        throw .line(
          path: path, line: number, .columns(found: fields.count, expected: columns.count))
      }
      rows += 1
      let caption = TextLines.trimmed(fields[columns.caption][...])
      let name = TextLines.trimmed(fields[columns.image][...])
      if caption.isEmpty { throw .line(path: path, line: number, .noCaption) }
      if name.isEmpty { throw .line(path: path, line: number, .noPictureName) }
      let isThere = files.add(caption, key: name) { key in
        // Of an address, the picture was stored under its last part.
        CaptionedFiles.find(folder, key)
          ?? key.split(separator: "/").last.flatMap { CaptionedFiles.find(folder, String($0)) }
      }
      if !isThere { missing += 1 }
    }
    if files.captions.isEmpty && missing > 0 {
      throw .empty(path: folder, expected: "a picture of the \(rows) that \(path) names")
    }
    let notes = missing == 0 ? [] : ["\(missing) of \(rows) rows are skipped: no such picture"]
    return try files.dataset(specification, notes: notes)
  }

  private static func column(
    _ option: String, _ usual: [String], _ header: [String],
    _ specification: DatasetSpecification
  ) throws(DatasetError) -> Int {
    let wanted = specification.options[option].map { [$0] } ?? usual
    for name in wanted {
      if let index = header.firstIndex(of: name) { return index }
    }
    throw .line(
      path: specification.path, line: 1,
      .noColumn(wanted.joined(separator: " or "), known: header))
  }
}

/// Tables of comma-separated values (RFC 4180).
enum CSVText {
  /// Most columns of a table.
  static let columnLimit = 1_000

  /// Calls `body` with each row and the number of the line it begins on.
  static func forEachRow(
    _ path: String, _ body: (Int, [String]) throws(DatasetError) -> Void
  ) throws(DatasetError) {
    let bytes = try TextLines.contents(path)
    var index = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    var line = 1
    while index < bytes.count {
      let first = line
      let start = index
      var fields: [String] = []
      var field: [UInt8] = []
      var isQuoted = false
      var wasQuoted = false
      var isOpen = true
      func finish() throws(DatasetError) {
        if field.contains(0) { throw .line(path: path, line: first, .nul) }
        guard let text = String(validating: field, as: UTF8.self) else {
          throw .line(path: path, line: first, .notUTF8)
        }
        fields.append(text)
        if fields.count > columnLimit {
          throw .limit(path: path, what: "columns", found: fields.count, limit: columnLimit)
        }
        field = []
        wasQuoted = false
      }
      while isOpen && index < bytes.count {
        let byte = bytes[index]
        index += 1
        if byte == 0x0A { line += 1 }
        try TextLines.checkLine(index - start - 1, path)
        if isQuoted {
          if byte != UInt8(ascii: "\"") {
            field.append(byte)
          } else if index < bytes.count && bytes[index] == byte {
            field.append(byte)
            index += 1
          } else {
            isQuoted = false
            wasQuoted = true
          }
          continue
        }
        switch byte {
        case UInt8(ascii: ","): try finish()
        case 0x0A: isOpen = false
        case 0x0D where index < bytes.count && bytes[index] == 0x0A: break
        case UInt8(ascii: "\"") where field.isEmpty && !wasQuoted: isQuoted = true
        default:
          if wasQuoted { throw .line(path: path, line: line, .textAfterQuote) }
          field.append(byte)
        }
      }
      if isQuoted { throw .line(path: path, line: first, .openQuote) }
      try finish()
      if fields == [""] { continue }
      try body(first, fields)
    }
  }
}
