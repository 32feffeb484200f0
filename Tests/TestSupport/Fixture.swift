internal import Foundation

/// Where tests find their files.
public enum Fixture {
  /// The repository's top folder.
  public static let root: String = {
    let file = URL(fileURLWithPath: #filePath)
    return file.deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path
  }()

  /// A file of `Fixtures/`, which is part of the repository.
  ///
  /// - Parameter name: The path below `Fixtures/`.
  /// - Returns: An absolute path.
  public static func path(_ name: String) -> String { root + "/Fixtures/" + name }

  /// A file of the folder `shared/` beside the checkout, or `nil` in a clone without it.
  ///
  /// Those files belong to other people and are not part of the repository.
  ///
  /// - Parameter name: The path below `shared/`.
  /// - Returns: An absolute path, if the file is there.
  public static func shared(_ name: String) -> String? {
    let path = URL(fileURLWithPath: root).deletingLastPathComponent().path + "/shared/" + name
    return FileManager.default.fileExists(atPath: path) ? path : nil
  }

  /// All bytes of a file.
  ///
  /// - Parameter path: Any path.
  /// - Returns: The bytes.
  /// - Throws: Foundation's error if the file cannot be read.
  public static func bytes(_ path: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
  }

  /// Runs `body` with a fresh folder that is removed afterwards.
  ///
  /// - Parameter body: Gets the folder's path.
  /// - Returns: What `body` returns.
  /// - Throws: What `body` throws.
  public static func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("taiyi-test-" + UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder.path)
  }
}
