import ImageInput
import Testing

@Suite struct ResizeGeometryTests {
  @Test("Sizes and offsets are torchvision's")
  func torchvision() {
    #expect(Goldens.all.geometry.count > 800)
    for row in Goldens.all.geometry {
      let found = ResizeGeometry(width: row[0], height: row[1], size: row[2], mode: .shortest)
      #expect([found.width, found.height, found.left, found.top] == Array(row[3...]), "\(row)")
    }
  }

  @Test("Offsets round half to even")
  func halves() {
    // 384 x 303 becomes 283 x 224: 59 / 2 = 29.5 -> 30; 451 x 450 at 449: 1 / 2 -> 0.
    let coins = ResizeGeometry(width: 384, height: 303, size: 224, mode: .shortest)
    #expect(coins.width == 283 && coins.height == 224 && coins.left == 30 && coins.top == 0)
    let even = ResizeGeometry(width: 225, height: 224, size: 224, mode: .shortest)
    #expect(even.width == 225 && even.left == 0)
  }

  @Test("Squash ignores the ratio")
  func squash() {
    let found = ResizeGeometry(width: 10, height: 999, size: 224, mode: .squash)
    #expect(found.width == 224 && found.height == 224 && found.left == 0 && found.top == 0)
  }
}
