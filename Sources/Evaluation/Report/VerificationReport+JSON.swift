public import Notation

/// For programs; keys are stable.
extension VerificationReport {
  /// Everything but pictures.
  public var json: JSONText {
    .object([
      ("verdict", verdict.map { .string($0.name) } ?? .null),
      ("max_drop", .double(maxDrop)), ("min_cosine", minCosine.map { .double($0) } ?? .null),
      ("tool", .string(tool)), ("numerics_version", .integer(numericsVersion)),
      ("candidate", candidate.json), ("reference", reference.json),
      ("datasets", .array(datasets.map { $0.json(isBrief: false) })),
      ("embeddings", embeddings.map(\.json) ?? .null), ("layers", layers.map(\.json) ?? .null),
      ("tuning", tuning.map(\.json) ?? .null),
      ("notes", .array(notes.map { .string($0) })),
    ])
  }

  /// What is stored in the file: figures without single items.
  public var stamp: JSONText {
    .object([
      ("verdict", verdict.map { .string($0.name) } ?? .null),
      ("max_drop", .double(maxDrop)), ("min_cosine", minCosine.map { .double($0) } ?? .null),
      ("tool", .string(tool)),
      (
        "reference",
        .object([
          ("recipe", .string(reference.recipe)),
          ("identity", .string(Amount.hex(reference.identity))),
          (
            "sources",
            .array(
              reference.sources.map {
                .object([
                  ("name", .string($0.name)), ("sha256", .string(Amount.hex($0.sha256))),
                ])
              })
          ),
        ])
      ),
      ("datasets", .array(datasets.map { $0.json(isBrief: true) })),
      ("embeddings", embeddings.map { $0.json(isBrief: true) } ?? .null),
    ])
  }
}

extension ModelSummary {
  fileprivate var json: JSONText {
    .object([
      ("path", .string(path)), ("bytes", .integer(byteCount)), ("recipe", .string(recipe)),
      ("identity", .string(Amount.hex(identity))),
      (
        "sources",
        .array(
          sources.map {
            .object([("name", .string($0.name)), ("sha256", .string(Amount.hex($0.sha256)))])
          })
      ),
    ])
  }
}

extension DatasetReport {
  fileprivate func json(isBrief: Bool) -> JSONText {
    var members: [(String, JSONText)] = [
      ("name", .string(name)), ("pictures", .integer(pictures)),
      (isClassification ? "classes" : "captions", .integer(texts)),
      ("sampled_from", sampledFrom.map { .integer($0) } ?? .null),
      ("seed", sampledFrom == nil ? .null : .string(String(seed))),
      ("fingerprint", .string(Amount.hex(fingerprint))),
      ("figures", .array(figures.map(\.json))), ("agreement", .double(agreement)),
      ("ties", .integer(ties)), ("picture_cosines", pictureCosines.json),
      ("text_cosines", textCosines.json), ("notes", .array(notes.map { .string($0) })),
    ]
    if !isBrief { members.append(("worst", .array(worst.map(\.json)))) }
    return .object(members)
  }
}

extension Figure {
  fileprivate var json: JSONText {
    var further = JSONText.null
    if case .undecided(let count?) = verdict { further = .integer(count) }
    return .object([
      ("name", .string(name)), ("reference", .double(reference)),
      ("candidate", .double(candidate)), ("drop", .double(drop)),
      ("lower_bound", .double(bounds.lower)), ("upper_bound", .double(bounds.upper)),
      ("verdict", decides ? .string(verdict.name) : .null), ("further_samples", further),
    ])
  }
}

extension CosineSummary {
  fileprivate var json: JSONText {
    .object([
      ("count", .integer(count)), ("minimum", .double(minimum)),
      ("percentile_1", .double(percentile1)), ("percentile_5", .double(percentile5)),
      ("median", .double(median)), ("mean", .double(mean)),
    ])
  }
}

extension WorstItem {
  fileprivate var json: JSONText {
    func top(_ answers: [(name: String, cosine: Double)]) -> JSONText {
      .array(
        answers.map { .object([("name", .string($0.name)), ("cosine", .double($0.cosine))]) })
    }
    return .object([
      ("name", .string(name)), ("truth", .string(truth)),
      ("reference_rank", .integer(referenceRank)), ("candidate_rank", .integer(candidateRank)),
      ("cosine", .double(cosine)), ("reference_top", top(referenceTop)),
      ("candidate_top", top(candidateTop)),
    ])
  }
}

extension EmbeddingReport {
  fileprivate var json: JSONText { json(isBrief: false) }

  fileprivate func json(isBrief: Bool) -> JSONText {
    var members: [(String, JSONText)] = [
      ("built_in", .bool(isBuiltIn)), ("picture_cosines", pictures.map(\.json) ?? .null),
      ("text_cosines", texts.map(\.json) ?? .null),
      ("rank_overlap_10", overlap.map { .double($0) } ?? .null),
      ("verdict", verdict.map { .string($0.name) } ?? .null),
    ]
    if !isBrief {
      members.append(
        (
          "worst",
          .array(
            worst.map {
              .object([
                ("name", .string($0.name)), ("kind", .string($0.kind)),
                ("cosine", .double($0.cosine)),
              ])
            })
        ))
    }
    return .object(members)
  }
}

extension LayerReport {
  fileprivate var json: JSONText {
    .object([
      ("texts", .integer(texts)), ("pictures", .integer(pictures)),
      (
        "layers",
        .array(
          rows.map {
            .object([
              ("tower", .string($0.tower)), ("name", .string($0.name)),
              ("accumulated", .double($0.accumulated)), ("isolated", .double($0.isolated)),
              ("effect", $0.effect.map { .double($0) } ?? .null), ("peak", .double($0.peak)),
            ])
          })
      ),
      (
        "steps",
        .array(
          steps.map {
            .object([("tensor", .string($0.tensor)), ("isolated", .double($0.isolated))])
          })
      ),
    ])
  }
}
