public import CLIPRuntime
public import Notation
internal import TCMFormat
internal import TensorCore

/// What there is to say about a model.
public struct ModelFacts {
  private let model: Model

  /// The facts of an open model.
  ///
  /// - Parameter model: Any.
  public init(_ model: Model) { self.model = model }

  private var manifest: Manifest { model.file.manifest }
  private var promise: String {
    model.isQuantized ? "the same bits on every machine" : "floats; last bits depend on the machine"
  }

  /// Lines for people.
  public var lines: [String] {
    var lines = [
      "\(model.file.path): \(Amount.bytes(model.file.byteCount)), recipe "
        + "\(printable(manifest.provenance.recipe)), made by \(printable(manifest.provenance.tool))",
      "embeddings: \(model.embeddingWidth) wide; \(promise)",
      "logit scale: \(model.logitScale)",
    ]
    if let text = model.textTower {
      lines.append(
        "text: \(printable(text.family)), \(text.layers) layers, width \(text.width), "
          + "\(text.vocabularySize) tokens")
      lines.append(
        "  texts are \(text.masksPadding ? "cut" : "padded") to \(text.contextLength) tokens, "
          + "padding is \(text.masksPadding ? "masked" : "attended to"); "
          + "\(text.pooling.name) output")
    }
    if let image = model.imageTower {
      lines.append(
        "image: \(printable(image.family)), \(image.layers) layers, width \(image.width), "
          + "patches of \(image.patchSize), \(image.activation == .gelu ? "GELU" : "QuickGELU")")
      lines.append(
        "  pictures are \(image.resize == .squash ? "squashed" : "resized and cropped") to "
          + "\(image.imageSize) x \(image.imageSize) (bicubic)")
    }
    if let labels = model.labels?.record {
      let count = labels.templates.isEmpty ? "" : " in \(labels.templates.count) templates"
      lines.append("labels: \(labels.labels.count)\(count), instead of a text tower")
    }
    for assumption in manifest.provenance.assumptions {
      lines.append("assumed: \(printable(assumption))")
    }
    for source in manifest.provenance.sources {
      lines.append("source: \(printable(source.name)), SHA-256 \(Amount.hex(source.sha256))")
    }
    lines += manifest.report.map { StampText($0).lines } ?? ["verified: no report in the file"]
    lines.append(
      "identity: \(Amount.hex(manifest.identity)), numerics version "
        + "\(model.file.header.numericsVersion)")
    return lines
  }

  /// Members of an object for programs.
  public var members: [(String, JSONText)] {
    [
      ("model", .string(model.file.path)), ("bytes", .integer(model.file.byteCount)),
      ("recipe", .string(manifest.provenance.recipe)),
      ("tool", .string(manifest.provenance.tool)),
      ("identity", .string(Amount.hex(manifest.identity))),
      ("numerics_version", .integer(Int(model.file.header.numericsVersion))),
      ("quantized", .bool(model.isQuantized)),
      ("embedding_width", .integer(model.embeddingWidth)),
      ("logit_scale", .float(model.logitScale)),
      ("text", model.textTower.map(Self.json) ?? .null),
      ("image", model.imageTower.map(Self.json) ?? .null),
      ("labels", model.labels.map { Self.json($0.record) } ?? .null),
      ("report", manifest.report.map { StampText($0).json } ?? .null),
      (
        "assumptions", .array(manifest.provenance.assumptions.map { .string($0) })
      ),
      (
        "sources",
        .array(
          manifest.provenance.sources.map { source in
            .object([
              ("name", .string(source.name)), ("bytes", .integer(source.byteCount)),
              ("sha256", .string(Amount.hex(source.sha256))),
            ])
          })
      ),
    ]
  }

  private static func json(_ text: TextTowerRecord) -> JSONText {
    .object([
      ("family", .string(text.family)), ("layers", .integer(text.layers)),
      ("width", .integer(text.width)), ("heads", .integer(text.heads)),
      ("mlp_width", .integer(text.mlpWidth)), ("vocabulary_size", .integer(text.vocabularySize)),
      ("context_length", .integer(text.contextLength)),
      ("padding", .string(text.masksPadding ? "masked" : "fixed")),
      ("attention_mask", .bool(text.masksPadding)),
      ("pooling", .string(text.pooling.name)),
      ("lowercase", .bool(text.lowercases)),
    ])
  }

  private static func json(_ labels: LabelBankRecord) -> JSONText {
    .object([
      ("count", .integer(labels.labels.count)), ("templates", .integer(labels.templates.count)),
      ("text_identity", .string(Amount.hex(labels.textIdentity))),
    ])
  }

  private static func json(_ image: ImageTowerRecord) -> JSONText {
    .object([
      ("family", .string(image.family)), ("layers", .integer(image.layers)),
      ("width", .integer(image.width)), ("heads", .integer(image.heads)),
      ("mlp_width", .integer(image.mlpWidth)),
      ("activation", .string(image.activation == .gelu ? "gelu" : "quickgelu")),
      ("image_size", .integer(image.imageSize)), ("patch_size", .integer(image.patchSize)),
      ("resize", .string(image.resize == .squash ? "squash" : "shortest")),
      ("interpolation", .string("bicubic")),
      ("mean", .array(image.mean.map { .float($0) })),
      ("std", .array(image.standardDeviation.map { .float($0) })),
    ])
  }
}
