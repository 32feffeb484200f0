internal import CLIPRuntime
public import Notation
public import TensorCore

/// What `classify` says about one picture.
public struct ClassificationAnswer {
  /// The picture, as it was named.
  public let image: String
  private let names: [String]
  private let cosines: [Float]
  private let probabilities: [Double]
  /// Places of labels, best first; of equal ones, the first given.
  private let order: [Int]

  /// Compares an embedding with labels.
  ///
  /// - Parameters:
  ///   - image: The picture, as it was named.
  ///   - embedding: Of length 1.
  ///   - names: Labels.
  ///   - labels: Their embeddings `[names.count, width]`, of length 1.
  ///   - scale: The model's logit scale.
  public init(
    image: String, embedding: Block<Float>, names: [String], labels: Block<Float>, scale: Float
  ) {
    let cosines = Probabilities.cosines(of: embedding, with: labels)
    self.image = image
    self.names = names
    self.cosines = cosines
    probabilities = Probabilities.softmax(cosines, scale: scale)
    order = names.indices.sorted { (-cosines[$0], $0) < (-cosines[$1], $1) }
  }

  /// For people: the picture, then a line for each of the best labels.
  ///
  /// A line end in a name would look like an answer, so it is made visible, too.
  ///
  /// - Parameter top: How many labels.
  public func lines(top: Int) -> [String] {
    [withoutControls(image)]
      + order.prefix(top).map { index in
        "  \(Amount.fixed(probabilities[index], 4))  \(withoutControls(names[index]))  "
          + "(cosine \(Amount.fixed(Double(cosines[index]), 4)))"
      }
  }

  /// For programs.
  ///
  /// - Parameter top: How many labels.
  public func json(top: Int) -> JSONText {
    let rows = order.prefix(top).map { index in
      JSONText.object([
        ("label", .string(names[index])),
        ("probability", .float(Float(probabilities[index]))), ("cosine", .float(cosines[index])),
      ])
    }
    return .object([("image", .string(image)), ("labels", .array(Array(rows)))])
  }
}
