internal import Checkpoints

extension DatasetKind {
  /// One folder a class, as ImageNet is unpacked.
  static let imageFolder = DatasetKind(
    name: "imagefolder",
    summary: "a folder for each class: ImageNet's val, torchvision's ImageFolder",
    options: [
      .classNames, .templates,
      Option("wnids", "a file with one WordNet id a line, in the order of the class names"),
      Option("order", "how folders name classes: wnid, index or name (default: found out)"),
      Option("dataset", "the list to take from JSON files with several"),
    ]
  ) { (specification) throws(DatasetError) in
    let root = try classRoot(specification.path)
    let folders = try FilePictures.entries(root).filter {
      !$0.hasPrefix(".") && FilePictures.isFolder(joined(root, $0))
    }
    let keys = specification.options["dataset"].map { [$0] } ?? []
    let names = try specification.options["classnames"].map { (path) throws(DatasetError) in
      try TextList.classNames(path, keys: keys)
    }
    let templates = try specification.options["templates"].map { (path) throws(DatasetError) in
      try TextList.templates(path, keys: keys)
    }
    let classes = try ClassFolders(folders, root: root, names: names, specification)
    var pictures = FilePictures(folder: root)
    var labelOf: [Int32] = []
    for (folder, index) in zip(folders, classes.indices) {
      let count = try pictures.append(from: folder)
      labelOf += [Int32](repeating: Int32(index), count: count)
    }
    if labelOf.isEmpty { throw .empty(path: root, expected: "pictures in folders of classes") }
    return Dataset(
      name: specification.text, pictures: pictures,
      task: .classification(
        .init(labels: classes.labels, templates: templates ?? [], labelOf: labelOf)))
  }

  /// The folder itself, or its `val` or `test`, whichever has pictures in folders.
  static func classRoot(_ path: String) throws(DatasetError) -> String {
    for root in [path, joined(path, "val"), joined(path, "test")] {
      if !FilePictures.isFolder(root) { continue }
      for folder in try FilePictures.entries(root) where !folder.hasPrefix(".") {
        let inside = joined(root, folder)
        if FilePictures.isFolder(inside),
          try FilePictures.entries(inside).contains(where: FilePictures.isPicture)
        {
          return root
        }
      }
    }
    _ = try FilePictures.entries(path)
    throw .empty(path: path, expected: "folders of classes with pictures (.jpg, .jpeg, .png)")
  }
}

/// Which class each folder is.
struct ClassFolders {
  /// Names of all classes.
  let labels: [String]
  /// The class of each folder.
  let indices: [Int]

  /// Finds out how folders name classes.
  ///
  /// - Parameters:
  ///   - folders: Sorted.
  ///   - root: For errors.
  ///   - names: Class names, if the user gave some.
  ///   - specification: For the options `order` and `wnids`.
  init(
    _ folders: [String], root: String, names: [String]?, _ specification: DatasetSpecification
  ) throws(DatasetError) {
    let wnids = try specification.options["wnids"].map { (path) throws(DatasetError) in
      try TextList.classNames(path)
    }
    var order = try specification.choice("order", ["", "wnid", "index", "name"])
    guard let names else {
      labels = folders
      indices = Array(folders.indices)
      return
    }
    labels = names
    let areNumbers = folders.allSatisfy { !$0.isEmpty && $0.allSatisfy(\.isNumber) }
    if order.isEmpty {
      order =
        wnids != nil
        ? "wnid" : areNumbers ? "index" : Set(folders).isSubset(of: names) ? "name" : "wnid"
    }
    if let wnids, wnids.count != names.count {
      throw .counts(
        path: root, what: "WordNet ids", found: wnids.count, other: "class names",
        expected: names.count, hint: "the two files must go together line by line")
    }
    var indices: [Int] = []
    for (rank, folder) in folders.enumerated() {
      switch order {
      case "index":
        guard let index = Int(folder), names.indices.contains(index) else {
          throw .unknownFolder(
            path: root, folder: folder, expected: "a number below \(names.count)")
        }
        indices.append(index)
      case "name":
        guard let index = names.firstIndex(of: folder) else {
          throw .unknownFolder(path: root, folder: folder, expected: "one of the class names")
        }
        indices.append(index)
      default:
        if let wnids {
          guard let index = wnids.firstIndex(of: folder) else {
            throw .unknownFolder(path: root, folder: folder, expected: "one of the WordNet ids")
          }
          indices.append(index)
        } else if folders.count == names.count {
          indices.append(rank)
        } else {
          throw .counts(
            path: root, what: "folders", found: folders.count, other: "class names",
            expected: names.count, hint: "say which is which with wnids=FILE")
        }
      }
    }
    self.indices = indices
  }
}
