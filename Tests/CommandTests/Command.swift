import Foundation
import TestSupport
import Testing

/// Runs the built tools as a user would.
struct Command {
  /// What a finished process left.
  struct Outcome: Equatable {
    var status: Int32
    var output: String
    var errors: String

    /// The output's lines, without the last line end.
    var lines: [String] { output.split(separator: "\n").map(String.init) }
  }

  /// The folder of the built executables: that of the test runner.
  static let folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().path

  /// Runs a tool and waits for it.
  ///
  /// - Parameters:
  ///   - tool: `taiyi` or `taiyi-convert`.
  ///   - arguments: As a shell would pass them.
  ///   - environment: Added to this process's.
  ///   - shell: Shell text before the command, for limits and redirections after it: `{}` stands for the command.
  static func run(
    _ tool: String, _ arguments: [String], environment: [String: String] = [:],
    shell: String? = nil
  ) throws -> Outcome {
    let process = Process()
    let path = folder + "/" + tool
    if let shell {
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      let text = shell.replacingOccurrences(of: "{}", with: "\"$0\" \"$@\"")
      process.arguments = ["-c", text, path] + arguments
    } else {
      process.executableURL = URL(fileURLWithPath: path)
      process.arguments = arguments
    }
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    process.standardInput = FileHandle.nullDevice
    try process.run()
    // Both pipes are drained at the same time, so that neither fills up.
    let collected = Collected()
    let group = DispatchGroup()
    DispatchQueue.global().async(group: group) {
      collected.errors = errors.fileHandleForReading.readDataToEndOfFile()
    }
    let outputData = output.fileHandleForReading.readDataToEndOfFile()
    group.wait()
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus, output: String(decoding: outputData, as: UTF8.self),
      errors: String(decoding: collected.errors, as: UTF8.self))
  }

  private final class Collected: @unchecked Sendable {
    var errors = Data()
  }
}

/// Models of the bundled checkpoints, converted once by the tool itself.
enum Models {
  private static let folder = NSTemporaryDirectory() + "taiyi-models-\(getpid())"

  /// text and image, int8.
  static let int8 = Result { try convert("int8", ["text", "image"]) }
  /// text and image, f32.
  static let f32 = Result { try convert("f32", ["text", "image"]) }
  /// Only the text tower.
  static let text = Result { try convert("int8", ["text"]) }
  /// Only the image tower.
  static let image = Result { try convert("int8", ["image"]) }

  private static let cleaning: Void = {
    try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    atexit { try? FileManager.default.removeItem(atPath: Models.folder) }
  }()

  private static func convert(_ scheme: String, _ checkpoints: [String]) throws -> String {
    cleaning
    let output = folder + "/" + checkpoints.joined(separator: "-") + "." + scheme + ".tcm"
    let inputs = checkpoints.map { Fixture.path("checkpoints/" + $0) }
    let outcome = try Command.run("taiyi-convert", ["--quant", scheme] + inputs + [output])
    #expect(outcome.status == 0, "\(outcome.errors)")
    return output
  }
}

/// A line of `--json` output.
func object(_ line: String) throws -> [String: Any] {
  try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
}
