internal import ArgumentParser
internal import Evaluation
internal import Glibc
internal import ToolSupport

/// Where what is slow to make is kept.
struct CacheOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Where references, statistics and embeddings are kept (default: $XDG_CACHE_HOME/taiyi-convert or ~/.cache/taiyi-convert).",
      valueName: "folder"))
  var cache: String?

  /// Opens the folder given or the usual one.
  func open() throws -> EvaluationCache { try EvaluationCache(folder: folder()) }

  private func folder() throws -> String {
    if let cache { return cache }
    for (name, ending) in [("XDG_CACHE_HOME", "/taiyi-convert"), ("HOME", "/.cache/taiyi-convert")]
    {
      if let value = unsafe getenv(name) {
        let folder = unsafe String(cString: value)
        if folder.hasPrefix("/") { return folder + ending }
      }
    }
    throw ToolError("there is no home folder for the cache; say --cache FOLDER")
  }
}
