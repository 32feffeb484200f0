public import Answers

extension Tool {
  /// Runs what a device runs too; its errors become those of tools.
  ///
  /// - Parameter body: What to run.
  /// - Returns: What it returns.
  /// - Throws: The error inside an `AnswerError`; `ToolError` for a sentence.
  public static func answering<Result>(
    _ body: () throws(AnswerError) -> Result
  ) throws -> Result {
    do throws(AnswerError) { return try body() } catch {
      switch error {
      case .file(let error): throw error
      case .model(let error): throw error
      case .image(let error): throw error
      case .system(let error): throw error
      case .sentence(let sentence): throw ToolError(sentence)
      }
    }
  }
}
