/// To what length texts are padded before they are encoded; padding is attended to.
///
/// A model that masks padding encodes every text at its own length, whatever is asked for here: that is what masked
/// padding comes to.
public enum TextPadding: Sendable, Equatable {
  /// As the model was evaluated: to its context length, unless it masks padding.
  case fixed
  /// To the longest text of the call, as the model card's snippet does; a text's embedding then depends on the others.
  case longest
  /// To that many tokens, which no text of the call may exceed, else it is misuse and traps.
  case length(Int)
  /// Not at all.
  case none
}
