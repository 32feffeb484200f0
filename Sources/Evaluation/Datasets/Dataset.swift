/// Pictures with what they show: labels or captions.
///
/// The pictures stay on disk.
public struct Dataset: Sendable {
  /// As the user wrote it: `kind:path`.
  public let name: String
  /// The pictures.
  public let pictures: any PictureSource
  /// What is known about them.
  public let task: Task
  /// What a reader of the figures should know, a sentence each: rows left out and why.
  public let notes: [String]

  /// What a data set can be used for.
  public enum Task: Sendable {
    /// Each picture has one of some labels: top-1 and top-5.
    case classification(Classification)
    /// Each picture has captions: recall@k in both directions.
    case retrieval(Retrieval)
  }

  /// Labels of pictures.
  public struct Classification: Sendable {
    /// The classes' names, in the order of their indices.
    public let labels: [String]
    /// Texts with `{}` or `{c}` where the label goes, repeated ones kept; empty: labels are taken as they are.
    public let templates: [String]
    /// The class of each picture: an index into `labels`.
    public let labelOf: [Int32]

    /// Puts labels together; every index of `labelOf` must be one of `labels`, else it is misuse and traps.
    public init(labels: [String], templates: [String], labelOf: [Int32]) {
      precondition(
        labelOf.allSatisfy { labels.indices.contains(Int($0)) }, "every class has a label")
      self.labels = labels
      self.templates = templates
      self.labelOf = labelOf
    }
  }

  /// Captions of pictures.
  public struct Retrieval: Sendable {
    /// In the order of the file.
    public let captions: [String]
    /// The picture that each caption tells: an index into the pictures, each of which has a caption.
    public let pictureOf: [Int32]

    /// Puts captions together; as many of one as of the other, else it is misuse and traps.
    public init(captions: [String], pictureOf: [Int32]) {
      precondition(captions.count == pictureOf.count, "every caption has a picture")
      self.captions = captions
      self.pictureOf = pictureOf
    }
  }

  /// Puts a data set together.
  public init(name: String, pictures: any PictureSource, task: Task, notes: [String] = []) {
    self.name = name
    self.pictures = pictures
    self.task = task
    self.notes = notes
  }
}
