internal import TensorCore

extension PickleProblem: CustomStringConvertible {
  /// One phrase.
  public var description: String {
    switch self {
    case .truncated: "the pickle ends in the middle of its program"
    case .trailing(let count): "\(count) bytes follow the pickle's end"
    case .opcode(let byte):
      "the pickle instruction 0x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        + " has no place in a checkpoint"
    case .protocolVersion(let version):
      "pickle protocol \(version) is not read, expected 2 to 5"
    case .stackUnderflow: "the pickle takes more values than there are"
    case .unexpected(let found, let expected): "found \(found), expected \(expected)"
    case .unknownMemo(let index): "the pickle asks for value \(index), which was never stored"
    case .invalidText: "a text is not UTF-8"
    case .tooMany(let what, let limit): "more than \(limit) \(what)"
    case .forbidden(let global):
      "the pickle refers to \(printable(global)), which no checkpoint needs; nothing was run; the "
        + "file may be hostile"
    case .wholeModule(let global):
      "the pickle holds Python code objects (\(printable(global))), not a state dict; save "
        + "model.state_dict() instead"
    case .storage(let what): what
    case .unsupportedTensor(let name, let kind):
      "tensor \"\(printable(name))\" is of a kind that is not read (\(kind))"
    case .notTorchSave: "this is a Python pickle, but torch.save did not write it"
    case .duplicateKey(let key): "\"\(printable(key))\" is there twice"
    }
  }
}
