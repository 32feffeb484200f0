/// The words of a command line, in order.
struct Arguments {
  /// One option with its value, or one operand.
  enum Word {
    case option(name: String, value: String)
    case operand(String)
  }

  /// What a command takes.
  struct Grammar {
    /// Options with a value.
    let options: [String]
    /// Options without.
    let flags: [String]
    /// Whether operands are taken.
    var takesOperands = false
  }

  /// In the order of the command line; flags have an empty value.
  let words: [Word]

  /// Tells options, values and operands apart.
  ///
  /// - Parameters:
  ///   - words: Behind the command's name.
  ///   - grammar: What the command takes.
  /// - Throws: `UsageError`.
  init(_ words: [String], _ grammar: Grammar) throws(UsageError) {
    var result: [Word] = []
    var index = 0
    var areOperands = false
    while index < words.count {
      let word = words[index]
      index += 1
      if word == "--", !areOperands {
        areOperands = true
        continue
      }
      guard !areOperands, word.utf8.starts(with: "--".utf8) else {
        if !grammar.takesOperands { throw UsageError("unexpected argument '\(word)'") }
        result.append(.operand(word))
        continue
      }
      let (name, given) = Arguments.split(word)
      if grammar.flags.contains(name) {
        if given != nil { throw UsageError("\(name) takes no value") }
        result.append(.option(name: name, value: ""))
      } else if grammar.options.contains(name) {
        guard let value = given ?? (index < words.count ? words[index] : nil) else {
          throw UsageError("\(name) needs a value")
        }
        if given == nil { index += 1 }
        result.append(.option(name: name, value: value))
      } else {
        throw UsageError("unknown option '\(name)'")
      }
    }
    self.words = result
  }

  /// `--name=value` in two.
  private static func split(_ word: String) -> (name: String, value: String?) {
    guard let place = word.utf8.firstIndex(of: 0x3D) else { return (word, nil) }
    return (String(word[..<place]), String(word[word.utf8.index(after: place)...]))
  }

  /// Every value of an option.
  func values(_ name: String) -> [String] {
    var result: [String] = []
    for case .option(let found, let value) in words where found == name { result.append(value) }
    return result
  }

  /// The last value of an option, as usual.
  func value(_ name: String) -> String? { values(name).last }

  /// Whether a flag is there.
  func has(_ flag: String) -> Bool { !values(flag).isEmpty }

  /// The value of an option as a number.
  ///
  /// - Throws: `UsageError` for anything but a number in the range.
  func number(
    _ name: String, in range: ClosedRange<Int>, default fallback: Int
  ) throws(UsageError) -> Int {
    guard let text = value(name) else { return fallback }
    guard let number = Int(text), range.contains(number) else {
      throw UsageError(
        "\(name) takes \(range.lowerBound) to \(range.upperBound), found '\(text)'")
    }
    return number
  }

  /// What is no option.
  var operands: [String] {
    var result: [String] = []
    for case .operand(let word) in words { result.append(word) }
    return result
  }
}

/// A command line that means nothing.
struct UsageError: Error {
  let description: String

  init(_ description: String) { self.description = description }
}
