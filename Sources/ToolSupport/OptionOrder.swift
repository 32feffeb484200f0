/// The order in which options of several names stand on a command line, which their arrays do not tell.
public enum OptionOrder {
  /// The names in order of occurrence.
  ///
  /// - Parameters:
  ///   - names: Options that each take one value, with their dashes, for example `--text`.
  ///   - arguments: A command line that parsed: every option's value follows it or stands behind `=`.
  /// - Returns: One entry an occurrence.
  public static func of(_ names: [String], in arguments: [String]) -> [String] {
    var order: [String] = []
    var isValue = false
    for argument in arguments {
      if isValue {
        isValue = false
        continue
      }
      if argument == "--" { break }
      if names.contains(argument) {
        order.append(argument)
        isValue = true
      } else if let name = names.first(where: { argument.hasPrefix($0 + "=") }) {
        order.append(name)
      }
    }
    return order
  }
}
