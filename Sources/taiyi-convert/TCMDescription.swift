internal import Answers
internal import Notation
internal import TCMFormat
internal import TensorCore
internal import ToolSupport

/// A `.tcm` file for `inspect`.
struct TCMDescription: Description {
  private let file: TCMFile
  private var manifest: Manifest { file.manifest }

  init(_ file: TCMFile) { self.file = file }

  var lines: [String] {
    let header = file.header
    var lines = [
      "\(file.path): .tcm, \(file.byteCount) bytes; read version \(header.readVersion), write "
        + "version \(header.writeVersion), numerics version \(header.numericsVersion)",
      "made by \(printable(manifest.provenance.tool)), recipe "
        + printable(manifest.provenance.recipe),
      "identity \(Amount.hex(manifest.identity))",
      "logit scale \(manifest.logitScale)",
    ]
    lines += manifest.provenance.recipeLines.map { "  " + printable($0) }
    for source in manifest.provenance.sources {
      lines.append(
        "source \(printable(source.name)): \(source.byteCount) bytes, SHA-256 "
          + Amount.hex(source.sha256))
    }
    for assumption in manifest.provenance.assumptions {
      lines.append("assumed: \(printable(assumption))")
    }
    if let text = manifest.text {
      lines.append(
        "text tower: \(printable(text.family)); \(text.layers) layers, width \(text.width), "
          + "\(text.heads) heads, MLP \(text.mlpWidth), \(name(text.activation)), epsilon "
          + "\(text.layerNormEpsilon)")
      lines.append(
        "  \(text.vocabularySize) tokens\(text.lowercases ? ", lowercased" : "")"
          + "\(text.straightensQuotes ? ", quotes straightened" : ""); "
          + "\(text.masksPadding ? "cut" : "padded") to \(text.contextLength) of "
          + "\(text.positions), \(text.masksPadding ? "padding masked" : "unmasked"); "
          + "\(text.pooling.name) output, "
          + "\(text.outputWidth) wide")
    }
    if let image = manifest.image {
      lines.append(
        "image tower: \(printable(image.family)); \(image.layers) layers, width \(image.width), "
          + "\(image.heads) heads, MLP \(image.mlpWidth), \(name(image.activation)), epsilon "
          + "\(image.layerNormEpsilon)")
      lines.append(
        "  \(image.imageSize) x \(image.imageSize) in patches of \(image.patchSize), "
          + "\(image.outputWidth) wide; \(name(image.resize)), bicubic, mean \(image.mean), std "
          + "\(image.standardDeviation)")
    }
    if let bank = manifest.labels {
      lines.append(
        "label bank: \(bank.labels.count) labels in \(bank.templates.count) templates, "
          + "\(bank.width) wide; texts \(bank.masksPadding ? "cut" : "padded") to "
          + "\(bank.contextLength), \(bank.masksPadding ? "padding masked" : "unmasked")")
      lines.append("  made by the model \(Amount.hex(bank.textIdentity))")
      lines += bank.templates.map { "  template \(printable($0))" }
      lines += bank.labels.map { "  label \(printable($0))" }
    }
    if manifest.hasTower {
      lines += manifest.report.map { StampText($0).lines } ?? ["report: none"]
    }
    lines.append("sections: offset, bytes, CRC-32C")
    lines += columns(
      manifest.sections.map {
        [$0.name, String($0.offset), String($0.byteCount), hex($0.checksum)]
      })
    lines.append("tensors: encoding, shape, bytes, parts at their offsets")
    lines += columns(
      manifest.tensors.map { tensor in
        [
          tensor.name, tensor.encoding.name, shape(tensor.shape),
          String(tensor.parts.reduce(0) { $0 + $1.byteCount }),
          tensor.parts.map { "\(name($0.role)) \($0.offset)" }.joined(separator: ", "),
        ]
      })
    return lines
  }

  var json: JSONText {
    .object([
      ("format", .string("tcm")), ("path", .string(file.path)),
      ("bytes", .integer(file.byteCount)),
      ("read_version", .integer(Int(file.header.readVersion))),
      ("write_version", .integer(Int(file.header.writeVersion))),
      ("numerics_version", .integer(Int(file.header.numericsVersion))),
      ("tool", .string(manifest.provenance.tool)),
      ("recipe", .string(manifest.provenance.recipe)),
      ("recipe_lines", .array(manifest.provenance.recipeLines.map { .string($0) })),
      ("identity", .string(Amount.hex(manifest.identity))),
      ("logit_scale", .float(manifest.logitScale)),
      (
        "sources",
        .array(
          manifest.provenance.sources.map {
            .object([
              ("name", .string($0.name)), ("bytes", .integer($0.byteCount)),
              ("sha256", .string(Amount.hex($0.sha256))),
            ])
          })
      ),
      ("assumptions", .array(manifest.provenance.assumptions.map { .string($0) })),
      ("text", manifest.text.map(json) ?? .null), ("image", manifest.image.map(json) ?? .null),
      ("labels", manifest.labels.map(json) ?? .null),
      ("report", manifest.report.map { StampText($0).json } ?? .null),
      (
        "report_numerics_version",
        manifest.report.map { .integer(Int($0.numericsVersion)) } ?? .null
      ),
      (
        "sections",
        .array(
          manifest.sections.map {
            .object([
              ("name", .string($0.name)),
              ("kind", .string($0.kind == .weights ? "weights" : "vocabulary")),
              ("offset", .integer($0.offset)), ("bytes", .integer($0.byteCount)),
              ("crc32c", .string(hex($0.checksum))),
            ])
          })
      ),
      ("tensors", .array(manifest.tensors.map(json))),
    ])
  }

  private func json(_ tensor: TensorRecord) -> JSONText {
    .object([
      ("name", .string(tensor.name)), ("encoding", .string(tensor.encoding.name)),
      ("shape", .array(tensor.shape.map { .integer($0) })),
      ("bytes", .integer(tensor.parts.reduce(0) { $0 + $1.byteCount })),
      (
        "parts",
        .array(
          tensor.parts.map {
            .object([
              ("role", .string(name($0.role))), ("offset", .integer($0.offset)),
              ("bytes", .integer($0.byteCount)),
            ])
          })
      ),
    ])
  }

  private func json(_ text: TextTowerRecord) -> JSONText {
    .object([
      ("family", .string(text.family)), ("layers", .integer(text.layers)),
      ("width", .integer(text.width)), ("heads", .integer(text.heads)),
      ("mlp_width", .integer(text.mlpWidth)), ("activation", .string(name(text.activation))),
      ("layer_norm_epsilon", .float(text.layerNormEpsilon)),
      ("vocabulary_size", .integer(text.vocabularySize)), ("positions", .integer(text.positions)),
      ("context_length", .integer(text.contextLength)), ("lowercase", .bool(text.lowercases)),
      ("masks_padding", .bool(text.masksPadding)),
      ("straight_quotes", .bool(text.straightensQuotes)),
      ("pooling", .string(text.pooling.name)),
      ("output_width", .integer(text.outputWidth)),
    ])
  }

  private func json(_ image: ImageTowerRecord) -> JSONText {
    .object([
      ("family", .string(image.family)), ("layers", .integer(image.layers)),
      ("width", .integer(image.width)), ("heads", .integer(image.heads)),
      ("mlp_width", .integer(image.mlpWidth)), ("activation", .string(name(image.activation))),
      ("layer_norm_epsilon", .float(image.layerNormEpsilon)),
      ("image_size", .integer(image.imageSize)), ("patch_size", .integer(image.patchSize)),
      ("resize", .string(name(image.resize))), ("mean", .array(image.mean.map { .float($0) })),
      ("std", .array(image.standardDeviation.map { .float($0) })),
      ("output_width", .integer(image.outputWidth)),
    ])
  }

  private func json(_ bank: LabelBankRecord) -> JSONText {
    .object([
      ("text_identity", .string(Amount.hex(bank.textIdentity))), ("width", .integer(bank.width)),
      ("context_length", .integer(bank.contextLength)),
      ("masks_padding", .bool(bank.masksPadding)),
      ("labels", .array(bank.labels.map { .string($0) })),
      ("templates", .array(bank.templates.map { .string($0) })),
    ])
  }

  private func shape(_ sizes: [Int]) -> String {
    "[" + sizes.map(String.init).joined(separator: ", ") + "]"
  }

  private func hex(_ value: UInt32) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }

  private func name(_ activation: TowerActivation) -> String {
    activation == .gelu ? "gelu" : "quickgelu"
  }

  private func name(_ resize: ImageTowerRecord.Resize) -> String {
    resize == .squash ? "squash" : "shortest"
  }

  private func name(_ role: TensorRecord.Role) -> String {
    switch role {
    case .values: "values"
    case .rowScales: "row scales"
    case .rowSums: "row sums"
    case .inputScales: "input scales"
    case .subScales: "sub-scales"
    }
  }
}
