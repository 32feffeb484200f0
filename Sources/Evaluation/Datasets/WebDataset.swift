internal import Checkpoints
internal import TensorCore

extension DatasetKind {
  /// CLIP_benchmark's tars.
  static let webDataset = DatasetKind(
    name: "webdataset",
    summary:
      "tars as CLIP_benchmark makes them: test/0.tar with s0000000.jpg and .cls or .txt, classnames.txt beside",
    options: [
      .classNames, .templates,
      Option(
        "task", "classification or retrieval (default: dataset_type.txt, else by the members)"),
      Option("split", "the folder with the tars (default: test)"),
      Option("dataset", "the list to take from JSON files with several"),
    ]
  ) { (specification) throws(DatasetError) in
    let path = specification.path
    var root = path
    var tars: [String] = []
    if FilePictures.isFile(path) {
      tars = [path]
      root = folderPath(of: path)
    } else {
      let split = joined(path, specification.options["split"] ?? "test")
      for folder in [split, path] where tars.isEmpty && FilePictures.isFolder(folder) {
        tars = try FilePictures.entries(folder).filter {
          $0.hasSuffix(".tar") && !$0.hasPrefix(".")
        }.sorted { ($0.utf8.count, $0) < ($1.utf8.count, $1) }.map { joined(folder, $0) }
      }
      if tars.isEmpty { throw .empty(path: path, expected: "a .tar file, in it or in test/") }
    }
    var samples = TarSamples()
    for tar in tars { try samples.read(tar) }
    var task = try specification.choice("task", ["", "classification", "retrieval"])
    let type = joined(root, "dataset_type.txt")
    if task.isEmpty && FilePictures.isFile(type) {
      task = try TextLines.word(type)
      if !["", "classification", "retrieval"].contains(task) {
        throw .optionValue(
          option: "task", found: task, expected: "classification or retrieval in \(printable(type))"
        )
      }
    }
    if task.isEmpty { task = samples.hasClasses ? "classification" : "retrieval" }
    if task == "retrieval" {
      let (pictures, captions, pictureOf) = try samples.captions()
      return Dataset(
        name: specification.text, pictures: pictures,
        task: .retrieval(.init(captions: captions, pictureOf: pictureOf)))
    }
    let keys = specification.options["dataset"].map { [$0] } ?? []
    let names = try TextList.classNames(
      specification.options["classnames"] ?? joined(root, "classnames.txt"), keys: keys)
    var file = specification.options["templates"]
    let usual = joined(root, "zeroshot_classification_templates.txt")
    if file == nil && FilePictures.isFile(usual) { file = usual }
    let templates = try file.map { (path) throws(DatasetError) in
      try TextList.templates(path, keys: keys)
    }
    let (pictures, labelOf) = try samples.classes(below: names.count)
    return Dataset(
      name: specification.text, pictures: pictures,
      task: .classification(.init(labels: names, templates: templates ?? [], labelOf: labelOf)))
  }
}

/// Samples of webdatasets: members of tars that share a name up to the first dot.
private struct TarSamples {
  private struct Sample {
    var key: String
    var tar: Int
    var picture: TarMember?
    var label: TarMember?
    var text: TarMember?
  }

  private var archives: [InputFile] = []
  private var samples: [Sample] = []

  var hasClasses: Bool { samples.contains { $0.label != nil } }

  /// Adds the members of an archive.
  mutating func read(_ path: String) throws(DatasetError) {
    let archive: InputFile
    do throws(FileError) { archive = try InputFile(path: path) } catch { throw .file(error) }
    let tar = archives.count
    archives.append(archive)
    let first = samples.count
    try TarMember.forEach(in: archive) { (member) throws(DatasetError) in
      // Names may have folders; the key ends at the first dot of the last part.
      let slash = member.name.utf8.lastIndex(of: UInt8(ascii: "/"))
      let base = member.name[
        (slash.map { member.name.utf8.index(after: $0) } ?? member.name.startIndex)...]
      guard let dot = base.firstIndex(of: "."), dot > base.startIndex else { return }
      let key = String(member.name[..<dot])
      let ending = base[base.index(after: dot)...].lowercased()
      if samples.count == first || samples[samples.count - 1].key != key {
        samples.append(Sample(key: key, tar: tar))
      }
      let last = samples.count - 1
      func set(_ part: WritableKeyPath<Sample, TarMember?>) throws(DatasetError) {
        if samples[last][keyPath: part] != nil {
          throw .tar(
            path: path, offset: member.offset,
            .member(name: member.name, reason: "the sample has such a member already"))
        }
        samples[last][keyPath: part] = member
      }
      switch ending {
      case "jpg", "jpeg", "png": try set(\.picture)
      case "webp":
        throw .tar(
          path: path, offset: member.offset,
          .member(
            name: member.name, reason: "WebP pictures are not supported; export as jpg or png"))
      case "cls": try set(\.label)
      case "txt": try set(\.text)
      default: break
      }
    }
  }

  /// Pictures and their classes.
  func classes(below count: Int) throws(DatasetError) -> (TarPictures, [Int32]) {
    var pictures = TarPictures(archives: archives)
    var labelOf: [Int32] = []
    for sample in samples {
      guard let picture = sample.picture else { continue }
      let archive = archives[sample.tar]
      guard let label = sample.label else {
        throw .tar(
          path: archive.path, offset: picture.offset,
          .member(name: picture.name, reason: "there is no .cls beside it"))
      }
      let text = try text(label, sample.tar, limit: 32)
      guard let index = Int(TextLines.trimmed(lines(text).first ?? "")),
        (0..<count).contains(index)
      else {
        throw .tar(
          path: archive.path, offset: label.offset,
          .member(
            name: label.name, reason: "expected a class below \(count), found \(printable(text))"))
      }
      pictures.append(picture, of: sample.tar)
      labelOf.append(Int32(index))
    }
    if labelOf.isEmpty {
      throw .empty(path: archives.first?.path ?? "", expected: "a picture with a .cls")
    }
    return (pictures, labelOf)
  }

  /// Pictures and their captions.
  func captions() throws(DatasetError) -> (TarPictures, [String], [Int32]) {
    var pictures = TarPictures(archives: archives)
    var captions: [String] = []
    var pictureOf: [Int32] = []
    for sample in samples {
      guard let picture = sample.picture else { continue }
      let archive = archives[sample.tar]
      guard let member = sample.text else {
        throw .tar(
          path: archive.path, offset: picture.offset,
          .member(name: picture.name, reason: "there is no .txt beside it"))
      }
      let lines = self.lines(try text(member, sample.tar, limit: 1 << 20)).map {
        TextLines.trimmed($0)
      }.filter { !$0.isEmpty }
      if lines.isEmpty {
        throw .tar(
          path: archive.path, offset: member.offset,
          .member(name: member.name, reason: "there is no caption"))
      }
      for line in lines {
        captions.append(line)
        pictureOf.append(Int32(pictures.count))
      }
      pictures.append(picture, of: sample.tar)
    }
    if captions.isEmpty {
      throw .empty(path: archives.first?.path ?? "", expected: "a picture with a .txt")
    }
    return (pictures, captions, pictureOf)
  }

  /// Lines ending in LF or CRLF; by scalars, since the two are one character.
  private func lines(_ text: String) -> [Substring] {
    text.unicodeScalars.split(separator: "\n").map { line in
      Substring(line.last == "\r" ? line.dropLast() : line)
    }
  }

  private func text(_ member: TarMember, _ tar: Int, limit: Int) throws(DatasetError) -> String {
    let path = archives[tar].path
    func refuse(_ reason: String) -> DatasetError {
      .tar(path: path, offset: member.offset, .member(name: member.name, reason: reason))
    }
    if member.byteCount > limit { throw refuse("expected at most \(limit) bytes of text") }
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try archives[tar].bytes(at: member.offset, count: member.byteCount)
    } catch { throw .file(error) }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw refuse("the text is not UTF-8")
    }
    return text
  }
}

/// Pictures that are members of tars.
struct TarPictures: PictureSource {
  let archives: [InputFile]
  private var names = NameArena()
  private var offsets: [Int] = []
  private var byteCounts: [Int] = []
  private var tars: [Int32] = []

  init(archives: [InputFile]) { self.archives = archives }

  mutating func append(_ member: TarMember, of tar: Int) {
    names.append(member.name)
    offsets.append(member.offset)
    byteCounts.append(member.byteCount)
    tars.append(Int32(tar))
  }

  var count: Int { names.count }
  func byteCount(_ index: Int) -> Int { byteCounts[index] }

  func name(_ index: Int) -> String {
    if archives.count == 1 { return names[index] }
    let path = archives[Int(tars[index])].path
    return (path.split(separator: "/").last.map(String.init) ?? path) + ":" + names[index]
  }

  func bytes(_ index: Int) throws(DatasetError) -> Block<UInt8> {
    let archive = archives[Int(tars[index])]
    if byteCounts[index] > FilePictures.byteLimit {
      throw .limit(
        path: archive.path, what: "bytes of \(names[index])", found: byteCounts[index],
        limit: FilePictures.byteLimit)
    }
    do throws(FileError) {
      return try read(archive, at: offsets[index], count: byteCounts[index])
    } catch { throw .file(error) }
  }
}
