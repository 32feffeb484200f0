internal import ArgumentParser
internal import CLIPRuntime
internal import Glibc
internal import ImageInput
internal import TensorCore
internal import ToolSupport

/// `taiyi classify --model M --labels F IMAGE...`.
struct ClassifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "classify", abstract: "Label pictures with the best of a list of texts.")

  @Option(help: "A file with one label a line.")
  var labels: String?
  @Option(help: "A label; may be repeated.")
  var label: [String] = []
  @Option(help: "How many labels to show.")
  var top = 5
  @Option(help: "fixed (the model's protocol), longest or none.")
  var textPadding = PaddingOption.fixed
  @Flag(help: "Print JSON.")
  var json = false
  @OptionGroup var options: ModelOptions
  @Argument(help: "Pictures.")
  var images: [String]

  func validate() throws {
    if label.isEmpty && labels == nil { throw ValidationError("Give --labels or --label.") }
    if top < 1 { throw ValidationError("--top takes at least 1, found \(top).") }
  }

  func run() throws {
    Tool.prepare()
    try Tool.run {
      let session = try options.session()
      let names = label + (try labels.map { try Tool.lines($0) } ?? [])
      if names.isEmpty { throw ToolError("\(labels ?? ""): there is no label") }
      let width = session.model.embeddingWidth
      let texts = try session.embed(texts: names, padding: textPadding.padding)
      for path in images {
        let image = try session.embed(image: options.picture(path))
        let cosines = names.indices.map { name in
          (0..<width).reduce(Float(0)) { $0 + texts[name * width + $1] * image[$1] }
        }
        show(path, names, cosines, session.model.logitScale)
      }
    }
  }

  private func show(_ path: String, _ names: [String], _ cosines: [Float], _ scale: Float) {
    let most = cosines.max() ?? 0
    let powers = cosines.map { exp(Double(scale) * Double($0 - most)) }
    let sum = powers.reduce(0, +)
    let order = names.indices.sorted { (-cosines[$0], $0) < (-cosines[$1], $1) }.prefix(top)
    if json {
      let rows = order.map { index in
        JSONText.object([
          ("label", .string(names[index])), ("probability", .float(Float(powers[index] / sum))),
          ("cosine", .float(cosines[index])),
        ])
      }
      print(JSONText.object([("image", .string(path)), ("labels", .array(Array(rows)))]).text)
    } else {
      print(path)
      for index in order {
        let probability = (powers[index] / sum * 10_000).rounded() / 10_000
        let cosine = (cosines[index] * 10_000).rounded() / 10_000
        print("  \(names[index])  \(probability)  (cosine \(cosine))")
      }
    }
  }
}
