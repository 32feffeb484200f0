import Checkpoints
import Foundation
import Notation
import TensorCore
import TestSupport
import Testing

/// Files and folders as users have them.
@Suite struct CheckpointsTests {
  private static let fixtures = Fixture.path("checkpoints-safetensors")
  private static let small = safetensors(
    #"{"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#, dataByteCount: 1)

  private func sentence(_ path: String) -> String {
    do throws(CheckpointError) {
      _ = try Checkpoints.open(path: path)
      return "opened"
    } catch { return error.description }
  }

  @Test func filesOfTheReferenceImplementations() {
    let folder = Self.fixtures
    let types = "F64, F32, F16, BF16, I64, I32, I16, I8, U8, BOOL"
    #expect(
      sentence(folder + "/float8.safetensors")
        == folder + "/float8.safetensors: tensor \"x\": element type F8_E4M3 is not supported; "
        + "supported are " + types)
    #expect(
      sentence(folder + "/uint16.safetensors")
        == folder + "/uint16.safetensors: tensor \"x\": element type U16 is not supported; "
        + "supported are " + types)
    #expect(sentence(folder + "/torch.bin") == "opened")
    #expect(sentence(folder + "/legacy.bin") == "opened")
  }

  @Test(arguments: [
    (
      "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n",
      "this is a Git LFS pointer, not the file itself; run `git lfs pull`"
    ),
    (
      "\n<!DOCTYPE html>\n<html>",
      "this is an HTML page, not a checkpoint; the download failed or needs a login"
    ),
    (
      "<HTML><body>",
      "this is an HTML page, not a checkpoint; the download failed or needs a login"
    ),
    ("<?xml version=\"1.0\"?><Error/>", "this is an XML text, not a checkpoint"),
    ("GGUF\u{3}\0\0\0\0\0\0\0", "this is a GGUF file, which is not read"),
    ("%PDF-1.7 etc", "this is a PDF document, not a checkpoint"),
    ("{\"error\": \"404\"}", "this is a JSON text, not a checkpoint"),
    ("\u{7F}ELF\u{2}\u{1}\u{1}\0", "this is a program, not a checkpoint"),
    (
      String(repeating: "\0", count: 600),
      "the file starts with zeros only; the download did not finish"
    ),
    ("hello", "the file is 5 bytes long, a safetensors file starts with a length of 8 bytes"),
  ])
  func wrongFiles(_ text: String, _ expected: String) throws {
    try TestFolder.with { folder in
      try folder.write(text, "model.safetensors")
      #expect(folder.sentence("model.safetensors") == "model.safetensors: " + expected)
    }
  }

  @Test(
    arguments: [
      ([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], "png"),
      ([0xFF, 0xD8, 0xFF, 0xE0], "jpeg"),
      ([0x1F, 0x8B, 0x08, 0x00], "gzip"), ([0x42, 0x5A, 0x68, 0x39], "bzip2"),
      ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], "xz"), ([0x28, 0xB5, 0x2F, 0xFD], "zstd"),
      ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], "7z"), ([0x50, 0x4B, 0x03, 0x04], "zip"),
      ([0x50, 0x4B, 0x05, 0x06], "zip"), ([0x80, 0x02, 0x7D], "pickle"),
      ([0x80, 0x04, 0x95], "pickle"), ([0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59], "numpy"),
      ([0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A], "hdf5"),
      ([UInt8](repeating: 0x61, count: 257) + [0x75, 0x73, 0x74, 0x61, 0x72], "tar"),
    ] as [([UInt8], String)])
  func kindsByTheirFirstBytes(_ start: [UInt8], _ name: String) {
    #expect(FileKind.recognise(start)?.name == name)
    #expect(FileKind.recognise([0x01] + start) == nil)
  }

  @Test func filesThatAreNotThere() throws {
    try TestFolder.with { folder in
      #expect(
        folder.sentence("none.safetensors")
          == "none.safetensors: cannot open: No such file or directory")
      try folder.write([], "empty.safetensors")
      #expect(folder.sentence("empty.safetensors") == "empty.safetensors: the file is empty")
      #expect(
        sentence(folder.path + "/a\0b") == folder.path + "/a\\u{0}b: a path cannot hold a NUL byte")
      #expect(sentence("/dev/null") == "/dev/null: not a regular file")
      try folder.write("hello, world", "notes.txt")
      #expect(
        folder.sentence("notes.txt")
          == "notes.txt: not a checkpoint of a known format; it starts with "
          + #""h" "e" "l" "l" "o" "," 0x20 "w""#)
    }
  }

  // MARK: Folders

  @Test func tooManyFilesInAFolder() throws {
    try TestFolder.with { folder in
      for name in ["a", "b", "c"] { try folder.write([1], name) }
      var limits = CheckpointLimits()
      // The system counts "." and "..", too.
      limits.folderEntryCount = 5
      #expect(folder.sentence(limits: limits).contains("the folder holds no checkpoint"))
      limits.folderEntryCount = 4
      #expect(
        folder.sentence(limits: limits) == "FOLDER: 5 folder entries, at most 4 are accepted")
    }
  }

  @Test func whichFileOfAFolder() throws {
    try TestFolder.with { folder in
      #expect(
        folder.sentence()
          == "FOLDER: the folder holds no checkpoint; expected model.safetensors, "
          + "open_clip_model.safetensors, pytorch_model.bin, open_clip_pytorch_model.bin, an index "
          + "of one of them, or one other file that ends in .safetensors, .bin, .pt or .pth")
      try folder.write(Self.small, "pytorch_model.bin")
      func used() throws -> String {
        String(
          try Checkpoints.open(path: folder.path).checkpoint.path.dropFirst(folder.path.count + 1))
      }
      #expect(try used() == "pytorch_model.bin")
      try folder.write(Self.small, "b.safetensors")
      #expect(try used() == "b.safetensors")
      try folder.write(Self.small, "a.safetensors")
      #expect(
        folder.sentence()
          == "FOLDER: the folder holds several checkpoints (a.safetensors, b.safetensors); "
          + "name one of them")
      try folder.write(Self.small, "model.safetensors")
      #expect(try used() == "model.safetensors")
      try folder.write(Self.small, "open_clip_model.safetensors")
      #expect(try used() == "open_clip_model.safetensors")
      try folder.write(Self.small, "model.onnx")
      #expect(
        try Checkpoints.open(path: folder.path).notes.map(\.description) == [
          folder.path + ": reading open_clip_model.safetensors, not a.safetensors, "
            + "b.safetensors, model.onnx, model.safetensors, pytorch_model.bin"
        ])
      let file = try Checkpoints.open(path: folder.path + "/a.safetensors")
      #expect(file.notes.isEmpty)
    }
  }

  @Test func sideFilesLieBesideThePathAsGiven() throws {
    try TestFolder.with { folder in
      let manager = FileManager.default
      try manager.createDirectory(
        atPath: folder.path + "/blobs", withIntermediateDirectories: true)
      try manager.createDirectory(
        atPath: folder.path + "/snapshot", withIntermediateDirectories: true)
      try folder.write(Self.small, "blobs/abcdef")
      try folder.write(#"{"wrong": true}"#, "blobs/config.json")
      try folder.write(#"{"right": true}"#, "snapshot/config.json")
      try folder.write(#"{"model_cfg": {}}"#, "snapshot/open_clip_config.json")
      try folder.write("[PAD]\n", "snapshot/vocab.txt")
      try manager.createSymbolicLink(
        atPath: folder.path + "/snapshot/model.safetensors",
        withDestinationPath: "../blobs/abcdef")
      for path in [folder.path + "/snapshot", folder.path + "/snapshot/model.safetensors"] {
        let opened = try Checkpoints.open(path: path)
        #expect(opened.sideFiles.configuration?.document.root["right"]?.bool == true)
        #expect(opened.sideFiles.configuration?.path == folder.path + "/snapshot/config.json")
        #expect(opened.sideFiles.openCLIPConfiguration?.document.root["model_cfg"]?.count == 0)
        #expect(opened.sideFiles.vocabularyPath == folder.path + "/snapshot/vocab.txt")
      }
      try folder.write(#"{"a": 1,}"#, "snapshot/config.json")
      #expect(
        folder.sentence("snapshot")
          == "snapshot/config.json: not valid JSON: byte 8: found \"}\", expected a key in quotes")
      let blob = try Checkpoints.open(path: folder.path + "/blobs/abcdef")
      #expect(blob.sideFiles.openCLIPConfiguration == nil)
      #expect(blob.sideFiles.vocabularyPath == nil)
    }
  }

  @Test func pathsAreTakenApart() {
    #expect(folderPath(of: "model.safetensors") == "")
    #expect(folderPath(of: "a/b.c") == "a/")
    #expect(folderPath(of: "/b") == "/")
    #expect(joined("", "x") == "x")
    #expect(joined("a", "x") == "a/x")
    #expect(joined("a/", "x") == "a/x")
  }
}
