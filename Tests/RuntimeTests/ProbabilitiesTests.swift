import CLIPRuntime
import Foundation
import TensorCore
import Testing

/// Cosines and their softmax.
@Suite struct ProbabilitiesTests {
  /// Two labels: the second's probability is 1/(1 + e^d), for many distances, against glibc's exponential.
  @Test func softmaxOfTwo() {
    var worst = 0.0
    for step in 0...20_000 {
      let cosine = Float(step) / 10_000 - 1
      let found = Probabilities.softmax([1, cosine], scale: 100)
      let power = exp(100 * Double(cosine - 1))
      // Two quotients, each rounded by half a unit at most.
      #expect(abs(found[0] + found[1] - 1) <= .ulpOfOne)
      worst = max(worst, abs(found[1] / (power / (1 + power)) - 1))
    }
    // Two units in the last place of the exponential, and the rounding of sum and quotient.
    #expect(worst <= 1e-15, "\(worst)")
  }

  @Test func extremes() {
    #expect(Probabilities.softmax([], scale: 100) == [])
    #expect(Probabilities.softmax([0.3], scale: 100) == [1])
    #expect(Probabilities.softmax([0.5, 0.5], scale: 100) == [0.5, 0.5])
    // e^-2000 is no number above zero.
    #expect(Probabilities.softmax([1, -1], scale: 1_000) == [1, 0])
    let four = Probabilities.softmax([0.1, 0.3, 0.2, 0.3], scale: 50)
    let powers = [Float(0.1), 0.3, 0.2, 0.3].map { exp(50 * Double($0 - 0.3)) }
    for (found, power) in zip(four, powers) {
      #expect(abs(found / (power / powers.reduce(0, +)) - 1) <= 1e-15)
    }
  }

  @Test func cosines() throws {
    let labels = try MutableBlock<Float>(copying: [1, 0, 0.6, 0.8, -0.8, 0.6]).readOnly
    let embedding = try MutableBlock<Float>(copying: [0.6, 0.8]).readOnly
    let found = Probabilities.cosines(of: embedding, with: labels)
    // Each the sum of two rounded products, the first label's first.
    let (a, b): (Float, Float) = (0.6, 0.8)
    let second: Float = a * a + b * b
    let third: Float = -b * a + a * b
    #expect(found == [a, second, third])
  }

  /// What runs on devices uses neither Foundation nor the C library's overlay, in the sources.
  @Test func noFoundation() throws {
    let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Sources").standardized
    let modules = [
      "TensorCore", "Kernels", "TCMFormat", "Tokenization", "ImageInput", "CLIPRuntime", "Notation",
      "Answers", "TaiyiC", "EdgeTool",
    ]
    for module in modules {
      let folder = sources.appendingPathComponent(module)
      let names = try #require(FileManager.default.enumerator(atPath: folder.path))
      var count = 0
      for case let name as String in names where name.hasSuffix(".swift") {
        count += 1
        let text = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
        for line in text.split(separator: "\n") where line.contains("import ") {
          #expect(
            !["Foundation", "Glibc", "Dispatch", "Synchronization"].contains {
              line.hasSuffix("import " + $0)
            }, "\(module)/\(name): \(line)")
        }
      }
      #expect(count > 0)
    }
  }
}
