/// The size a picture is resized to and the square that is kept of it.
///
/// The square always lies inside: the short side becomes exactly `size` and the long one is not
/// shorter, so torchvision's padding of pictures smaller than the crop has no case here.
package struct ResizeGeometry: Equatable {
  /// Width of the whole resized picture.
  package let width: Int
  /// Height of the whole resized picture.
  package let height: Int
  /// First column that is kept.
  package let left: Int
  /// First row that is kept.
  package let top: Int

  /// Follows torchvision's `Resize` and `CenterCrop`.
  ///
  /// - Parameters:
  ///   - width: The picture's width, 1 to 65,535.
  ///   - height: The picture's height, 1 to 65,535.
  ///   - size: Side of the square, 1 to 65,535.
  ///   - mode: How the picture is brought to size.
  package init(width: Int, height: Int, size: Int, mode: Preprocessing.ResizeMode) {
    switch mode {
    case .squash:
      self.width = size
      self.height = size
    case .shortest:
      // Python: int(size * long / short), a division in doubles and then the fraction cut off.
      let long = Int(Double(size * max(width, height)) / Double(min(width, height)))
      self.width = width <= height ? size : long
      self.height = width <= height ? long : size
    }
    self.left = Self.offset(self.width - size)
    self.top = Self.offset(self.height - size)
  }

  /// Python's `int(round(surplus / 2.0))`: halves go to the even neighbour.
  private static func offset(_ surplus: Int) -> Int {
    let half = surplus / 2
    return surplus % 2 == 1 && half % 2 == 1 ? half + 1 : half
  }
}
