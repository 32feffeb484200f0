extension Dataset {
  /// The pictures of a folder, without anything about them.
  ///
  /// - Parameter folder: Its .jpg, .jpeg and .png files are taken, in the order of their names; folders in it are not.
  /// - Returns: At least one picture.
  /// - Throws: `DatasetError`.
  public static func pictures(in folder: String) throws(DatasetError) -> any PictureSource {
    var pictures = FilePictures(folder: folder)
    for name in try FilePictures.entries(folder) where FilePictures.isPicture(name) {
      pictures.names.append(name)
    }
    if pictures.count == 0 {
      throw .empty(path: folder, expected: "pictures (.jpg, .jpeg, .png)")
    }
    return pictures
  }
}
