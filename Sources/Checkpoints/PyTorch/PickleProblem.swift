/// What is wrong with a pickle.
public enum PickleProblem: Error, Equatable, Sendable {
  /// The bytes end before the program does.
  case truncated
  /// Bytes follow the program's end.
  case trailing(byteCount: Int)
  /// An instruction that checkpoints do not need, or that is none.
  case opcode(UInt8)
  /// A protocol that is not read.
  case protocolVersion(UInt8)
  /// An instruction takes more from the stack than there is.
  case stackUnderflow
  /// A value of another kind is expected there.
  case unexpected(found: String, expected: String)
  /// A memo entry that nobody stored.
  case unknownMemo(Int)
  /// A text is not UTF-8.
  case invalidText
  /// More of something than is accepted.
  case tooMany(String, limit: Int)
  /// Python code that reading a checkpoint does not need; nothing is called.
  case forbidden(global: String)
  /// A module was pickled whole, not its state dict.
  case wholeModule(global: String)
  /// A storage that cannot be: what is wrong with it.
  case storage(String)
  /// A tensor of a kind that is not read, by PyTorch's name for it.
  case unsupportedTensor(String, kind: String)
  /// The file is a pickle, but not of `torch.save`.
  case notTorchSave
  /// A dictionary has a key twice.
  case duplicateKey(String)
}
