import Foundation
import TCMWriter
import TensorCore
import TestSupport
import Testing

/// Files that appear whole or not at all.
@Suite struct AtomicFileTests {
  static let old = Array("what was there".utf8)
  static let new = Array("what is written".utf8)

  static func names(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }

  static func put(_ bytes: [UInt8], _ path: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: path))
  }

  static func write(_ path: String) throws(WriteError) {
    let file = try AtomicFile(path: path)
    try file.write(new, at: 0)
    try file.commit()
  }

  static func mode(_ path: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    return (attributes[.posixPermissions] as? NSNumber)?.intValue ?? -1
  }

  @Test(arguments: [false, true])
  func appearsOnlyWithTheCommit(hasName: Bool) throws {
    try Fixture.withFolder { folder in
      let file = try AtomicFile(path: folder + "/out", hasName: hasName)
      try file.write(Self.new, at: 3)
      #expect(try Self.names(folder) == (hasName ? [".out.\(getpid())-0.tmp"] : []))
      try file.commit()
      #expect(try Self.names(folder) == ["out"])
      #expect(try Fixture.bytes(folder + "/out") == [0, 0, 0] + Self.new)
    }
  }

  @Test(arguments: [false, true])
  func droppedWithoutACommit(hasName: Bool) throws {
    try Fixture.withFolder { folder in
      try Self.put(Self.old, folder + "/out")
      do {
        let file = try AtomicFile(path: folder + "/out", hasName: hasName)
        try file.write(Self.new, at: 0)
        #expect(try Self.names(folder).count == (hasName ? 2 : 1))
      }
      #expect(try Self.names(folder) == ["out"])
      #expect(try Fixture.bytes(folder + "/out") == Self.old)
    }
  }

  /// Every call fails once, with no space left on the device.
  @Test(arguments: [false, true], [false, true])
  func everyStepFails(isThere: Bool, hasName: Bool) throws {
    let full = "No space left on device"
    let reasons: [FileStep: String] = [
      .create: "cannot create a file in this folder: " + full, .setMode: "cannot write: " + full,
      .write: "cannot write: " + full, .sync: "cannot write: " + full,
      .name: "cannot write: " + full,
      .close: "cannot write: " + full, .rename: "cannot replace: " + full,
      .syncFolder: "written, but its folder cannot be synced: " + full,
    ]
    var steps: [FileStep] = []
    var failing = -1
    func attempt(_ path: String) throws(WriteError) {
      steps = []
      let file = try AtomicFile(path: path, hasName: hasName) { step in
        steps.append(step)
        return steps.count - 1 == failing ? -ENOSPC : 0
      }
      try file.write(Self.new, at: 0)
      try file.write(Self.new, at: 100)
      try file.commit()
    }
    try Fixture.withFolder { folder in
      let path = folder + "/out"
      if isThere { try Self.put(Self.old, path) }
      try attempt(path)
      let all = steps
      let opening: [FileStep] = isThere ? [.create, .setMode] : [.create]
      let placing: [FileStep] = hasName ? [.close, .rename] : [.name, .rename]
      #expect(all == opening + [.write, .write, .sync] + placing + [.syncFolder])
      for index in all.indices {
        try FileManager.default.removeItem(atPath: path)
        if isThere { try Self.put(Self.old, path) }
        failing = index
        var sentence = ""
        do { try attempt(path) } catch { sentence = "\(error)" }
        #expect(sentence == "\(path): \(reasons[all[index]] ?? "")")
        if all[index] == .syncFolder {
          #expect(try Fixture.bytes(path).count == 115)
        } else if isThere {
          #expect(try Fixture.bytes(path) == Self.old)
        }
        let isWhole = isThere || all[index] == .syncFolder
        #expect(try Self.names(folder) == (isWhole ? ["out"] : []))
        if !isWhole { try Self.put(Self.old, path) }
      }
    }
  }

  @Test func folderThatCannotBeOpened() throws {
    try Fixture.withFolder { folder in
      let file = try AtomicFile(path: folder + "/out") { $0 == .syncFolder ? -EACCES : 0 }
      try file.commit()
      #expect(try Self.names(folder) == ["out"])
    }
  }

  @Test func missingFolder() throws {
    try Fixture.withFolder { folder in
      let path = folder + "/none/out"
      #expect {
        try Self.write(path)
      } throws: {
        "\($0)" == "\(path): cannot create a file in this folder: No such file or directory"
      }
      try Self.put(Self.old, folder + "/file")
      #expect {
        try Self.write(folder + "/file/out")
      } throws: {
        "\($0)" == "\(folder)/file/out: cannot create a file in this folder: Not a directory"
      }
    }
  }

  @Test func whatIsNoFile() throws {
    try Fixture.withFolder { folder in
      let pipe = folder + "/pipe"
      #expect(unsafe mkfifo(pipe, 0o600) == 0)
      for path in [folder, pipe, "/dev/full", "/dev/null"] {
        #expect(throws: WriteError.notRegularFile(path: path)) { try Self.write(path) }
      }
      #expect(
        WriteError.notRegularFile(path: "/dev/full").description
          == "/dev/full: cannot replace what is not a regular file")
      #expect(throws: WriteError.nulInPath(path: "a\0b")) { try Self.write("a\0b") }
      let names = try Self.names(folder)
      #expect(names == ["pipe"])
    }
  }

  /// As with `cp`: the file a link leads to is replaced, the link stays.
  @Test func links() throws {
    try Fixture.withFolder { folder in
      let files = FileManager.default
      try files.createDirectory(atPath: folder + "/real", withIntermediateDirectories: false)
      try Self.put(Self.old, folder + "/real/file")
      try files.createSymbolicLink(
        atPath: folder + "/link", withDestinationPath: "real/file")
      try files.createSymbolicLink(atPath: folder + "/again", withDestinationPath: "link")
      try Self.write(folder + "/again")
      #expect(try files.destinationOfSymbolicLink(atPath: folder + "/link") == "real/file")
      #expect(try files.destinationOfSymbolicLink(atPath: folder + "/again") == "link")
      #expect(try Fixture.bytes(folder + "/real/file") == Self.new)
      #expect(try Self.names(folder + "/real") == ["file"])

      try files.createSymbolicLink(atPath: folder + "/nowhere", withDestinationPath: "none")
      try Self.write(folder + "/nowhere")
      #expect(try Fixture.bytes(folder + "/nowhere") == Self.new)
      #expect(throws: (any Error).self) {
        try files.destinationOfSymbolicLink(atPath: folder + "/nowhere")
      }
      #expect(try Self.names(folder) == ["again", "link", "nowhere", "real"])
    }
  }

  @Test func otherNamesOfAFileKeepTheOldOne() throws {
    try Fixture.withFolder { folder in
      try Self.put(Self.old, folder + "/out")
      try FileManager.default.linkItem(atPath: folder + "/out", toPath: folder + "/other")
      try Self.write(folder + "/out")
      #expect(try Fixture.bytes(folder + "/other") == Self.old)
      #expect(try Fixture.bytes(folder + "/out") == Self.new)
    }
  }

  @Test func longestName() throws {
    try Fixture.withFolder { folder in
      let name = String(repeating: "猫", count: 85)
      try Self.write(folder + "/" + name)
      #expect(try Self.names(folder) == [name])
      #expect {
        try Self.write(folder + "/x" + name)
      } throws: {
        "\($0)" == "\(folder)/x\(name): cannot replace: File name too long"
      }
      #expect(try Self.names(folder) == [name])
    }
  }

  /// Runs in a process of its own: umask is the whole process's.
  @Test func permissions() async {
    await #expect(processExitsWith: .success) {
      try Fixture.withFolder { folder in
        umask(0o027)
        try Self.write(folder + "/new")
        #expect(try Self.mode(folder + "/new") == 0o640)
        for mode in [0o600, 0o664, 0o444] {
          let path = folder + "/old\(mode)"
          try Self.put(Self.old, path)
          #expect(unsafe chmod(path, mode_t(mode)) == 0)
          try Self.write(path)
          #expect(try Self.mode(path) == mode)
          #expect(try Fixture.bytes(path) == Self.new)
        }
      }
    }
  }

  /// Runs in a process of its own, whose files may not grow beyond 100 bytes.
  @Test func noRoom() async {
    await #expect(processExitsWith: .success) {
      try Fixture.withFolder { folder in
        let path = folder + "/out"
        try Self.put(Self.old, path)
        signal(SIGXFSZ, SIG_IGN)
        var limit = rlimit(rlim_cur: 100, rlim_max: 100)
        #expect(unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
        let file = try AtomicFile(path: path)
        #expect {
          try file.write([UInt8](repeating: 1, count: 101), at: 0)
        } throws: {
          "\($0)" == "\(path): cannot write: File too large"
        }
        #expect(try Self.names(folder) == ["out"])
        #expect(try Fixture.bytes(path) == Self.old)
        // What failed cannot be put in place by writing on.
        #expect(throws: WriteError.self) { try file.write([1], at: 0) }
        #expect(throws: WriteError.self) { try file.commit() }
        #expect(try Fixture.bytes(path) == Self.old)
      }
    }
  }

  @Test func twoAtATime() throws {
    try Fixture.withFolder { folder in
      let path = folder + "/out"
      // Left behind by a killed process with this one's number.
      try Self.put([], folder + "/.out.\(getpid())-0.tmp")
      let first = try AtomicFile(path: path)
      let second = try AtomicFile(path: path)
      try first.write(Self.old, at: 0)
      try second.write(Self.new, at: 0)
      try second.commit()
      try first.commit()
      #expect(try Fixture.bytes(path) == Self.old)
      #expect(try Self.names(folder) == [".out.\(getpid())-0.tmp", "out"])
    }
  }
}
