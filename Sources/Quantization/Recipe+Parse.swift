/// Why a text is no recipe.
public enum RecipeError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A line that is none of those a recipe has.
  case line(number: Int, found: String, expected: String)
  /// No name is given.
  case noName
  /// The first rule is not for every tensor.
  case noRuleForAll

  /// One sentence, to stand behind the file's name.
  public var description: String {
    switch self {
    case .line(let number, let found, let expected):
      "line \(number): expected \(expected), found \"\(found)\""
    case .noName: "the recipe has no name: expected a line such as \"name my-recipe\""
    case .noRuleForAll:
      "the first rule is not for every tensor: expected a line such as \"store * int8\""
    }
  }
}

extension Recipe {
  /// Most bytes of a recipe's name.
  static let nameLimit = 64

  /// Reads a recipe.
  ///
  /// - Parameter lines: The text, without line ends.
  /// - Throws: `RecipeError` naming the line.
  public init(parsing lines: [String]) throws(RecipeError) {
    var name: String?
    var smoothing: Float?
    var rules: [Rule] = []
    for (index, line) in lines.enumerated() {
      let words = line.split { $0 == " " || $0 == "\t" }.prefix { !$0.hasPrefix("#") }
      func fail(_ expected: String) -> RecipeError {
        .line(number: index + 1, found: line, expected: expected)
      }
      switch (words.first, words.count) {
      case (nil, _): continue
      case ("name", 2):
        guard Recipe.isName(words[1]), name == nil else {
          throw fail("one name of letters, digits, \"-\", \"_\" and \".\"")
        }
        name = String(words[1])
      case ("smoothing", 2):
        if words[1] == "none" { continue }
        guard let share = Float(words[1]), (0...1).contains(share) else {
          throw fail("smoothing of 0 to 1, or none")
        }
        smoothing = share
      case ("store", 3):
        guard let scheme = Scheme(rawValue: String(words[2])), Recipe.isPattern(words[1]) else {
          throw fail("store PATTERN and one of f32, f16, int8, int4")
        }
        rules.append(Rule(String(words[1]), scheme))
      default:
        throw fail("name NAME, smoothing SHARE or store PATTERN SCHEME")
      }
    }
    guard let name else { throw .noName }
    if rules.first?.pattern != "*" { throw .noRuleForAll }
    self.init(name: name, smoothing: smoothing, rules: rules)
  }

  private static func isName(_ text: Substring) -> Bool {
    (1...nameLimit).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte
          || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
          || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || "-_.".utf8.contains(byte)
      }
  }

  private static func isPattern(_ text: Substring) -> Bool {
    text.utf8.count <= 256 && text.utf8.allSatisfy { 0x21...0x7E ~= $0 }
  }
}
