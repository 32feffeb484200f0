/// To what length texts are padded before they are encoded; padding is attended to.
public enum TextPadding: Sendable, Equatable {
  /// To the model's context length, as the model was evaluated.
  case fixed
  /// To the longest text of the call, as the model card's snippet does; a text's embedding then depends on the others.
  case longest
  /// To that many tokens, which no text of the call may exceed, else it is misuse and traps.
  case length(Int)
  /// Not at all.
  case none
}
