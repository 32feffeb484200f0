import Foundation
import Glibc
import TestSupport
import Testing

/// A finished run of a built tool, and what it cost.
struct Child {
  /// The signal that ended it, or `nil`.
  let signal: Int32?
  let status: Int32
  /// The start of what it wrote to standard output.
  let output: String
  let errors: String
  /// Processor time; wall time would depend on what else runs.
  let seconds: Double
  /// The most memory that was resident, or `nil` where this process has more: the system counts the memory a new process
  /// shares with its parent until it runs another program.
  let peakByteCount: Int?

  /// Whatever it is given, a tool stays below.
  ///
  /// Unoptimized code is ten to thirty times slower, and so is code that a sanitizer looks after: what is not finished
  /// then will never be.
  #if DEBUG
    static let secondLimit = 60.0
  #else
    static let secondLimit = Sanitizer.isActive ? 60.0 : 1.0
  #endif
  /// A sanitizer keeps what is freed, and notes about every byte.
  static let peakLimit = Sanitizer.isActive ? 2 << 30 : 128 << 20
  /// KiB of heap, stacks and writable pages, resident or not.
  ///
  /// Beyond it allocations fail, so it holds whatever memory this process has.
  private static let dataLimit = 192 << 10
  /// Only a process that hangs lives longer.
  private static let patience = 180.0

  private static let folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().path

  /// Runs a tool and waits for it.
  ///
  /// - Parameters:
  ///   - tool: `taiyi` or `taiyi-convert`.
  ///   - arguments: As a shell would pass them.
  ///   - scratch: A folder for what it prints.
  ///   - isLimited: Whether it has to do with `dataLimit`.
  static func run(
    _ tool: String, _ arguments: [String], in scratch: String, isLimited: Bool = true
  ) throws -> Child {
    let (output, errors) = (scratch + "/.output", scratch + "/.errors")
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    let writing = O_WRONLY | O_CREAT | O_TRUNC
    unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    unsafe posix_spawn_file_actions_addopen(&actions, 1, output, writing, 0o600)
    unsafe posix_spawn_file_actions_addopen(&actions, 2, errors, writing, 0o600)

    let limit = isLimited && !Sanitizer.isActive ? "ulimit -d \(dataLimit); " : ""
    let words = ["sh", "-c", "ulimit -c 0; \(limit)exec \"$0\" \"$@\"", folder + "/" + tool]
    // Without this, a crash is described at length, for seconds.
    let environment = ProcessInfo.processInfo.environment.merging(["SWIFT_BACKTRACE": "enable=no"])
    { $1 }
    var wordList = unsafe (words + arguments).map { unsafe strdup($0) } + [nil]
    var variables = unsafe environment.map { unsafe strdup($0.key + "=" + $0.value) } + [nil]
    defer { unsafe (wordList + variables).forEach { unsafe free($0) } }
    var child: pid_t = 0
    let code = unsafe posix_spawn(&child, "/bin/sh", &actions, nil, &wordList, &variables)
    try #require(code == 0, "posix_spawn: \(code)")
    let (result, usage) = wait(for: child)
    let own = ownPeakByteCount
    let peak = usage.ru_maxrss << 10
    let time = usage.ru_utime.seconds + usage.ru_stime.seconds
    return Child(
      signal: result & 0x7F == 0 ? nil : result & 0x7F, status: result >> 8 & 0xFF,
      output: try start(of: output), errors: try start(of: errors), seconds: time,
      peakByteCount: peak > own ? peak : nil)
  }

  private static func wait(for child: pid_t) -> (status: Int32, rusage) {
    var (status, usage) = (Int32(0), rusage())
    let start = Date()
    while unsafe wait4(child, &status, WNOHANG, &usage) == 0 {
      if Date().timeIntervalSince(start) > patience { kill(child, SIGKILL) }
      usleep(2_000)
    }
    return (status, usage)
  }

  /// The most memory this process had.
  private static var ownPeakByteCount: Int {
    let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    for line in text.split(separator: "\n") where line.hasPrefix("VmHWM:") {
      return (line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) << 10
    }
    return 0
  }

  private static func start(of path: String) throws -> String {
    let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
    defer { try? handle.close() }
    return String(decoding: try handle.read(upToCount: 1 << 16) ?? Data(), as: UTF8.self)
  }
}

extension timeval {
  fileprivate var seconds: Double { Double(tv_sec) + Double(tv_usec) / 1e6 }
}
