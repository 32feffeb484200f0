import Foundation
import TestSupport
import Testing

/// What is no regular file, cannot be opened, or has a name that a terminal would obey.
@Suite struct SpecialFileTests {
  /// A command of each reader.
  static let commands: [HostileCase.Command] = [.inspect, .check, .preprocess, .tokenize]
  private static let good: [HostileCase.Command: String] = [
    .inspect: "hostile/safetensors/ok-one-byte.safetensors", .check: "tcm/valid/image.tcm",
    .preprocess: "images/good/small.png", .tokenize: "hostile/text/ok-plain.txt",
  ]

  /// Runs a command on a path.
  private static func run(
    _ command: HostileCase.Command, _ path: String, _ scratch: String
  ) throws -> Child {
    let item = HostileCase(
      file: nil, recipe: nil, command: command, outcome: "", sentence: nil, read: nil, why: nil)
    let words = try item.arguments(path, output: scratch + "/picture.png")
    return try Child.run(words.tool, words.arguments, in: scratch)
  }

  private static func expectRefusal(
    _ command: HostileCase.Command, _ path: String, _ part: String, _ scratch: String
  ) throws {
    let child = try run(command, path, scratch)
    child.expectBounds()
    #expect(child.status == 1)
    child.expectSentence(part)
    #expect(!child.errors.hasControls, "\(child.errors)")
  }

  /// A valid file of a command, under a name in a folder of its own.
  private static func copy(_ command: HostileCase.Command, to path: String) throws {
    let name = try #require(good[command])
    try FileManager.default.copyItem(atPath: Fixture.path(name), toPath: path)
  }

  @Test(arguments: commands)
  func pipe(_ command: HostileCase.Command) throws {
    try Fixture.withFolder { folder in
      // Nobody writes to it, so opening it the usual way would wait for ever.
      let made = unsafe mkfifo(folder + "/pipe", 0o600)
      #expect(made == 0)
      try Self.expectRefusal(command, folder + "/pipe", "not a regular file", folder)
    }
  }

  @Test(arguments: commands, ["/dev/zero", "/dev/null", "/proc/self/mem", "/proc/cpuinfo"])
  func device(_ command: HostileCase.Command, _ path: String) throws {
    // A text of no bytes, as /proc says of its files, is a text.
    if command == .tokenize && path.hasPrefix("/proc") { return }
    try Fixture.withFolder { try Self.expectRefusal(command, path, path, $0) }
  }

  @Test(arguments: commands)
  func folder(_ command: HostileCase.Command) throws {
    try Fixture.withFolder { folder in
      let part = command == .inspect ? "holds no checkpoint" : "not a regular file"
      try FileManager.default.createDirectory(
        atPath: folder + "/inner", withIntermediateDirectories: false)
      try Self.expectRefusal(command, folder + "/inner", part, folder)
    }
  }

  @Test(arguments: commands)
  func missing(_ command: HostileCase.Command) throws {
    try Fixture.withFolder { folder in
      try Self.expectRefusal(command, folder + "/missing", "No such file", folder)
      try FileManager.default.createSymbolicLink(
        atPath: folder + "/dangling", withDestinationPath: "nowhere")
      try Self.expectRefusal(command, folder + "/dangling", "No such file", folder)
      try FileManager.default.createSymbolicLink(
        atPath: folder + "/loop", withDestinationPath: "loop")
      try Self.expectRefusal(command, folder + "/loop", "ymbolic link", folder)
    }
  }

  @Test("What root may read anyway", .enabled(if: geteuid() != 0), arguments: commands)
  func unreadable(_ command: HostileCase.Command) throws {
    try Fixture.withFolder { folder in
      try Self.copy(command, to: folder + "/locked")
      let changed = unsafe chmod(folder + "/locked", 0)
      #expect(changed == 0)
      try Self.expectRefusal(command, folder + "/locked", "Permission denied", folder)
    }
  }

  @Test("A link to a valid file is followed", arguments: commands)
  func link(_ command: HostileCase.Command) throws {
    try Fixture.withFolder { folder in
      let target = Fixture.path(try #require(Self.good[command]))
      try FileManager.default.createSymbolicLink(
        atPath: folder + "/link", withDestinationPath: target)
      let child = try Self.run(command, folder + "/link", folder)
      #expect(child.status == 0, "\(child.errors)")
    }
  }

  @Test("Names reach the terminal harmless, and on one line", arguments: commands)
  func names(_ command: HostileCase.Command) throws {
    for name in ["two\nlines", "\u{1B}[31mred\r", "\u{9B}31m", "\u{202E}turned", "quote\"'\\"] {
      try Fixture.withFolder { folder in
        try Self.expectRefusal(command, folder + "/" + name, "No such file", folder)
        // And where the file is there, but wrong.
        try Data("wrong contents, of no known kind\n\u{FF}".utf8 + [0xFF])
          .write(to: URL(fileURLWithPath: folder + "/" + name))
        try Self.expectRefusal(command, folder + "/" + name, "", folder)
      }
    }
  }

  @Test("Long names are refused by the system, or shown in part", arguments: commands)
  func longNames(_ command: HostileCase.Command) throws {
    try Fixture.withFolder { folder in
      let name = String(repeating: "n", count: 255)
      try Self.expectRefusal(command, folder + "/" + name, "No such file", folder)
      try Self.expectRefusal(command, folder + "/" + name + "n", "name too long", folder)
    }
  }
}
