import TestSupport
import Testing

/// Every file of the hostile corpus, given to the real tool in a process of its own.
@Suite struct CorpusTests {
  @Test func aboutAQuarterIsValid() {
    let cases = HostileCase.all
    #expect(cases.count >= 250)
    #expect(cases.count(where: \.isFine) * 5 >= cases.count)
  }

  @Test("Each case has its outcome, at a bounded cost", arguments: HostileCase.all)
  func outcome(_ item: HostileCase) throws {
    try Fixture.withFolder { scratch in
      try Fixture.withFolder { folder in
        let path = try item.place(in: folder)
        let command = try item.arguments(path, output: scratch + "/picture.png")
        let child = try Child.run(command.tool, command.arguments, in: scratch)
        child.expectBounds()
        #expect(child.status == (item.isFine ? 0 : 1), "\(child.errors)")
        if child.status == 1, child.signal == nil { child.expectSentence(item.sentence ?? "") }
        #expect(!child.output.hasControls && !child.errors.hasControls)
      }
    }
  }
}

extension Child {
  /// No signal, and neither time nor memory without bound.
  func expectBounds() {
    #expect(signal == nil, "killed by a signal: \(errors)")
    #expect(seconds < Child.secondLimit)
    if let peakByteCount { #expect(peakByteCount <= Child.peakLimit) }
  }

  /// One sentence, and nothing else.
  func expectSentence(_ part: String) {
    #expect(errors.hasPrefix("error: "))
    #expect(errors.hasSuffix("\n") && errors.count(where: \.isNewline) == 1, "\(errors)")
    #expect(part.isEmpty || errors.contains(part))
    // Paths and names are as long as they are; what the tool adds is not.
    #expect(errors.utf8.count < 2_000)
  }
}

extension String {
  /// Whether a terminal would obey some of it: control characters but line ends.
  var hasControls: Bool {
    unicodeScalars.contains { scalar in
      scalar != "\n" && (scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value))
    }
  }
}
