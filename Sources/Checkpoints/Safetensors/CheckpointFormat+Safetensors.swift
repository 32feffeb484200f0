extension CheckpointFormat {
  /// A `.safetensors` file, or the index of several.
  ///
  /// open_clip's name comes first: where a folder has both, `model.safetensors` is the same model
  /// in the layout of another library.
  static let safetensors = CheckpointFormat(
    name: "safetensors file",
    preferredNames: [
      "open_clip_model.safetensors", "model.safetensors", "model.safetensors.index.json",
    ],
    suffixes: [indexSuffix, ".safetensors"],
    recognises: { start, path in
      if SafetensorsFile.isLikely(start) { return true }
      let kind = FileKind.recognise(start)
      if path.hasSuffix(indexSuffix) {
        return kind?.name == "json" || start.starts(with: [0xEF, 0xBB, 0xBF])
      }
      return path.hasSuffix(".safetensors") && kind == nil
    },
    open: { (path, limits) throws(CheckpointError) in
      if path.hasSuffix(indexSuffix) { return try ShardedCheckpoint(path: path, limits: limits) }
      return try SafetensorsFile(path: path, limits: limits)
    })
}

private let indexSuffix = ".safetensors.index.json"
