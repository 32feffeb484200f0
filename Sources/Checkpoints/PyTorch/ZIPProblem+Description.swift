internal import TensorCore

extension ZIPProblem: CustomStringConvertible {
  /// One phrase that follows the path.
  public var description: String {
    switch self {
    case .noEnd:
      "the ZIP archive does not end with its directory (truncated, or something was appended)"
    case .misplaced(let what): "the ZIP archive's \(what) does not lie where it has to"
    case .disagreement(let what): "the ZIP archive gives \(what) twice, differently"
    case .severalDisks: "the ZIP archive spans several disks, which is not supported"
    case .tooMany(let what, let found, let limit):
      "the ZIP archive has \(found) \(what), at most \(limit) are accepted"
    case .truncatedDirectory: "the ZIP archive's directory is damaged"
    case .invalidName:
      "the ZIP archive's directory holds a name that is empty, too long, not UTF-8 or leads out of its folder"
    case .duplicate(let name): "the ZIP archive holds \"\(printable(name))\" twice"
    case .unsupported(let entry, let what):
      "the ZIP entry \"\(printable(entry))\" \(what), which torch.save does not write"
    case .localHeader(let entry):
      "the ZIP entry \"\(printable(entry))\": its own header contradicts the directory"
    case .overlap(let entry):
      "the ZIP entry \"\(printable(entry))\" overlaps another entry or the directory"
    case .gap(let entry, let count):
      "\(count) bytes before the ZIP entry \"\(printable(entry))\" belong to nothing"
    case .missing(let entry): "the ZIP entry \"\(printable(entry))\" is missing"
    case .checksum(let entry, let stored, let computed):
      "the ZIP entry \"\(printable(entry))\" is damaged: its CRC-32 is \(hex(computed)), expected "
        + hex(stored)
    case .tooLong(let entry, let count, let limit):
      "the ZIP entry \"\(printable(entry))\" is \(count) bytes long, at most \(limit) are accepted"
        + (entry.hasSuffix(".pkl") ? " (--max-header raises the limit)" : "")
    case .layout(let what): "not laid out as torch.save does it: \(what)"
    }
  }

  private func hex(_ value: UInt32) -> String {
    let digits = String(value, radix: 16)
    return "0x" + String(repeating: "0", count: 8 - digits.count) + digits
  }
}
