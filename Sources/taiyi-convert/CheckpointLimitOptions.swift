internal import ArgumentParser
internal import Checkpoints

/// How large the descriptions in a checkpoint may be; see docs/LIMITS.md.
struct CheckpointLimitOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Longest header, pickle or archive directory of a checkpoint that is read.",
      valueName: "bytes"))
  var maxHeader = CheckpointLimits().headerByteCount
  @Option(help: ArgumentHelp("Most tensors of a checkpoint.", valueName: "count"))
  var maxTensors = CheckpointLimits().tensorCount

  func validate() throws {
    if maxHeader < 1 { throw ValidationError("--max-header takes at least 1, found \(maxHeader).") }
    if maxTensors < 1 {
      throw ValidationError("--max-tensors takes at least 1, found \(maxTensors).")
    }
  }

  /// The usual limits with what was said.
  var limits: CheckpointLimits {
    var limits = CheckpointLimits()
    limits.headerByteCount = maxHeader
    limits.tensorCount = maxTensors
    return limits
  }
}
