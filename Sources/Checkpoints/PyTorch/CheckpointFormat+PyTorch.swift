internal import TensorCore

extension CheckpointFormat {
  /// What `torch.save` writes since PyTorch 1.6, and indexes of several such files.
  static let pyTorch = CheckpointFormat(
    name: "PyTorch checkpoint",
    preferredNames: [
      "open_clip_pytorch_model.bin", "pytorch_model.bin", "pytorch_model.bin.index.json",
    ],
    suffixes: [".bin", ".pt", ".pth", ".ckpt", ".bin.index.json"],
    recognises: { start, path in
      FileKind.recognise(start)?.name == "zip" || path.hasSuffix(".bin.index.json")
    },
    open: { (path, limits) throws(CheckpointError) in
      if !path.hasSuffix(".bin.index.json") { return try PyTorchFile(path: path, limits: limits) }
      return try ShardedCheckpoint(path: path, format: "sharded PyTorch checkpoint", limits: limits)
      {
        (path) throws(CheckpointError) in try PyTorchFile(path: path, limits: limits)
      }
    })

  /// What `torch.save` wrote before; recognised only.
  static let pickle = CheckpointFormat(
    name: "old-format PyTorch checkpoint",
    preferredNames: [], suffixes: [],
    recognises: { start, _ in FileKind.recognise(start)?.name == "pickle" },
    open: nil)
}
