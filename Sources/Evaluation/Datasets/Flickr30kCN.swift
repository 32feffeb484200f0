internal import Checkpoints

extension DatasetKind {
  /// Words with their parts of speech, as li-xirong/cross-lingual-cap has them.
  static let flickr30kCN = DatasetKind(
    name: "flickr30k-cn",
    summary:
      "a file of Flickr30k-CN with tagged words, <id>#zhm#0 word:POS word:POS, and the pictures' folder",
    options: [.images]
  ) { (specification) throws(DatasetError) in
    let folder = specification.options["images"] ?? ""
    var files = CaptionedFiles(folder: folder)
    let path = specification.path
    try TextLines.forEach(path) { (number, line) throws(DatasetError) in
      if TextLines.isBlank(line) { return }
      guard let space = line.utf8.firstIndex(where: { $0 == 0x20 || $0 == 0x09 }) else {
        throw .line(
          path: path, line: number, .noSeparator(expected: "<id>#zhm#n, a space and words"))
      }
      let caption = untagged(String(line[line.utf8.index(after: space)...]))
      try files.add((String(line[..<space]), caption), path: path, line: number, folder: folder)
    }
    return try files.dataset(specification)
  }

  /// Words without their tags, put together; two spaces between words stand for a comma.
  static func untagged(_ text: String) -> String {
    var result = ""
    var spaces = 0
    for word in text.split(separator: " ", omittingEmptySubsequences: false) {
      if word.isEmpty {
        spaces += 1
        continue
      }
      if spaces > 0 && !result.isEmpty { result += "，" }
      spaces = 0
      var end = word.endIndex
      if let colon = word.lastIndex(of: ":"), colon > word.startIndex {
        let tag = word[word.index(after: colon)...]
        if !tag.isEmpty && tag.allSatisfy({ $0.isASCII && $0.isLetter }) { end = colon }
      }
      result += word[..<end]
    }
    return result
  }
}
