internal import CPlatform
public import Kernels
internal import TensorCore

extension InstructionSet {
  /// The instruction set that TAIYI_ISA names, or the best.
  ///
  /// - Returns: One that this processor runs.
  /// - Throws: `AnswerError.sentence` if it names one that is unknown or not available.
  public static func asked() throws(AnswerError) -> InstructionSet {
    guard let value = unsafe cp_environment("TAIYI_ISA") else { return .best }
    let name = unsafe String(cString: value)
    guard let set = InstructionSet(name: name) else {
      var known: [String] = []
      for set in InstructionSet.allCases { known.append(set.name) }
      throw .sentence(
        "TAIYI_ISA is \(printable(name)), expected one of \(known.joined(separator: ", "))")
    }
    if !set.isAvailable {
      throw .sentence("TAIYI_ISA is \(name), which this processor does not run")
    }
    return set
  }
}
