import Foundation
import TestSupport
import Testing

@testable import Evaluation

/// What is wrong with a data set is told in a sentence with file and line.
@Suite struct MalformedTests {
  /// Opens a set in a folder made of the given files; `@` stands for the folder in specification and sentence.
  private func expect(
    _ specification: String, _ files: [String: [UInt8]], _ sentence: String,
    _ location: SourceLocation = #_sourceLocation
  ) throws {
    try Fixture.withFolder { folder in
      for (name, bytes) in files {
        let path = URL(fileURLWithPath: folder + "/" + name)
        try FileManager.default.createDirectory(
          at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: path)
      }
      do throws(DatasetError) {
        _ = try Dataset.open(specification.replacingOccurrences(of: "@", with: folder))
        Issue.record("it was read", sourceLocation: location)
      } catch {
        #expect(
          error.description.replacingOccurrences(of: folder, with: "@") == sentence,
          sourceLocation: location)
      }
    }
  }

  private func text(_ text: String) -> [UInt8] { Array(text.utf8) }

  @Test func specifications() throws {
    try expect("val", [:], "expected a data set as KIND:PATH[,option=value]..., found val")
    try expect("csv:", [:], "expected a data set as KIND:PATH[,option=value]..., found csv:")
    try expect(
      "folder:x", [:],
      "data set kind folder is none of imagefolder, webdataset, flickr30k-cna, flickr30k-cn, "
        + "coco-cn, csv, muge, elevater")
    try expect(
      "muge:x,splits=a", [:], "data set kind muge has no option splits; it has split")
    try expect(
      "muge:x,split=test,split=test", [:], "option split of data set kind muge is given twice")
    try expect(
      "coco-cn:x", [:], "data set kind coco-cn needs images=..., the folder of the pictures")
    try expect("muge:x,split=a", [:], "option split is a, expected valid, test, train")
    #expect(
      try DatasetSpecification("imagefolder:a,b,classnames=c,d").path == "a,b")
    #expect(
      try DatasetSpecification("imagefolder:a,b,classnames=c,d").options == ["classnames": "c,d"])
  }

  @Test func captionFiles() throws {
    let picture = ["images/1.jpg": [UInt8](arrayLiteral: 0xFF)]
    for (lines, sentence) in [
      ("1\t猫\n12345\n", "line 2: expected <id>, a tab and a caption"),
      ("1\t猫\n2\t狗\n", "line 2: there is no picture @/images/2"),
      ("1\t \n", "line 1: there is no caption"),
      ("#0\t猫\n", "line 1: there is no picture name before the caption"),
      ("../../etc/passwd\t猫\n", "line 1: there is no picture @/images/../../etc/passwd"),
      ("1\t猫\u{0}\n", "line 1: there is a NUL byte"),
    ] {
      try expect(
        "flickr30k-cna:@/c.txt,images=@/images",
        picture.merging(["c.txt": text(lines)]) { $1 }, "@/c.txt: \(sentence)")
    }
    try expect(
      "flickr30k-cna:@/c.txt,images=@/images",
      picture.merging(["c.txt": text("1\t") + [0xC3, 0x28, 0x0A]]) { $1 },
      "@/c.txt: line 1: the text is not UTF-8")
    try expect(
      "flickr30k-cna:@/c.txt,images=@/images", ["c.txt": []],
      "@/c.txt: expected a caption, found none")
    try expect(
      "flickr30k-cn:@/c.txt,images=@/images", ["c.txt": text("1007129816\n")],
      "@/c.txt: line 1: expected <id>#zhm#n, a space and words")
    try expect(
      "coco-cn:@,images=@/images",
      [
        "coco-cn_test.txt": text("COCO_val2014_7\n"),
        "imageid.human-written-caption.txt": text("COCO_val2014_7#0\t猫\n"),
      ],
      "@/imageid.human-written-caption.txt: line 1: there is no picture @/images/COCO_val2014_7")
    try expect(
      "coco-cn:@,images=@/images",
      [
        "coco-cn_test.txt": text("a\n"),
        "imageid.human-written-caption.txt": text("a 猫\n"),
      ],
      "@/imageid.human-written-caption.txt: line 1: expected COCO_...#n, a tab and a caption")
  }

  @Test func tables() throws {
    for (lines, sentence) in [
      ("dir,text\na.jpg\n", "line 2: 1 columns, the first line has 2"),
      ("dir,text\na.jpg,\"猫\n\n", "line 2: a quoted field does not end"),
      ("dir,text\na.jpg,\"猫\"x\n", "line 2: there is text after a quoted field"),
      ("path,words\n", "line 1: there is no column dir or image or name or url among path, words"),
      ("dir,text\n\"a\nb\",\na.jpg,x\n", "line 2: there is no caption"),
    ] {
      try expect("csv:@/t.csv,images=@", ["t.csv": text(lines)], "@/t.csv: \(sentence)")
    }
    let columns = (0..<30).map { "c\($0)" }.joined(separator: ",")
    let named = (0..<20).map { "c\($0)" }.joined(separator: ", ")
    try expect(
      "csv:@/t.csv,images=@", ["t.csv": text(columns + "\n")],
      "@/t.csv: line 1: there is no column dir or image or name or url among \(named), …")
    try expect(
      "csv:@/t.csv,images=@", ["t.csv": text(String(repeating: ",", count: 5_000))],
      "@/t.csv: at most 1000 columns, found 1001")
    try expect(
      "csv:@/t.csv,images=@", ["t.csv": text("dir,text\na.jpg,猫\n")],
      "@: expected a picture of the 1 that @/t.csv names, found none")
  }

  @Test func mugeLines() throws {
    let pictures = text("1\tAAAA\n")
    for (tsv, jsonl, sentence) in [
      (text("1 AAAA\n"), "", "valid_imgs.tsv: line 1: expected an id, a tab and base64"),
      (pictures + pictures, "", "valid_imgs.tsv: line 2: picture 1 is there already"),
      (text("\tAAAA\n"), "", "valid_imgs.tsv: line 1: there is no picture name before the caption"),
      (
        pictures, "{\"text\": \"猫\", \"image_ids\": [2]}\n",
        "valid_texts.jsonl: line 1: picture 2 is not among the pictures"
      ),
      (
        pictures, "\n{\"image_ids\": [1]}\n",
        "valid_texts.jsonl: line 2: expected a text as text or query_text, found none"
      ),
      (
        pictures, "{\"text\": \"猫\"}\n",
        "valid_texts.jsonl: line 1: expected a list image_ids or item_ids, found none"
      ),
      (
        pictures, "{\"text\": \"猫\", \"image_ids\": []}\n",
        "valid_texts.jsonl: expected a text with image_ids (those of a test split are often empty), found none"
      ),
    ] {
      try expect(
        "muge:@", ["valid_imgs.tsv": tsv, "valid_texts.jsonl": text(jsonl)], "@/\(sentence)")
    }
    #expect(base64(text("AAA*")) == nil && base64(text("A")) == nil && base64(text("AA=A")) == nil)
    #expect(base64(text("_-8=")) == [0xFF, 0xEF] && base64(text("/+8")) == [0xFF, 0xEF])
  }

  @Test func classFolders() throws {
    let picture = ["a/1.jpg": [UInt8](), "b/2.jpg": []]
    try expect(
      "imagefolder:@,classnames=@/n.txt", picture.merging(["n.txt": text("x\ny\nz\n")]) { $1 },
      "@: 2 folders, but 3 class names; say which is which with wnids=FILE")
    try expect(
      "imagefolder:@,classnames=@/n.txt,order=name",
      picture.merging(["n.txt": text("a\nc\n")]) { $1 },
      "@: folder b is not one of the class names")
    try expect(
      "imagefolder:@,classnames=@/n.txt,wnids=@/w.txt",
      picture.merging(["n.txt": text("x\ny\n"), "w.txt": text("a\nc\n")]) { $1 },
      "@: folder b is not one of the WordNet ids")
    try expect(
      "imagefolder:@,classnames=@/n.txt,templates=@/t.txt",
      picture.merging(["n.txt": text("x\ny\n"), "t.txt": text("{c}\n照片\n")]) { $1 },
      "@/t.txt: line 2: expected {c} or {} where the label goes, found 照片")
    let long = String(repeating: "猫", count: 1_366)
    try expect(
      "imagefolder:@,classnames=@/n.txt", picture.merging(["n.txt": text("x\n\n\(long)\n")]) { $1 },
      "@/n.txt: line 3: 4098 bytes, at most 4096 are taken")
    try expect(
      "imagefolder:@,classnames=@/n.json",
      picture.merging(["n.json": text("[\"a\", \"b\\u0000\"]")]) { $1 },
      "@/n.json: line 2: there is a NUL byte")
    try expect(
      "imagefolder:@,classnames=@/n.txt,templates=@/t.txt",
      picture.merging(["n.txt": text("x\ny\n"), "t.txt": text("{}\(long)\n")]) { $1 },
      "@/t.txt: line 1: 4100 bytes, at most 4096 are taken")
    try expect(
      "imagefolder:@", ["a/x.txt": []],
      "@: expected folders of classes with pictures (.jpg, .jpeg, .png), found none")
    try expect(
      "elevater:@", ["test/7/1.jpg": [], "label_cn.txt": text("a\nb\n")],
      "@/test: folder 7 is not a number below 2")
  }

  /// A tar member of kind x that holds `records`.
  private func paxHeader(_ records: String) -> [UInt8] {
    var header = [UInt8](repeating: 0, count: 512)
    func put(_ text: String, _ at: Int) {
      header.replaceSubrange(at..<at + text.utf8.count, with: text.utf8)
    }
    let size = String(records.utf8.count, radix: 8)
    put("x", 0)
    put(String(repeating: "0", count: 11 - size.count) + size, 124)
    put("        ", 148)
    put("x", 156)
    put("ustar\0" + "00", 257)
    let sum = String(header.reduce(0) { $0 + Int($1) }, radix: 8)
    put(String(repeating: "0", count: 6 - sum.count) + sum + "\0 ", 148)
    return header + Array(records.utf8) + [UInt8](repeating: 0, count: 512 - records.utf8.count)
  }

  @Test func archives() throws {
    let good = try Fixture.bytes(Fixture.path("datasets/webdataset/pairs/test/0.tar"))
    func changed(_ index: Int, _ byte: UInt8) -> [UInt8] {
      var bytes = good
      bytes[index] = byte
      return bytes
    }
    try expect(
      "webdataset:@/t.tar", ["t.tar": changed(0, 65)],
      "@/t.tar: at byte 0: no tar header: its checksum is wrong (a compressed archive must be "
        + "unpacked)")
    try expect(
      "webdataset:@/t.tar", ["t.tar": Array(good[..<700])],
      "@/t.tar: at byte 0: the archive ends inside a member")
    try expect(
      "webdataset:@/t.tar", ["t.tar": Array(good[..<512])],
      "@/t.tar: at byte 0: the archive ends inside a member")
    try expect(
      "webdataset:@/t.tar", ["t.tar": good, "dataset_type.txt": text("multilabel\n")],
      "option task is multilabel, expected classification or retrieval in @/dataset_type.txt")
    // A pax header before a member, of a record whose length is a lie; a NUL ends records.
    for (record, sentence) in [
      (
        "99 path=a\n",
        "@/t.tar: at byte 0: expected records of a length, a key and a value in the pax header"
      ),
      (
        "junk",
        "@/t.tar: at byte 0: expected records of a length, a key and a value in the pax header"
      ),
      ("11 path=ab\n\0", "@/t.tar: at byte 1024: the archive ends inside a member"),
    ] {
      try expect(
        "webdataset:@/t.tar",
        ["t.tar": paxHeader(record) + Array(good[..<600])], sentence)
    }
    try expect(
      "webdataset:@", ["x.txt": []], "@: expected a .tar file, in it or in test/, found none")
    try expect(
      "webdataset:@/t.tar,task=classification,classnames=@/n.txt",
      ["t.tar": good, "n.txt": text("a\n")],
      "@/t.tar: at byte 512: member s0000000.jpg: there is no .cls beside it")
    let classes = try Fixture.bytes(Fixture.path("datasets/webdataset/classes/test/0.tar"))
    try expect(
      "webdataset:@/t.tar,classnames=@/n.txt", ["t.tar": classes, "n.txt": text("a\n")],
      "@/t.tar: at byte \(1024 + 512 + 512): member s0000000.cls: expected a class below 1, found 1"
    )
  }
}
