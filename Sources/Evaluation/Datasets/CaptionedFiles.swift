internal import Checkpoints

/// Captions put together with picture files, each picture once, in the order they are first told.
struct CaptionedFiles {
  private(set) var pictures: FilePictures
  private(set) var captions: [String] = []
  private(set) var pictureOf: [Int32] = []
  private var places: [String: Int32] = [:]

  init(folder: String) { pictures = FilePictures(folder: folder) }

  /// Adds a caption.
  ///
  /// - Parameters:
  ///   - caption: Not blank.
  ///   - key: What the line calls the picture.
  ///   - file: Finds the picture's path below the folder the first time it is named, or `nil` if it is not there.
  /// - Returns: Whether the picture is there.
  mutating func add(_ caption: String, key: String, file: (String) -> String?) -> Bool {
    if places[key] == nil {
      guard let path = file(key) else { return false }
      places[key] = Int32(pictures.count)
      pictures.names.append(path)
    }
    guard let place = places[key] else { return false }
    captions.append(caption)
    pictureOf.append(place)
    return true
  }

  /// The data set.
  func dataset(_ specification: DatasetSpecification, notes: [String] = []) throws(DatasetError)
    -> Dataset
  {
    if captions.isEmpty { throw .empty(path: specification.path, expected: "a caption") }
    return Dataset(
      name: specification.text, pictures: pictures,
      task: .retrieval(.init(captions: captions, pictureOf: pictureOf)), notes: notes)
  }

  /// A file in a folder by a name with or without its ending.
  static func find(_ folder: String, _ name: String) -> String? {
    if name.isEmpty || name.utf8.contains(0) || name.split(separator: "/").contains("..") {
      return nil
    }
    for ending in ["", ".jpg", ".jpeg", ".png", ".JPG", ".JPEG"] {
      if FilePictures.isFile(joined(folder, name + ending)) { return name + ending }
    }
    return nil
  }
}
