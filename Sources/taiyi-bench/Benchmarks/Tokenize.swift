internal import CLIPRuntime

extension Benchmark {
  /// Chinese texts to ids, one thread.
  static let tokenize = Benchmark(
    name: "tokenize", summary: "1,000 Chinese texts of about 20 characters to ids"
  ) { context in
    let model = try Model(path: context.model(for: "tokenize"))
    let session = try Session(model: model)
    let forms = [
      "一只小猫坐在红色的车上，看着街道上走来走去的人", "今天天气很好，我们去公园散步。",
      "iPhone 14手机壳，红色！", "一张城市街道的照片，远处有雪山、大海和城市",
    ]
    let texts = (0..<1000).map { forms[$0 % forms.count] + String($0) }
    let bytes = texts.reduce(0) { $0 + $1.utf8.count }
    return [
      Case("tokenize 1000 texts", Work(amount: Double(bytes) * 1e-6, unit: "MB/s")) {
        for text in texts { _ = try session.tokenize(text) }
      }
    ]
  }
}
