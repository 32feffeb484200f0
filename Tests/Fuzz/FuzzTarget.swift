/// A parser and how fuzz bytes reach it.
struct FuzzTarget: Sendable {
  /// What `.ci/fuzz` calls it.
  let name: String
  /// Takes any bytes; must come back.
  let run: @Sendable ([UInt8]) -> Void

  /// Every target.
  static let all: [FuzzTarget] = [
    .safetensors, .index, .archive, .pickle, .script, .oldFormat, .json, .tcm, .manifest,
    .vocabulary,
    .vocabularyText, .tokenizer, .jpeg, .png, .recipe, .dataset, .model,
  ]
}

/// What must not fail, whatever the input: a finding if it does.
func must<Result>(_ body: () throws -> Result) -> Result {
  do { return try body() } catch { fatalError("\(error)") }
}
