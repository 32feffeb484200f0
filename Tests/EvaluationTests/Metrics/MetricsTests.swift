import TensorCore
import Testing

@testable import Evaluation

@Suite struct RankingTests {
  private func block(_ values: [Float]) throws -> Block<Float> {
    try MutableBlock(copying: values).readOnly
  }

  @Test func tiesGoToTheLowerIndex() throws {
    let scores = try block([0.5, 0.9, 0.5, .nan, 0.9])
    #expect((0..<5).map { Ranking.rank(of: $0, in: scores).rank } == [2, 0, 3, 4, 1])
    #expect((0..<5).map { Ranking.rank(of: $0, in: scores).ties } == [1, 1, 1, 0, 1])
    #expect(Ranking.top(3, of: scores) == [1, 4, 0])
    #expect(Ranking.top(9, of: scores) == [1, 4, 0, 2, 3])
  }

  @Test func overlapCountsTheCommonFirst() throws {
    let a = try block([9, 8, 7, 1, 2])
    let b = try block([9, 1, 7, 8, 2])
    #expect(abs(Ranking.overlap(3, a, b) - 2.0 / 3) < 1e-15)
    #expect(Ranking.overlap(10, a, b) == 1)
  }

  @Test func cosines() throws {
    #expect(abs(Ranking.cosine(try block([3, 4]), try block([4, 3])) - 0.96) < 1e-15)
    #expect(Ranking.cosine(try block([0, 0]), try block([0, 0])) == 1)
    #expect(Ranking.cosine(try block([0, 0]), try block([1, 0])) == 0)
  }
}

@Suite struct RetrievalTests {
  /// The author's recalls and CLIP_benchmark's, on matrices full of ties.
  @Test func recallsAreThoseOfTheDefinitions() throws {
    for fixture in try StatisticsFixture.read().retrieval {
      let pictures = fixture.scores[0].count
      let ranks = try RetrievalRanks(pictureOf: fixture.owner, pictures: pictures) {
        (run, ofCaptions) throws(SystemError) in
        let values =
          ofCaptions
          ? run.flatMap { fixture.scores[$0] }
          : run.flatMap { picture in fixture.scores.map { $0[picture] } }
        return try MutableBlock(copying: values).readOnly
      }
      for (k, text, image, once) in [
        (1, fixture.text_to_image_1, fixture.image_to_text_1, fixture.image_to_text_once_1),
        (5, fixture.text_to_image_5, fixture.image_to_text_5, fixture.image_to_text_once_5),
        (10, fixture.text_to_image_10, fixture.image_to_text_10, fixture.image_to_text_once_10),
      ] {
        let found = PairedRecall.textToImage(k, ranks, ranks, fixture.owner)
        #expect(abs(found.reference - text) < 1e-12)
        let back = PairedRecall.imageToText(k, ranks, ranks, fixture.owner, perImage: false)
        #expect(abs(back.reference - image) < 1e-12)
        let single = PairedRecall.imageToText(k, ranks, ranks, fixture.owner, perImage: true)
        #expect(abs(single.reference - once) < 1e-12)
      }
    }
  }

  /// Three pictures with 1, 2 and 1 captions; the second picture's first caption is lost, its other one won.
  @Test func lossesAreCountedByPicture() {
    let owner: [Int32] = [0, 1, 1, 2]
    let reference = ranks([0, 0, 3, 5], [0, 0, 4])
    let candidate = ranks([0, 2, 0, 5], [0, 1, 4])
    let text = PairedRecall.textToImage(1, reference, candidate, owner)
    #expect(
      text.clusters.units == [
        .init(lost: 0, queries: 1), .init(lost: 0, queries: 2), .init(lost: 0, queries: 1),
      ])
    // They cancel out, and still the picture is discordant.
    #expect(text.clusters.discordant == 1)
    let image = PairedRecall.imageToText(1, reference, candidate, owner, perImage: false)
    #expect(image.reference == 0.75 && image.candidate == 0.25)
    #expect(image.clusters.units[1] == .init(lost: 2, queries: 2))
    let once = PairedRecall.imageToText(1, reference, candidate, owner, perImage: true)
    #expect(abs(once.reference - 2.0 / 3) < 1e-15 && abs(once.candidate - 1.0 / 3) < 1e-15)
  }

  private func ranks(_ text: [Int], _ image: [Int]) -> RetrievalRanks {
    var ranks = RetrievalRanks(pictureOf: [], pictures: 0) { (_, _) throws(Never) in
      fatalError("there is nothing to score")
    }
    ranks.textToImage = text
    ranks.imageToText = image
    return ranks
  }
}
