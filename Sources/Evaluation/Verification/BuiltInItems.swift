internal import TCMFormat
internal import TensorCore

/// Texts and pictures to compare two models on where there is no data set.
///
/// They say whether embeddings stay where they were, not how accurate a model is.
enum BuiltInItems {
  /// Short Chinese texts of many kinds.
  static let texts = [
    "一只猫", "一只狗在草地上奔跑", "红色的苹果", "蓝天白云下的雪山", "城市夜景", "海边的日落", "一碗热气腾腾的牛肉面",
    "穿白色婚纱的新娘", "正在踢足球的孩子", "火车站台上的人群", "一辆黄色的出租车", "书架上的旧书", "戴眼镜的老人在看报纸",
    "厨房里的冰箱和烤箱", "雨中撑伞的行人", "一架飞机正在起飞", "办公桌上的笔记本电脑", "森林里的小木屋", "沙漠中的骆驼队",
    "水果市场的摊位", "医生给病人量血压", "两个人在下象棋", "舞台上的乐队", "冬天结冰的湖面", "一群飞过的大雁",
    "古代建筑的屋檐", "中国水墨画风格的竹子", "黑白照片里的街道", "一张模糊的照片", "卡通风格的熊猫", "手机屏幕上的二维码",
    "超市货架上的牛奶", "正在充电的电动汽车", "工地上的起重机", "教室里举手的学生", "生日蛋糕和蜡烛", "游泳池边的躺椅",
    "阳台上的盆栽", "猫", "数字", "白色背景上的黑色汉字", "iPhone 14 Pro 手机壳", "价格：￥99.9 元", "2008年北京奥运会开幕式",
    "一个穿着红色连衣裙、手里拿着一束白色百合花的年轻女子站在海边的木栈桥上，远处是正在落下的太阳和几艘归航的渔船",
  ]

  /// The number of pictures.
  static let pictureCount = 16

  /// A picture, normalised as a tower's preprocessing does.
  ///
  /// - Parameters:
  ///   - pixels: Receives `[3, side, side]`.
  ///   - number: Below `pictureCount`.
  ///   - tower: Whose side, mean and standard deviation.
  static func fill(_ pixels: MutableBlock<Float>, _ number: Int, for tower: ImageTowerRecord) {
    let values = picture(number, side: tower.imageSize)
    let area = tower.imageSize * tower.imageSize
    for place in 0..<values.count {
      let channel = place / area
      pixels[place] = (values[place] - tower.mean[channel]) / tower.standardDeviation[channel]
    }
  }

  /// A picture already of the size a tower sees: waves, edges and noise of many scales, the same on every machine.
  ///
  /// - Parameters:
  ///   - number: Below `pictureCount`.
  ///   - side: In pixels.
  /// - Returns: `[3, side, side]` between 0 and 1.
  static func picture(_ number: Int, side: Int) -> [Float] {
    var random = RandomNumbers(seed: UInt64(number) &+ 1)
    var values = [Float](repeating: 0, count: 3 * side * side)
    // Rectangles and discs of random colour over each other, then noise.
    let ground = (0..<3).map { _ in Float(random.unit()) }
    for channel in 0..<3 {
      for index in 0..<side * side { values[channel * side * side + index] = ground[channel] }
    }
    for _ in 0..<(2 + number) {
      let (x, y) = (random.unit() * Double(side), random.unit() * Double(side))
      let extent = (0.05 + 0.4 * random.unit()) * Double(side)
      let isDisc = random.next() % 2 == 0
      let stretch = 0.4 + random.unit()
      let colour = (0..<3).map { _ in Float(random.unit()) }
      for row in 0..<side {
        for column in 0..<side {
          let (dx, dy) = ((Double(column) - x) / stretch, (Double(row) - y) * stretch)
          let isInside =
            isDisc
            ? dx * dx + dy * dy < extent * extent : abs(dx) < extent && abs(dy) < extent
          if !isInside { continue }
          for channel in 0..<3 {
            values[(channel * side + row) * side + column] = colour[channel]
          }
        }
      }
    }
    let noise = Float(random.unit() * 0.15)
    for index in values.indices {
      let value = values[index] + (Float(random.unit()) - 0.5) * noise
      values[index] = min(max(value, 0), 1)
    }
    return values
  }
}
