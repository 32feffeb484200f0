internal import Checkpoints

extension DatasetKind {
  /// ELEVATER's data sets as Chinese-CLIP packs them.
  static let elevater = DatasetKind(
    name: "elevater",
    summary: "an ELEVATER data set as Chinese-CLIP packs it: label_cn.txt and test/000/...",
    options: [
      .classNames, .templates,
      Option("split", "test or train (default: test)"),
      Option("dataset", "the list to take from a JSON file of templates, such as food_templates"),
    ]
  ) { (specification) throws(DatasetError) in
    let split = try specification.choice("split", ["test", "train"])
    let root = joined(specification.path, split)
    let file = specification.options["classnames"] ?? joined(specification.path, "label_cn.txt")
    let names = try TextList.classNames(file)
    let keys = specification.options["dataset"].map { [$0] } ?? []
    let templates = try specification.options["templates"].map { (path) throws(DatasetError) in
      try TextList.templates(path, keys: keys)
    }
    var pictures = FilePictures(folder: root)
    var labelOf: [Int32] = []
    for folder in try FilePictures.entries(root)
    where !folder.hasPrefix(".") && FilePictures.isFolder(joined(root, folder)) {
      // One digit for up to ten classes, else three; both are plain numbers.
      guard let index = Int(folder), names.indices.contains(index) else {
        throw .unknownFolder(path: root, folder: folder, expected: "a number below \(names.count)")
      }
      let count = try pictures.append(from: folder)
      labelOf += [Int32](repeating: Int32(index), count: count)
    }
    if labelOf.isEmpty { throw .empty(path: root, expected: "pictures in numbered folders") }
    return Dataset(
      name: specification.text, pictures: pictures,
      task: .classification(.init(labels: names, templates: templates ?? [], labelOf: labelOf)))
  }
}
