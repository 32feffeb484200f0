internal import Checkpoints

extension DatasetKind {
  /// COCO-CN as its authors pack it.
  static let cocoCN = DatasetKind(
    name: "coco-cn",
    summary:
      "the unpacked folder coco-cn-version1805v1.1, and a folder with train2014/ and val2014/",
    options: [
      .images,
      Option("split", "test, val or train (default: test)"),
      Option("captions", "human-written or manually-translated (default: human-written)"),
    ]
  ) { (specification) throws(DatasetError) in
    let split = try specification.choice("split", ["test", "val", "train"])
    let kind = try specification.choice("captions", ["human-written", "manually-translated"])
    let folder = specification.options["images"] ?? ""
    let list = joined(specification.path, "coco-cn_\(split).txt")
    var wanted: Set<String> = []
    try TextLines.forEach(list) { (_, line) throws(DatasetError) in
      let id = TextLines.trimmed(line[...])
      if !id.isEmpty { wanted.insert(id) }
    }
    if wanted.isEmpty { throw .empty(path: list, expected: "one picture a line") }
    var files = CaptionedFiles(folder: folder)
    let path = joined(specification.path, "imageid.\(kind)-caption.txt")
    try TextLines.forEach(path) { (number, line) throws(DatasetError) in
      if TextLines.isBlank(line) { return }
      guard let tab = line.utf8.firstIndex(of: 0x09) else {
        throw .line(
          path: path, line: number, .noSeparator(expected: "COCO_...#n, a tab and a caption"))
      }
      let name = line[..<(line.utf8.firstIndex(of: 0x23) ?? tab)]
      if !wanted.contains(String(name)) { return }
      let caption = TextLines.trimmed(line[line.utf8.index(after: tab)...])
      if caption.isEmpty { throw .line(path: path, line: number, .noCaption) }
      let isThere = files.add(caption, key: String(name)) { key in
        // COCO_val2014_000000000042 lies in val2014/; some keep all in one folder.
        let part = key.split(separator: "_").dropFirst().first.map(String.init) ?? ""
        return CaptionedFiles.find(folder, joined(part, key)) ?? CaptionedFiles.find(folder, key)
      }
      if !isThere {
        throw .line(path: path, line: number, .noPicture(name: joined(folder, String(name))))
      }
    }
    return try files.dataset(specification)
  }
}
