/// A checkpoint and what was found around it.
public struct OpenedCheckpoint: Sendable {
  /// The tensors.
  public let checkpoint: any Checkpoint
  /// Configurations and vocabulary beside it.
  public let sideFiles: SideFiles
  /// What the user should know though nothing is wrong.
  public let notes: [CheckpointNote]

  /// Whether it is a compiled model of `torch.jit.save`.
  public var isTorchScript: Bool { (checkpoint as? PyTorchFile)?.isScript ?? false }

  /// Puts the parts together.
  ///
  /// - Parameters:
  ///   - checkpoint: The tensors.
  ///   - sideFiles: What lies beside it.
  ///   - notes: What the user should know.
  public init(
    checkpoint: any Checkpoint, sideFiles: SideFiles = SideFiles(), notes: [CheckpointNote] = []
  ) {
    self.checkpoint = checkpoint
    self.sideFiles = sideFiles
    self.notes = notes
  }
}
