internal import Answers
internal import ArgumentParser
internal import Glibc
public import Kernels
internal import TensorCore

/// What the tools do around their commands.
public enum Tool {
  /// The version of the tools, as on devices.
  public static var version: String { Release.version }

  /// Runs a command's work; an error becomes one `error:` sentence and exit status 1.
  ///
  /// - Parameters:
  ///   - outlivesReader: Whether the work goes on when nobody reads the output any more, as a conversion does;
  ///     otherwise a closed pipe ends the process, as it ends other filters.
  ///   - body: The work. It writes its results to the output it is given.
  /// - Throws: `ExitCode.failure`, or the body's `ValidationError`.
  public static func run(
    outlivesReader: Bool = false, _ body: (StandardOutput) throws -> Void
  ) throws {
    if outlivesReader { signal(SIGPIPE, SIG_IGN) }
    // A file-size limit is an error like a full disk, not the end of the process.
    signal(SIGXFSZ, SIG_IGN)
    explainBusErrors()
    let output = StandardOutput()
    do {
      try body(output)
      try output.flush()
    } catch let exit as ExitCode {
      throw exit
    } catch let usage as ValidationError {
      // What only a file tells about the arguments.
      throw usage
    } catch {
      // What was answered before stands.
      try? output.flush()
      note("error: \(error)")
      throw ExitCode.failure
    }
  }

  /// Ends the process with a sentence and status 1 where a mapped file is cut short or its disk fails.
  ///
  /// Without a handler that is a signal. Only what a handler may do is done there: two system calls.
  private static func explainBusErrors() {
    signal(SIGBUS) { _ in
      let sentence: StaticString =
        "error: a file that is being read was cut short, or its disk failed\n"
      _ = unsafe Glibc.write(2, sentence.utf8Start, sentence.utf8CodeUnitCount)
      _exit(1)
    }
  }

  /// Writes a line to standard error.
  ///
  /// - Parameter line: Without a line end.
  public static func note(_ line: String) { write(withoutControls(line) + "\n") }

  /// Whether standard error is a terminal.
  public static var errorsGoToTerminal: Bool { isatty(2) == 1 }

  /// Writes text to standard error as it is.
  ///
  /// - Parameter text: Without a line end of its own, to be continued or overwritten.
  public static func write(_ text: String) {
    let bytes = Array(text.utf8)
    _ = unsafe Glibc.write(2, bytes, bytes.count)
  }

  /// The instruction set that TAIYI_ISA names, or the best.
  ///
  /// - Returns: One that this processor runs.
  /// - Throws: `ToolError` if it names one that is unknown or not available.
  public static func instructionSet() throws -> InstructionSet {
    try answering { () throws(AnswerError) in try InstructionSet.asked() }
  }
}
