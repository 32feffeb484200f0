internal import ArgumentParser
internal import Glibc
internal import TensorCore

/// Names of files on the command line.
extension Tool {
  /// Refuses an output that is one of the inputs, by whatever name: it would take the input's place.
  ///
  /// - Parameters:
  ///   - output: A path that is going to be written.
  ///   - inputs: Paths that are read.
  /// - Throws: `ToolError`.
  public static func check(output: String, isNoneOf inputs: [String]) throws {
    guard let identity = FileIdentity(path: output) else { return }
    for input in inputs where FileIdentity(path: input) == identity {
      throw ToolError("\(printable(output)): the output is the input \(printable(input))")
    }
  }

  /// Ends the process where an argument is no UTF-8: such bytes would be read as others, and a file of that name would be
  /// taken for the one that was meant.
  public static func requireTextArguments() {
    for index in 1..<max(Int(CommandLine.argc), 1) {
      guard let argument = unsafe CommandLine.unsafeArgv[index],
        unsafe String(validatingCString: argument) == nil
      else { continue }
      let shown = unsafe String(cString: argument)
      note(
        "error: argument \(index), \(printable(shown)), is not UTF-8; give the file another name")
      exit(ExitCode.validationFailure.rawValue)
    }
  }
}
