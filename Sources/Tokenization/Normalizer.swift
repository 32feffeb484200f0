/// Puts a stream of scalars into one of the two normal forms that BERT's words have.
///
/// Works from starter to starter (Unicode Standard Annex 15); what has to wait for the next starter
/// is kept. Time is O(n log n) in the longest run of combining marks and O(n) otherwise.
///
/// BERT's slow tokenizer runs NFC over the text and, when it strips accents, NFD over each word.
/// NFC followed by NFD is NFD, a space never composes, and lower-casing in between changes nothing
/// (`make_unicode_tables.py` asserts the last two), so with accents stripped no composition is
/// needed.
package struct Normalizer {
  /// A normal form.
  package enum Form {
    /// NFC.
    case composed
    /// NFD without category Mn.
    case stripped
  }

  private let form: Form
  /// The starter before `marks` (`composed` only).
  private var starter: UInt32?
  /// Marks since the last starter: class, number in the run and scalar, so that sorting is stable.
  private var marks: [UInt64] = []

  /// A normalizer at the start of a text.
  package init(form: Form) {
    self.form = form
  }

  /// Takes the next scalar.
  ///
  /// - Parameters:
  ///   - scalar: Any scalar.
  ///   - properties: Its properties.
  ///   - output: Gets the scalars that can no longer change.
  package mutating func append(
    _ scalar: UInt32, _ properties: UnicodeProperties, to output: inout [UInt32]
  ) {
    if CanonicalMappings.isHangulSyllable(scalar) {
      let jamo = CanonicalMappings.jamo(of: scalar)
      appendStarter(jamo.lead, to: &output)
      appendStarter(jamo.vowel, to: &output)
      if jamo.trail != 0 { appendStarter(jamo.trail, to: &output) }
    } else if properties.hasDecomposition,
      let (first, second) = CanonicalMappings.decomposition(of: scalar)
    {
      append(first, UnicodeProperties(first), to: &output)
      // The second never decomposes further.
      if second != 0 { appendDecomposed(second, UnicodeProperties(second), to: &output) }
    } else {
      appendDecomposed(scalar, properties, to: &output)
    }
  }

  /// Ends the text; the normalizer is then as new.
  ///
  /// - Parameter output: Gets the rest.
  package mutating func finish(into output: inout [UInt32]) {
    switch form {
    case .stripped: flushMarks(to: &output)
    case .composed:
      composeMarks()
      flushStarter(to: &output)
      starter = nil
    }
  }

  private mutating func appendDecomposed(
    _ scalar: UInt32, _ properties: UnicodeProperties, to output: inout [UInt32]
  ) {
    let isDropped = form == .stripped && properties.kind == .nonspacingMark
    if properties.combiningClass == 0 {
      // A mark of class 0 is a starter too: it parts the marks around it even when it is dropped.
      if isDropped { flushMarks(to: &output) } else { appendStarter(scalar, to: &output) }
    } else if !isDropped {
      let order = UInt64(properties.combiningClass) << 56 | UInt64(marks.count) << 24
      marks.append(order | UInt64(scalar))
    }
  }

  private mutating func appendStarter(_ scalar: UInt32, to output: inout [UInt32]) {
    switch form {
    case .stripped:
      flushMarks(to: &output)
      output.append(scalar)
    case .composed:
      composeMarks()
      if marks.isEmpty, let starter,
        let composite = CanonicalMappings.composition(of: starter, scalar)
      {
        self.starter = composite
      } else {
        flushStarter(to: &output)
        starter = scalar
      }
    }
  }

  private mutating func flushMarks(to output: inout [UInt32]) {
    if marks.isEmpty { return }
    if marks.count > 1 { marks.sort() }
    for mark in marks { output.append(UInt32(mark & 0xFF_FFFF)) }
    marks.removeAll(keepingCapacity: true)
  }

  /// Sorts the marks and lets the starter take those it composes with.
  private mutating func composeMarks() {
    if marks.isEmpty { return }
    if marks.count > 1 { marks.sort() }
    guard var base = starter else { return }
    var kept = 0
    var lastClass: UInt64 = 0
    for index in marks.indices {
      let mark = marks[index]
      let markClass = mark >> 56
      if lastClass < markClass,
        let composite = CanonicalMappings.composition(of: base, UInt32(mark & 0xFF_FFFF))
      {
        base = composite
      } else {
        marks[kept] = mark
        kept += 1
        lastClass = markClass
      }
    }
    marks.removeLast(marks.count - kept)
    starter = base
  }

  private mutating func flushStarter(to output: inout [UInt32]) {
    if let starter { output.append(starter) }
    flushMarks(to: &output)
  }
}
