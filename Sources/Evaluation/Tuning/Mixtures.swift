internal import CLIPRuntime
internal import Conversion
internal import Quantization
internal import TCMFormat

/// A unit and what 4 bits mean for it.
struct RankedUnit {
  let unit: TuningUnit
  /// The mean squared change of cosines.
  let effect: Double
  /// Bytes saved.
  let saving: Int

  /// Effect per byte; without any saving nothing is worth it.
  var cost: Double { saving > 0 ? effect / Double(saving) : .infinity }
}

/// The mixtures there are: the first so many units in 4 bits, the others in 8.
struct Mixtures {
  let eight: Model
  let four: Model
  /// In the order they go to 4 bits.
  let units: [RankedUnit]
  let calibration: Calibration?
  /// Reports, by the number of units in 4 bits.
  var measured: [Int: VerificationReport] = [:]

  /// Whether a mixture was measured and held.
  func isHeld(_ count: Int) -> Bool { measured[count]?.verdict == .held }

  /// The size of a mixture's file, but for paddings between sections.
  func byteCount(_ count: Int) -> Int {
    eight.file.byteCount - units[..<count].reduce(0) { $0 + $1.saving }
  }

  /// The mixture between two that is nearest to the middle of their sizes.
  func middle(_ low: Int, _ high: Int) -> Int {
    let target = (byteCount(low) + byteCount(high)) / 2
    return (low + 1..<high).min {
      (byteCount($0) - target).magnitude < (byteCount($1) - target).magnitude
    } ?? low
  }

  /// The recipe a mixture follows.
  func recipe(_ count: Int) -> Recipe {
    var rules = Recipe.int8.rules
    for ranked in units[..<count] {
      for matrix in ranked.unit.matrices {
        guard let small = try? four.file.tensor(matrix) else { continue }
        rules.append(Recipe.Rule(matrix, small.encoding == .int4Group ? .int4 : .int8))
      }
    }
    return Recipe(name: "tuned", smoothing: Recipe.int8.smoothing, rules: rules)
  }

  /// Writes a mixture; the same units give the same bytes.
  func write(_ count: Int, to path: String) throws(EvaluationError) {
    let recipe = recipe(count)
    let small = units[..<count].map(\.unit)
    do throws(ConversionError) {
      try Splice(eight.file, four.file).write(
        to: path, recipe: (recipe.name, recipe.lines(calibration))
      ) { tensor in small.contains { $0.owns(tensor) } }
    } catch { throw .conversion(error) }
  }

  /// The report of a mixture with how it was found; of all in 8 bits, or all in 4, where none is chosen.
  func report(_ chosen: Int?) -> VerificationReport? {
    guard var report = measured[chosen ?? 0] ?? measured.values.first else { return nil }
    report.tuning = TuningReport(
      units: units.enumerated().map { index, ranked in
        TuningReport.Unit(
          name: ranked.unit.name, saving: ranked.saving, effect: ranked.effect.squareRoot(),
          isSmall: chosen.map { index < $0 } ?? false)
      },
      points: measured.sorted { $0.key > $1.key }.compactMap { count, report in
        let figures = report.datasets.flatMap(\.figures).filter(\.decides)
        guard let worst = figures.max(by: { $0.bounds.upper < $1.bounds.upper }),
          let verdict = report.verdict
        else { return nil }
        return TuningReport.Point(
          units: count, byteCount: report.candidate.byteCount, drop: worst.drop,
          bounds: worst.bounds, verdict: verdict, isChosen: count == chosen)
      }, calibration: calibration?.description ?? "without calibration")
    return report
  }
}
