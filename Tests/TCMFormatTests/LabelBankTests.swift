import CLIPRuntime
import Foundation
import TCMFormat
import TCMWriter
import TensorCore
import TestSupport
import Testing

/// Label banks: rules 6.1, 6.8 and 6.12 to 6.15, and what they are for.
@Suite struct LabelBankTests {
  let sample: SampleFile

  init() throws { sample = try Self.bank([1, 0, 0.6, 0.8]) }

  static let record = LabelBankRecord(
    textIdentity: [UInt8](0..<32), width: 2, contextLength: 77, labels: ["猫", "狗"],
    templates: ["一张{}的照片", "{c}"])

  /// An image tower whose embeddings are as wide as the record's.
  static let image = {
    var image = SampleFile.image
    image.outputWidth = 2
    return image
  }()

  static func bank(
    _ rows: [Float], _ record: LabelBankRecord = record, image: ImageTowerRecord? = nil
  ) throws -> SampleFile {
    try SampleFile { writer in
      writer.beginSection(.weights, name: "labels")
      writer.beginTensor("labels.embeddings", .float32, shape: [rows.count / 2, 2])
      try SampleFile.write(writer, .values, rows)
      try writer.finish(
        provenance: Provenance(tool: "test 1", recipe: "int8", sources: [], assumptions: []),
        image: image, labels: record, logitScale: 100)
    }
  }

  private func refusal(_ change: (inout Manifest) -> Void) throws -> String {
    try TCMFormatTests.refusal(of: sample.changing(change))
  }

  @Test func roundTrip() throws {
    #expect(sample.manifest.labels == Self.record)
    try Fixture.withFolder { folder in
      let path = folder + "/x.tcm"
      try Data(sample.bytes).write(to: URL(fileURLWithPath: path))
      let bank = try LabelBank(path: path)
      #expect(bank.record == Self.record && bank.embeddings.array == [1, 0, 0.6, 0.8])
      try bank.file.check()
      #expect(ModelIdentity.of(bank.file) == bank.file.manifest.identity)
      #expect(throws: ModelError.noTower(path: path)) { try Model(path: path) }
      try Data(SampleFile.small().bytes).write(to: URL(fileURLWithPath: path))
      #expect(throws: ModelError.noLabels(path: path)) { try LabelBank(path: path) }
    }
  }

  /// As many labels as there may be, however short, fit the memory for decoding (rule 3.5).
  @Test func manyShortLabels() throws {
    for label in ["a", "猫"] {
      var record = Self.record
      record.labels = [String](repeating: label, count: TCMLayout.labelLimit)
      record.templates = [String](repeating: "{}", count: TCMLayout.templateLimit)
      let rows = [[Float]](repeating: [1, 0], count: record.labels.count).flatMap { $0 }
      let file = try Self.bank(rows, record)
      #expect(file.manifest.labels == record)
    }
  }

  /// Beside an image tower a bank makes a file of version 2, and is part of what the model is.
  @Test func besideAnImageTower() throws {
    let file = try Self.bank([1, 0, 0.6, 0.8], image: Self.image)
    #expect(file.manifest.labels == Self.record && file.manifest.image == Self.image)
    #expect(Array(file.bytes[8..<16]) == [2, 0, 0, 0, 2, 0, 0, 0])
    #expect(Array(sample.bytes[8..<16]) == [1, 0, 0, 0, 1, 0, 0, 0])
    #expect(try TCMFormatTests.refusal(of: file.bytes, checking: true) == "valid")
    #expect(
      try TCMFormatTests.refusal(
        of: file.with(header: {
          $0.readVersion = 1
          $0.writeVersion = 2
        }))
        == "PATH: manifest: it has what read version 2 added, the header says 1 (rule 3.7)")
    var identities: Set<[UInt8]> = [file.manifest.identity, sample.manifest.identity]
    identities.insert(try Self.bank([1, 0, 0.8, 0.6], image: Self.image).manifest.identity)
    var image = Self.image
    image.resize = .squash
    identities.insert(try Self.bank([1, 0, 0.6, 0.8], image: image).manifest.identity)
    var record = Self.record
    record.labels[0] = "犬"
    identities.insert(try Self.bank([1, 0, 0.6, 0.8], record, image: Self.image).manifest.identity)
    #expect(identities.count == 5)
  }

  /// The smallest classifier: `Fixtures/tcm/valid/classifier.tcm`, as model and as bank.
  @Test func classifier() throws {
    let path = Fixture.path("tcm/valid/classifier.tcm")
    let model = try Model(path: path)
    let labels = try #require(model.labels)
    #expect(model.textTower == nil && model.tokenizer == nil && model.imageTower != nil)
    #expect(labels.record.labels == ["猫", "狗"] && labels.embeddings.array == [1, 0, 0.6, 0.8])
    #expect(ModelIdentity.of(model.file) == model.file.manifest.identity)
    let bank = try LabelBank(path: path)
    #expect(bank.record == labels.record)
    #expect(try bank.relation(to: model) == .sameModel)
    #expect(try Model(path: Fixture.path("tcm/valid/image.tcm")).labels == nil)
  }

  /// Whatever a bank says is part of its identity.
  @Test func identity() throws {
    var identities: Set<[UInt8]> = [sample.manifest.identity]
    let changes: [(inout LabelBankRecord) -> Void] = [
      { $0.textIdentity[31] = 0 }, { $0.contextLength = 32 },
      { $0.masksPadding = true }, { $0.labels[0] = "犬" },
      { $0.templates[1] = "{}" }, { $0.templates.removeLast() },
      // The same strings, divided otherwise.
      { $0.templates = ["一张{}的照片{c}"] },
    ]
    for change in changes {
      var record = Self.record
      change(&record)
      identities.insert(try Self.bank([1, 0, 0.6, 0.8], record).manifest.identity)
    }
    identities.insert(try Self.bank([1, 0, 0.8, 0.6]).manifest.identity)
    #expect(identities.count == changes.count + 2)
  }

  @Test func rules() throws {
    let changes: [(String, (inout Manifest) -> Void)] = [
      (
        "manifest: there are both a text tower and a label bank (rule 6.1)",
        { $0.text = SampleFile.text }
      ),
      (
        "manifest: there are both a text tower and a label bank (rule 6.1)",
        {
          $0.text = SampleFile.text
          $0.image = Self.image
        }
      ),
      (
        "manifest: label embeddings of 2, image embeddings of 8 (rule 6.8)",
        { $0.image = SampleFile.image }
      ),
      (
        "label bank: the text identity has 32 bytes, found 31 (rule 6.12)",
        { $0.labels?.textIdentity.removeLast() }
      ),
      ("label bank: a width of 0 (rule 6.12)", { $0.labels?.width = 0 }),
      ("label bank: a width of 65537 (rule 6.12)", { $0.labels?.width = 65_537 }),
      ("label bank: a context of 1 (rule 6.12)", { $0.labels?.contextLength = 1 }),
      ("label bank: a context of 16385 (rule 6.12)", { $0.labels?.contextLength = 16_385 }),
      ("label bank: 0 labels, 1 to 65536 allowed (rule 6.13)", { $0.labels?.labels = [] }),
      (
        "label bank: 65537 labels, 1 to 65536 allowed (rule 6.13)",
        { $0.labels?.labels = [String](repeating: "label", count: 65_537) }
      ),
      (
        "label bank: 4097 templates, at most 4096 (rule 6.13)",
        { $0.labels?.templates = [String](repeating: "{} {}", count: 4_097) }
      ),
      (
        "label bank: a template has no place for the label (rule 6.13)",
        { $0.labels?.templates[1] = "{d}" }
      ),
      (
        "label bank: labels.embeddings is not there as f32 [2, 2] (rule 6.14)",
        { $0.tensors[0].name = "labels" }
      ),
      (
        "label bank: labels.embeddings is not there as f32 [1, 2] (rule 6.14)",
        { $0.labels?.labels.removeLast() }
      ),
    ]
    for (sentence, change) in changes {
      #expect(try refusal(change) == "PATH: " + sentence)
    }
  }

  /// The writer asks the reader's rules before its file takes its place.
  @Test func otherEncoding() throws {
    let error = #expect(throws: WriteError.self) {
      try SampleFile { writer in
        writer.beginSection(.weights, name: "labels")
        writer.beginTensor("labels.embeddings", .float16, shape: [2, 2])
        try SampleFile.write(writer, .values, [0x3C00, 0, 0, 0x3C00] as [UInt16])
        try writer.finish(
          provenance: Provenance(tool: "test 1", recipe: "int8", sources: [], assumptions: []),
          labels: Self.record, logitScale: 100)
      }
    }
    let sentence = ": label bank: labels.embeddings is not there as f32 [2, 2] (rule 6.14)"
    #expect(error?.description.hasSuffix(sentence) == true)
  }

  /// Lengths are looked at by `check` only.
  @Test(arguments: [(0.7, "0.92195445"), (0.9, "1.0816654")] as [(Float, String)])
  func lengths(_ value: Float, _ length: String) throws {
    try Fixture.withFolder { folder in
      let path = folder + "/x.tcm"
      let bytes = try Self.bank([1, 0, 0.6, value]).bytes
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      let file = try TCMFile(path: path)
      let error = #expect(throws: TCMError.self) { try file.check() }
      #expect(
        error?.description == "\(path): labels.embeddings: row 1 has length \(length), expected 1 "
          + "(rule 6.15)")
    }
  }
}
