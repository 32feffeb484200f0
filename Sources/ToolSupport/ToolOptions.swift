public import ArgumentParser
internal import CPlatform
internal import Glibc
public import Kernels
internal import TensorCore

/// Options that every command has.
public struct ToolOptions: ParsableArguments {
  /// Number of threads.
  @Option(help: "Threads to use; what affinity and cgroup quota allow if not given.")
  public var threads: Int?

  /// For ArgumentParser.
  public init() {}

  /// Refuses what makes no sense.
  ///
  /// - Throws: `ValidationError`.
  public func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads takes 1 to 1024, found \(threads).")
    }
  }

  /// The number of threads, given or found.
  public var threadCount: Int { threads ?? Int(cp_processor_count()) }
}

/// An error of a tool itself, in one sentence.
public struct ToolError: Error, CustomStringConvertible {
  /// The sentence.
  public let description: String

  /// Wraps a sentence.
  ///
  /// - Parameter description: Without `error:` before it.
  public init(_ description: String) { self.description = description }
}

/// What both tools do around their commands.
public enum Tool {
  /// The version of the tools.
  public static let version = "0.1.0"

  /// Keeps a closed pipe or a file-size limit from ending the process without a sentence.
  public static func prepare() {
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
  }

  /// Writes a line to standard error.
  ///
  /// - Parameter line: Without a line end.
  public static func note(_ line: String) {
    write(line + "\n")
  }

  /// Writes text to standard error as it is, for progress on a terminal.
  ///
  /// - Parameter text: Any text.
  public static func write(_ text: String) {
    let bytes = Array(text.utf8)
    _ = unsafe Glibc.write(2, bytes, bytes.count)
  }

  /// Runs `body`; an error becomes one `error:` sentence and exit status 1.
  ///
  /// - Parameter body: The command's work.
  /// - Throws: `ExitCode.failure`.
  public static func run(_ body: () throws -> Void) throws {
    do { try body() } catch let exit as ExitCode { throw exit } catch {
      note("error: \(error)")
      throw ExitCode.failure
    }
  }

  /// The instruction set that TAIYI_ISA names, or the best.
  ///
  /// - Returns: One that this processor runs.
  /// - Throws: `ToolError` if it names one that is unknown or not available.
  public static func instructionSet() throws(ToolError) -> InstructionSet {
    guard let value = unsafe getenv("TAIYI_ISA") else { return .best }
    let name = unsafe String(cString: value)
    guard let set = InstructionSet(name: name) else {
      let known = InstructionSet.allCases.map(\.name).joined(separator: ", ")
      throw ToolError("TAIYI_ISA is \(printable(name)), expected one of \(known)")
    }
    if !set.isAvailable {
      throw ToolError("TAIYI_ISA is \(name), which this processor does not run")
    }
    return set
  }

  /// The lines of a UTF-8 text file, split at byte 0x0A only; an optional byte order mark is dropped.
  ///
  /// - Parameter path: Any path.
  /// - Returns: The lines without their ends; an empty last line does not count.
  /// - Throws: `FileError`, or `ToolError` for a file over 16 MB.
  public static func lines(_ path: String) throws -> [String] {
    let file = try InputFile(path: path)
    if file.byteCount > 16 << 20 {
      throw ToolError("\(path): at most 16777216 bytes of text, found \(file.byteCount)")
    }
    var bytes = try file.bytes(at: 0, count: file.byteCount)
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
    var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map { line in
      String(decoding: line.last == 0x0D ? line.dropLast() : line, as: UTF8.self)
    }
    if lines.last == "" { lines.removeLast() }
    return lines
  }
}
