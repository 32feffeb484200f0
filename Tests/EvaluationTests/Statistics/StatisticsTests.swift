import Foundation
import TestSupport
import Testing

@testable import Evaluation

/// Figures of Fixtures/statistics/make_fixtures.py: scipy, numpy, and an independent way to each.
enum StatisticsFixture {
  struct Contents: Decodable {
    struct Tango: Decodable { var lost, won, count, lower, upper: Double }
    struct ClopperPearson: Decodable {
      var hits, count: Int
      var upper: Double
    }
    struct Quantiles: Decodable {
      var values: [Double]
      var at: [[Double]]
    }
    struct Bootstrap: Decodable {
      var units: [[Int]]
      var lower, upper: [Double]
    }
    struct Retrieval: Decodable {
      var owner: [Int32]
      var scores: [[Float]]
      var text_to_image_1, text_to_image_5, text_to_image_10: Double
      var image_to_text_1, image_to_text_5, image_to_text_10: Double
      var image_to_text_once_1, image_to_text_once_5, image_to_text_once_10: Double
    }
    var tango: [Tango]
    var clopper_pearson: [ClopperPearson]
    var quantiles: Quantiles
    var bootstrap: [Bootstrap]
    var xoshiro: [String: [String]]
    var retrieval: [Retrieval]
  }

  static func read() throws -> Contents {
    let data = try Data(
      contentsOf: URL(fileURLWithPath: Fixture.path("statistics/statistics.json")))
    return try JSONDecoder().decode(Contents.self, from: data)
  }
}

@Suite struct StatisticsTests {
  @Test func tangosBoundsAreThoseOfTheMaximizedLikelihood() throws {
    for row in try StatisticsFixture.read().tango {
      let bounds = Bounds(
        tango: PairedCounts(count: row.count, bothRight: 0, lost: row.lost, won: row.won))
      // The fixture's estimates come from a numeric maximization, good to some 1e-8.
      #expect(abs(bounds.lower - row.lower) < 1e-7, "\(row)")
      #expect(abs(bounds.upper - row.upper) < 1e-7, "\(row)")
    }
  }

  /// Without discordant pairs the equation is quadratic: z² / (n + z²).
  @Test(arguments: [1, 2, 10, 5_184, 50_000])
  func noDiscordantPairIsNeverCertainty(count: Int) {
    let bounds = Bounds(
      tango: PairedCounts(count: Double(count), bothRight: Double(count), lost: 0, won: 0))
    let square = 1.6448536269514722 * 1.6448536269514722
    let expected = square / (Double(count) + square)
    #expect(abs(bounds.upper - expected) < 1e-12)
    #expect(abs(bounds.lower + expected) < 1e-12)
  }

  @Test func exactBoundsAreThoseOfTheBetaDistribution() throws {
    for row in try StatisticsFixture.read().clopper_pearson {
      let bound = ExactProportion.upperBound(row.hits, of: row.count)
      #expect(abs(bound - row.upper) <= 1e-9 * row.upper, "\(row)")
    }
    // 1 − 0.05^(1/n), about 3/n.
    #expect(abs(ExactProportion.upperBound(0, of: 1000) - (1 - pow(0.05, 0.001))) < 1e-14)
  }

  @Test func quantilesAreNumpys() throws {
    let fixture = try StatisticsFixture.read().quantiles
    for pair in fixture.at {
      #expect(abs(Quantile.of(fixture.values.sorted(), pair[0]) - pair[1]) < 1e-15)
    }
  }

  @Test func randomNumbersAreXoshiros() throws {
    for (seed, expected) in try StatisticsFixture.read().xoshiro {
      var random = RandomNumbers(seed: try #require(UInt64(seed)))
      #expect(expected.map { UInt64($0) } == expected.map { _ in random.next() })
    }
  }

  @Test func indicesAreEquallyLikely() {
    var random = RandomNumbers(seed: 5)
    var counts = [Int](repeating: 0, count: 7)
    for _ in 0..<70_000 { counts[random.index(below: 7)] += 1 }
    // χ² with 6 degrees of freedom is above 22.5 once in a thousand; the seed is fixed.
    let square = counts.reduce(0.0) { $0 + pow(Double($1) - 10_000, 2) / 10_000 }
    #expect(square < 22.5)
  }

  @Test func resamplingAgreesWithNumpys() throws {
    for row in try StatisticsFixture.read().bootstrap {
      let drop = ClusteredDrop(
        units: row.units.map { .init(lost: $0[0], queries: $0[1]) }, discordant: 0)
      let bounds = drop.bootstrap()
      #expect((row.lower[0]...row.lower[1]).contains(bounds.lower))
      #expect((row.upper[0]...row.upper[1]).contains(bounds.upper))
    }
  }

  /// One of three pictures lost one of two queries: a resample holds it k times with probabilities 8, 12, 6, 1 of 27.
  @Test func resamplingThreeUnitsGivesTheEnumeratedPoints() {
    let drop = ClusteredDrop(
      units: [
        .init(lost: 1, queries: 2), .init(lost: 0, queries: 2), .init(lost: 0, queries: 2),
      ], discordant: 1)
    #expect(drop.drop == 1.0 / 6)
    // The 5 % point lies at k = 0 (8/27), the 95 % point at k = 2 (26/27 are at most that).
    #expect(drop.bootstrap() == Bounds(lower: 0, upper: 2.0 / 6))
  }

  @Test func recallsWithoutDiscordantPicturesKeepTheExactBound() {
    let units = [ClusteredDrop.Unit](repeating: .init(lost: 0, queries: 2), count: 500)
    let bounds = ClusteredDrop(units: units, discordant: 0).bounds
    let expected = 1 - pow(0.05, 1.0 / 500)
    #expect(abs(bounds.upper - expected) < 1e-12)
    #expect(abs(bounds.lower + expected) < 1e-12)
  }

  @Test func binomialTableHasMeanAndVariance() {
    let table = BinomialTable(trials: 1000, share: 0.03)
    var random = RandomNumbers(seed: 11)
    let draws = (0..<20_000).map { _ in Double(table.draw(&random)) }
    let mean = draws.reduce(0, +) / 20_000
    let variance = draws.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20_000
    // 30 ± 4 standard errors; the variance is 29.1, its standard error about 0.3.
    #expect(abs(mean - 30) < 4 * (29.1 / 20_000).squareRoot())
    #expect(abs(variance - 29.1) < 1.2)
  }
}

@Suite struct VerdictTests {
  private func counts(_ count: Double, _ lost: Double, _ won: Double) -> PairedCounts {
    PairedCounts(count: count, bothRight: count - lost - won, lost: lost, won: won)
  }

  @Test func boundsDecide() {
    let bounds = Bounds(lower: 0.001, upper: 0.004)
    #expect(Verdict(bounds, tolerance: 0.004) { 1 } == .held)
    #expect(Verdict(bounds, tolerance: 0.0039) { 7 } == .undecided(furtherSamples: 7))
    #expect(Verdict(bounds, tolerance: 0.0009) { 1 } == .violated)
    #expect(Verdict(bounds, tolerance: 0.001) { nil } == .undecided(furtherSamples: nil))
  }

  /// With none of n discordant, the bound z²/(n + z²) comes down to 1 % at n = 99 z² = 267.85.
  @Test func furtherSamplesReachTheTolerance() {
    #expect(Verdict(counts(100, 0, 0), tolerance: 0.01) == .undecided(furtherSamples: 168))
    #expect(Verdict(counts(268, 0, 0), tolerance: 0.01) == .held)
    #expect(Verdict(counts(267, 0, 0), tolerance: 0.01) == .undecided(furtherSamples: 1))
  }

  @Test func aDropEqualToTheToleranceIsNeverDecided() {
    #expect(Verdict(counts(1000, 10, 0), tolerance: 0.01) == .undecided(furtherSamples: nil))
  }

  @Test func aClearDropIsViolated() {
    #expect(Verdict(counts(1000, 60, 10), tolerance: 0.01) == .violated)
  }

  @Test func aGainHoldsToleranceZero() {
    #expect(Verdict(counts(1000, 5, 60), tolerance: 0) == .held)
  }

  @Test func theWorstOfSeveralCounts() {
    #expect(Verdict.held.worse(.violated) == .violated)
    #expect(Verdict.undecided(furtherSamples: 3).worse(.held) == .undecided(furtherSamples: 3))
    #expect(
      Verdict.undecided(furtherSamples: 3).worse(.undecided(furtherSamples: 9))
        == .undecided(furtherSamples: 9))
    #expect(
      Verdict.undecided(furtherSamples: nil).worse(.undecided(furtherSamples: 9))
        == .undecided(furtherSamples: nil))
  }
}

@Suite struct StratifiedSampleTests {
  @Test func eachStratumGivesItsShare() {
    // 60, 30 and 10 of 100: of 25 they give 15, 7.5 and 2.5; the first remainder of equals wins.
    let strata = (0..<100).map { Int32($0 < 60 ? 0 : $0 < 90 ? 1 : 2) }
    let sample = StratifiedSample.draw(25, strata: strata, seed: 3)
    #expect(sample.count == 25 && sample == sample.sorted() && Set(sample).count == 25)
    #expect((0..<3).map { stratum in sample.count { strata[$0] == Int32(stratum) } } == [15, 8, 2])
  }

  @Test func theSeedDecides() {
    let strata = [Int32](repeating: 0, count: 1000)
    let one = StratifiedSample.draw(100, strata: strata, seed: 1)
    #expect(one == StratifiedSample.draw(100, strata: strata, seed: 1))
    #expect(one != StratifiedSample.draw(100, strata: strata, seed: 2))
    #expect(StratifiedSample.draw(1000, strata: strata, seed: 1) == Array(0..<1000))
    #expect(StratifiedSample.draw(5000, strata: strata, seed: 1) == Array(0..<1000))
  }
}
