internal import ArgumentParser
internal import Checkpoints
internal import TCMFormat
internal import TensorCore
internal import ToolSupport

/// `taiyi-convert inspect FILE`.
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect", abstract: "Show what a checkpoint or a .tcm file holds.")

  @Flag(help: "Print JSON.")
  var json = false
  @Argument(help: "A checkpoint (file or folder) or a .tcm file.")
  var file: String

  func run() throws {
    Tool.prepare()
    try Tool.run {
      let isTCM: Bool
      if let input = try? InputFile(path: file), input.byteCount >= 8 {
        isTCM = try input.bytes(at: 0, count: 8) == TCMLayout.magic
      } else {
        isTCM = false
      }
      let description = isTCM ? try describe(TCMFile(path: file)) : try describeCheckpoint()
      print(json ? description.json.text : description.lines.joined(separator: "\n"))
    }
  }

  private func describe(_ file: TCMFile) -> (lines: [String], json: JSONText) {
    let manifest = file.manifest
    let identity = manifest.identity.map { byte in
      (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
    var lines = [
      "\(file.path): .tcm, read version \(file.header.readVersion), numerics version "
        + "\(file.header.numericsVersion), \(file.byteCount) bytes",
      "made by \(manifest.provenance.tool) with recipe \(manifest.provenance.recipe)",
      "identity \(identity)", "logit scale \(manifest.logitScale)",
    ]
    for source in manifest.provenance.sources {
      lines.append("source \(printable(source.name)), \(source.byteCount) bytes")
    }
    for assumption in manifest.provenance.assumptions {
      lines.append("assumed: \(printable(assumption))")
    }
    if let text = manifest.text {
      lines.append(
        "text tower: \(printable(text.family)), \(text.layers) layers of \(text.width), "
          + "\(text.heads) heads, context \(text.contextLength), \(text.activation)")
    }
    if let image = manifest.image {
      lines.append(
        "image tower: \(printable(image.family)), \(image.layers) layers of \(image.width), "
          + "\(image.heads) heads, \(image.imageSize) pixels, patch \(image.patchSize), "
          + "\(image.activation)")
    }
    var tensors: [JSONText] = []
    for tensor in manifest.tensors {
      let bytes = tensor.parts.reduce(0) { $0 + $1.byteCount }
      lines.append("\(printable(tensor.name)) \(tensor.encoding.name) \(tensor.shape) \(bytes)")
      tensors.append(
        .object([
          ("name", .string(tensor.name)), ("encoding", .string(tensor.encoding.name)),
          ("shape", .array(tensor.shape.map { .integer($0) })), ("bytes", .integer(bytes)),
        ]))
    }
    return (
      lines,
      .object([
        ("format", .string("tcm")), ("bytes", .integer(file.byteCount)),
        ("numerics_version", .integer(Int(file.header.numericsVersion))),
        ("tool", .string(manifest.provenance.tool)),
        ("recipe", .string(manifest.provenance.recipe)), ("identity", .string(identity)),
        ("logit_scale", .float(manifest.logitScale)), ("tensors", .array(tensors)),
      ])
    )
  }

  private func describeCheckpoint() throws -> (lines: [String], json: JSONText) {
    let opened = try Checkpoints.open(path: file)
    let checkpoint = opened.checkpoint
    var lines = ["\(file): \(checkpoint.formatName), \(checkpoint.tensors.count) tensors"]
    lines += opened.notes.map(\.description)
    for (key, value) in checkpoint.metadata {
      lines.append("metadata \(printable(key)) = \(printable(value))")
    }
    var tensors: [JSONText] = []
    for tensor in checkpoint.tensors {
      lines.append(
        "\(printable(tensor.name)) \(tensor.elementType.name) \(tensor.shape) \(tensor.byteCount)")
      tensors.append(
        .object([
          ("name", .string(tensor.name)), ("dtype", .string(tensor.elementType.name)),
          ("shape", .array(tensor.shape.map { .integer($0) })),
          ("bytes", .integer(tensor.byteCount)),
        ]))
    }
    return (
      lines,
      .object([("format", .string(checkpoint.formatName)), ("tensors", .array(tensors))])
    )
  }
}
