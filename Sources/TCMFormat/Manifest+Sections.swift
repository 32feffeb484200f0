internal import TensorCore

extension Manifest {
  /// The rules of section 4 that need no other byte than the manifest's.
  func validateSections(end: Int, _ fail: Fail) throws(TCMError) {
    var names: Set<String> = []
    var free = TCMLayout.headerByteCount
    for section in sections {
      if !Manifest.isName(section.name) {
        throw fail("4.2", "manifest", "a section's name is not 1 to 256 printable ASCII characters")
      }
      if !names.insert(section.name).inserted {
        throw fail("4.8", section.name, "the section's name stands twice")
      }
      if section.offset % TCMLayout.sectionAlignment != 0 {
        throw fail(
          "4.3", section.name,
          "offset \(section.offset) is not a multiple of \(TCMLayout.sectionAlignment)")
      }
      if section.byteCount == 0 { throw fail("4.4", section.name, "the section is empty") }
      guard let start = free.rounded(upTo: TCMLayout.sectionAlignment), section.offset == start
      else {
        throw fail(
          "4.5", section.name,
          "begins at \(section.offset), not at the first multiple of"
            + " \(TCMLayout.sectionAlignment) after \(free)")
      }
      guard let next = section.offset.adding(section.byteCount), next <= end else {
        throw fail("4.6", section.name, "reaches beyond the manifest at \(end)")
      }
      free = next
    }
    if free != end {
      throw fail("4.9", "manifest", "begins at \(end), not at \(free) after the last section")
    }
  }
}
