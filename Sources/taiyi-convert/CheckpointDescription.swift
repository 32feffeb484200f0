internal import Checkpoints
internal import ModelFamilies
internal import Notation
internal import TensorCore
internal import ToolSupport

/// A checkpoint for `inspect`, with what `convert` would make of it.
struct CheckpointDescription: Description {
  private let opened: OpenedCheckpoint
  private let match: FamilyMatch?
  /// Why `convert` would refuse it, or `nil`.
  private let refusal: String?
  private var checkpoint: any Checkpoint { opened.checkpoint }

  init(path: String, limits: CheckpointLimits) throws {
    let opened = try Checkpoints.open(path: path, limits: limits)
    self.opened = opened
    do {
      match = try ModelFamilies.recognise(FamilyInput(opened), overrides: FamilyOverrides())
      refusal = nil
    } catch {
      match = nil
      refusal = "\(error)"
    }
  }

  var lines: [String] {
    let bytes = checkpoint.tensors.reduce(0) { $0 + $1.byteCount }
    var lines = [
      "\(checkpoint.path): \(checkpoint.formatName), \(checkpoint.tensors.count) tensors, "
        + Amount.bytes(bytes)
    ]
    lines += opened.notes.map(\.description)
    for tower in match?.towers ?? [] {
      lines.append("\(tower.kind.rawValue) tower: \(tower.family)")
      lines += tower.findings.map { "  \($0)" }
    }
    if let scale = match?.logitScale { lines.append("\(scale.finding)") }
    if let refusal { lines.append("not to be converted as it is: \(refusal)") }
    if let unused = match?.unused, !unused.isEmpty {
      lines.append("\(unused.count) tensors unused, for example \(printable(unused[0]))")
    }
    for (key, value) in checkpoint.metadata {
      lines.append("metadata \(printable(key)): \(printable(value))")
    }
    lines.append("tensors: type, shape, bytes")
    lines += columns(
      checkpoint.tensors.map { tensor in
        [
          printable(tensor.name), tensor.elementType.name,
          "[" + tensor.shape.map(String.init).joined(separator: ", ") + "]",
          String(tensor.byteCount),
        ]
      })
    return lines
  }

  var json: JSONText {
    .object([
      ("format", .string(checkpoint.formatName)), ("path", .string(checkpoint.path)),
      ("notes", .array(opened.notes.map { .string($0.description) })),
      (
        "metadata", .object(checkpoint.metadata.map { ($0.key, .string($0.value)) })
      ),
      ("towers", .array((match?.towers ?? []).map(json))),
      ("refusal", refusal.map { .string($0) } ?? .null),
      ("unused", .array((match?.unused ?? []).map { .string($0) })),
      (
        "tensors",
        .array(
          checkpoint.tensors.map { tensor in
            .object([
              ("name", .string(tensor.name)), ("dtype", .string(tensor.elementType.name)),
              ("shape", .array(tensor.shape.map { .integer($0) })),
              ("bytes", .integer(tensor.byteCount)),
            ])
          })
      ),
    ])
  }

  private func json(_ tower: TowerPlan) -> JSONText {
    .object([
      ("kind", .string(tower.kind.rawValue)), ("family", .string(tower.family)),
      (
        "findings",
        .array(
          tower.findings.map {
            .object([
              ("setting", .string($0.setting)), ("value", .string($0.value)),
              ("evidence", .string($0.evidence)), ("assumed", .bool($0.isAssumed)),
            ])
          })
      ),
    ])
  }
}
