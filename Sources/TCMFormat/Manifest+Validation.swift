internal import TensorCore

/// A rule's number, a place and a problem become an error that names the file.
typealias Fail = (_ rule: String, _ place: String, _ problem: String) -> TCMError

/// The structural rules of `Formats/tcm.md`, checked on every open. None of them looks at a weight.
extension Manifest {
  /// Checks provenance, sections, tensors, towers and identity.
  ///
  /// - Parameters:
  ///   - manifestOffset: Where the manifest begins in the file.
  ///   - path: For messages.
  /// - Returns: The place of each tensor by name.
  /// - Throws: `TCMError.malformed` naming the rule.
  /// - Complexity: O(manifest).
  @discardableResult
  package func validate(manifestOffset: Int, path: String) throws(TCMError) -> [String: Int] {
    let fail = { (rule: String, place: String, problem: String) -> TCMError in
      .malformed(path: path, rule: rule, place: place, problem: problem)
    }
    try Manifest.checkCounts(sections: sections.count, tensors: tensors.count, fail)
    try validateSections(end: manifestOffset, fail)
    let index = try validateTensors(fail)
    try validatePlaces(fail)
    try validateTowers(fail)
    if let labels { try validate(labels, index, fail) }
    for source in provenance.sources where source.sha256.count != 32 {
      throw fail("3.2", source.name, "a SHA-256 has 32 bytes, found \(source.sha256.count)")
    }
    if identity.count != 32 {
      throw fail("7.1", "manifest", "the identity has 32 bytes, found \(identity.count)")
    }
    if let report {
      if report.identity != identity {
        throw fail("7.3", "report", "it was made for another model")
      }
      if report.numericsVersion == 0 { throw fail("7.3", "report", "its numerics version is 0") }
      if String(validating: report.text, as: UTF8.self) == nil || report.text.contains(0) {
        throw fail("7.3", "report", "its text is not UTF-8 without NUL")
      }
    }
    return index
  }

  /// Checks how many sections and tensors there are.
  static func checkCounts(sections: Int, tensors: Int, _ fail: Fail) throws(TCMError) {
    if sections > TCMLayout.sectionLimit {
      throw fail("4.1", "manifest", "\(sections) sections, at most \(TCMLayout.sectionLimit)")
    }
    if tensors > TCMLayout.tensorLimit {
      throw fail("5.1", "manifest", "\(tensors) tensors, at most \(TCMLayout.tensorLimit)")
    }
  }

  /// Whether a name is 1 to 256 printable ASCII characters, from `first` on.
  static func isName(_ name: String, from first: UInt8 = 0x21) -> Bool {
    (1...TCMLayout.nameLimit).contains(name.utf8.count)
      && name.utf8.allSatisfy { $0 >= first && $0 <= 0x7E }
  }
}
