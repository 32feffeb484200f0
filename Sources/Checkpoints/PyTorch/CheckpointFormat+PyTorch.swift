internal import TensorCore

extension CheckpointFormat {
  /// What `torch.save` and `torch.jit.save` write, and indexes of several such files.
  static let pyTorch = CheckpointFormat(
    name: "PyTorch checkpoint",
    preferredNames: [
      "open_clip_pytorch_model.bin", "pytorch_model.bin", "pytorch_model.bin.index.json",
    ],
    suffixes: [".bin", ".pt", ".pth", ".ckpt", ".bin.index.json"],
    recognises: { start, path in
      let kind = FileKind.recognise(start)?.name
      if path.hasSuffix(".bin.index.json") {
        return kind == "json" || start.starts(with: [0xEF, 0xBB, 0xBF])
      }
      return [FileKind.zip.name, FileKind.pickle.name].contains(kind)
    },
    open: { (path, limits) throws(CheckpointError) in
      if !path.hasSuffix(".bin.index.json") {
        return try PyTorchFile.open(path: path, limits: limits)
      }
      return try ShardedCheckpoint(path: path, format: "sharded PyTorch checkpoint", limits: limits)
      {
        (path) throws(CheckpointError) in try PyTorchFile.open(path: path, limits: limits)
      }
    })
}
