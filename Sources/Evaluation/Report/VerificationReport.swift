/// What a verification found.
public struct VerificationReport: Sendable {
  /// The file that was measured.
  public var candidate: ModelSummary
  /// What it was measured against.
  public var reference: ModelSummary
  /// Name and version of the tool.
  public var tool: String
  /// The numerics version the figures were made under.
  public var numericsVersion: Int
  /// The largest drop accepted, in percentage points.
  public var maxDrop: Double
  /// The lowest cosine accepted, if one was given.
  public var minCosine: Double?
  /// Data sets, in the order they were given.
  public var datasets: [DatasetReport] = []
  /// Embeddings of texts and pictures without a data set.
  public var embeddings: EmbeddingReport?
  /// Where the error is made.
  public var layers: LayerReport?
  /// How the candidate was found, if it was searched for.
  public var tuning: TuningReport?
  /// What a reader of the figures should know, a sentence each.
  public var notes: [String] = []

  /// The worst verdict of all that was decided, or `nil` if nothing was to be decided.
  public var verdict: Verdict? {
    var verdicts = datasets.flatMap(\.figures).filter(\.decides).map(\.verdict)
    if let verdict = embeddings?.verdict { verdicts.append(verdict) }
    return verdicts.reduce(nil) { $0?.worse($1) ?? $1 }
  }
}

/// A model, as far as a report tells.
public struct ModelSummary: Sendable {
  /// The file.
  public var path: String
  /// Its size in bytes.
  public var byteCount: Int
  /// The recipe it was made by.
  public var recipe: String
  /// SHA-256 of weights, vocabulary and protocol.
  public var identity: [UInt8]
  /// The checkpoints it was made from: names and SHA-256.
  public var sources: [(name: String, sha256: [UInt8])]
}

/// What was found on one data set.
public struct DatasetReport: Sendable {
  /// As the user wrote it.
  public var name: String
  /// Pictures used.
  public var pictures: Int
  /// Captions used, or classes.
  public var texts: Int
  /// Whether it has labels rather than captions.
  public var isClassification: Bool
  /// Pictures of the whole set, if only a sample was used.
  public var sampledFrom: Int?
  /// The seed of the sample.
  public var seed: UInt64
  /// SHA-256 over names, sizes, labels and captions of what was used.
  public var fingerprint: [UInt8]
  /// Accuracies or recalls.
  public var figures: [Figure] = []
  /// The share of pictures (or of captions) whose first answer is the same.
  public var agreement = 0.0
  /// Samples with equal best scores, of the candidate.
  public var ties = 0
  /// Cosines between the embeddings of the two models: of pictures, and of captions or classes.
  public var pictureCosines: CosineSummary
  /// Cosines of the texts' embeddings.
  public var textCosines: CosineSummary
  /// What suffered most.
  public var worst: [WorstItem] = []
  /// What a reader of the figures should know, a sentence each.
  public var notes: [String] = []
}

/// An accuracy or recall of both models.
public struct Figure: Sendable {
  /// For example `top-1` or `R@1 text to image`.
  public var name: String
  /// 0 to 1.
  public var reference: Double
  /// 0 to 1.
  public var candidate: Double
  /// Reference minus candidate, 0 to 1.
  public var drop: Double
  /// One-sided 95 % bounds of the drop.
  public var bounds: Bounds
  /// By the tolerance.
  public var verdict: Verdict
  /// Whether the verdict counts for the whole.
  public var decides: Bool
}

/// Cosines between two models' embeddings of the same items.
public struct CosineSummary: Equatable, Sendable {
  /// Number of items.
  public var count: Int
  /// The lowest, the 1st, 5th and 50th percentile, and the mean.
  public var minimum: Double
  /// Below it lies 1 % of the items.
  public var percentile1: Double
  /// Below it lie 5 %.
  public var percentile5: Double
  /// Half lie below it.
  public var median: Double
  /// The mean.
  public var mean: Double
  /// Items by log₁₀(1 − cosine), 40 bins from −6 to 0; closer ones and farther ones are in the first and the last.
  public var histogram: [Int]

  /// The number of bins of a histogram.
  static let bins = 40

  /// Sums up cosines.
  init(_ cosines: [Double]) {
    let sorted = cosines.sorted()
    count = cosines.count
    minimum = sorted.first ?? 1
    percentile1 = sorted.isEmpty ? 1 : Quantile.of(sorted, 0.01)
    percentile5 = sorted.isEmpty ? 1 : Quantile.of(sorted, 0.05)
    median = sorted.isEmpty ? 1 : Quantile.of(sorted, 0.5)
    mean = sorted.isEmpty ? 1 : sorted.reduce(0, +) / Double(sorted.count)
    histogram = [Int](repeating: 0, count: CosineSummary.bins)
    for cosine in cosines { histogram[CosineSummary.bin(1 - cosine)] += 1 }
  }

  /// The bin of a distance: bin b begins at 10^(−6 + b · 0.15).
  private static func bin(_ distance: Double) -> Int {
    var bin = 0
    var edge = 1e-6
    // 10^0.15
    let step = 1.4125375446227544
    while bin < bins - 1 && distance >= edge * step {
      edge *= step
      bin += 1
    }
    return bin
  }
}

/// A picture or caption that suffered.
public struct WorstItem: Sendable {
  /// The picture's name, or the caption.
  public var name: String
  /// What would have been right: the label, or the picture of the caption.
  public var truth: String
  /// The place of the right answer before and after, 1 for the first.
  public var referenceRank: Int
  /// The place after.
  public var candidateRank: Int
  /// The cosine between the two models' embeddings.
  public var cosine: Double
  /// The reference's first answers with their cosines.
  public var referenceTop: [(name: String, cosine: Double)]
  /// The candidate's first answers with their cosines.
  public var candidateTop: [(name: String, cosine: Double)]
  /// The picture as the model sees it, as PNG.
  public var picture: [UInt8]?
}

/// Embeddings of texts and pictures without a data set.
public struct EmbeddingReport: Sendable {
  /// Of pictures, if there is an image tower.
  public var pictures: CosineSummary?
  /// Of texts, if there is a text tower.
  public var texts: CosineSummary?
  /// The mean share of the first 10 neighbours that stay: of a picture among texts.
  public var overlap: Double?
  /// The items with the lowest cosines, the lowest first.
  public var worst: [(name: String, kind: String, cosine: Double)]
  /// By `--min-cosine`.
  public var verdict: Verdict?
  /// Whether the texts and pictures are those that the tool brings along.
  public var isBuiltIn: Bool
}

/// Where the error is made.
public struct LayerReport: Sendable {
  /// Texts and pictures that were looked at.
  public var texts: Int
  /// Pictures.
  public var pictures: Int
  /// Layers, and what is before and after them, of each tower in order.
  public var rows: [LayerRow]
  /// Steps in the order of their effect: those of the layer that matters most first.
  public var steps: [StepRow]

  /// A peak above this is an outlier: with it, 8-bit activations have fewer than some 8 steps a root mean square.
  static let peakLimit = 30.0

  /// A sentence about each tower's largest outlier, if it is one.
  var warnings: [String] {
    ["text", "image"].compactMap { tower in
      let row = rows.filter { $0.tower == tower }.max { $0.peak < $1.peak }
      guard let row, row.peak > LayerReport.peakLimit else { return nil }
      let count = rows.count { $0.tower == tower && $0.peak > LayerReport.peakLimit }
      return "the \(tower) tower has outliers behind \(count) of its layers, the largest behind "
        + "\(row.name): \(Int(row.peak)) root mean squares"
    }
  }
}

/// A layer, or what stands before or after the layers.
public struct LayerRow: Sendable {
  /// `text` or `image`.
  public var tower: String
  /// For example `layers.3`, `embeddings` or `head`.
  public var name: String
  /// Relative L2 error of the hidden states behind it when all up to here is the candidate's.
  public var accumulated: Double
  /// The same when the reference's hidden states go in.
  public var isolated: Double
  /// What it alone does to the cosines between texts and pictures: root of the mean square change.
  public var effect: Double?
  /// The largest hidden value of the reference behind it, in standard deviations: outliers make 8-bit activations coarse.
  public var peak: Double
}

/// A step of a layer with one tensor.
public struct StepRow: Sendable {
  /// The tensor, as `inspect` names it.
  public var tensor: String
  /// Relative L2 error of its output when it is given the reference's input.
  public var isolated: Double
}
