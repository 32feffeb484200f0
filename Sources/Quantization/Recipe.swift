/// How the tensors of a model are stored, by their names: a small readable text.
///
/// A line is empty, a comment behind `#`, or one of
///
///     name NAME
///     smoothing ALPHA            0 to 1, or none
///     store PATTERN SCHEME       f32, f16, int8 or int4
///
/// The last rule whose pattern is the tensor's name decides; `*` in a pattern stands for any characters. Biases, gains
/// and the class and position embeddings of images are f32 whatever the rules say. Tables are at least int8, as are
/// matrices whose columns are not a multiple of 16.
public struct Recipe: Equatable, Sendable {
  /// The name, as `--quant` and provenance spell it.
  public let name: String
  /// The share of a channel's range that smoothing moves from activations into weights, or `nil` for none.
  ///
  /// Only of quantized matrices; see `Smoothing`.
  public let smoothing: Float?
  /// In order; the last that fits decides.
  public let rules: [Rule]

  /// How a tensor is stored.
  public enum Scheme: String, Sendable, CaseIterable {
    /// Binary32.
    case f32
    /// Binary16.
    case f16
    /// Signed bytes with a scale a row.
    case int8
    /// 4-bit codes with a sub-scale for 16 columns and a scale a row.
    case int4
  }

  /// A pattern of names and what they are stored as.
  public struct Rule: Equatable, Sendable {
    /// A name with `*` for any characters.
    public let pattern: String
    /// How such tensors are stored.
    public let scheme: Scheme

    /// Puts a rule together.
    public init(_ pattern: String, _ scheme: Scheme) {
      self.pattern = pattern
      self.scheme = scheme
    }
  }

  /// Puts a recipe together.
  ///
  /// - Parameters:
  ///   - name: Letters, digits, `-`, `_` and `.`.
  ///   - smoothing: A share, or `nil`.
  ///   - rules: The first has the pattern `*`.
  public init(name: String, smoothing: Float?, rules: [Rule]) {
    precondition(rules.first?.pattern == "*", "every tensor has a rule")
    self.name = name
    self.smoothing = smoothing
    self.rules = rules
  }

  /// The recipe as text, without comments; reading it gives the recipe again.
  public var lines: [String] {
    ["name \(name)", "smoothing \(smoothing.map { "\($0)" } ?? "none")"]
      + rules.map { "store \($0.pattern) \($0.scheme.rawValue)" }
  }

  /// How a tensor is stored.
  ///
  /// - Parameter tensor: Its name in the `.tcm`.
  /// - Complexity: O(rules · lengths of pattern and name).
  public func scheme(of tensor: String) -> Scheme {
    for rule in rules.reversed() where Pattern.fits(rule.pattern, tensor) { return rule.scheme }
    return .f32
  }

  /// The recipe without smoothing, for comparison.
  public var unsmoothed: Recipe {
    Recipe(name: name + "-unsmoothed", smoothing: nil, rules: rules)
  }
}

/// Names with `*` for any characters.
private enum Pattern {
  /// Whether the whole name fits; greedy with one place to come back to, so never exponential.
  static func fits(_ pattern: String, _ name: String) -> Bool {
    let pattern = Array(pattern.utf8)
    let name = Array(name.utf8)
    let star = UInt8(ascii: "*")
    var (p, n) = (0, 0)
    var back: (pattern: Int, name: Int)?
    while n < name.count {
      if p < pattern.count && pattern[p] == star {
        back = (p + 1, n)
        p += 1
      } else if p < pattern.count && pattern[p] == name[n] {
        p += 1
        n += 1
      } else if let place = back {
        back = (place.pattern, place.name + 1)
        (p, n) = (place.pattern, place.name + 1)
      } else {
        return false
      }
    }
    return pattern[p...].allSatisfy { $0 == star }
  }
}
