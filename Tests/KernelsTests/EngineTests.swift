import Foundation
import Kernels
import TensorCore
import Testing

@Suite struct EngineTests {
  @Test func createdAndDestroyed() throws {
    let x = try Numbers.block(40 * 8, seed: 30).readOnly
    let expected = try MutableBlock<Float>(allocating: x.count)
    try Engine(instructionSet: .scalar).layerNorm(
      x, gain: x[0..<8], bias: x[8..<16], epsilon: 1, rows: 40, into: expected)
    for index in 0..<200 {
      let engine = try Engine(threads: 1 + index % 4)
      #expect(engine.threads == 1 + index % 4)
      if index % 3 == 0 { continue }
      let y = try MutableBlock<Float>(allocating: x.count)
      engine.layerNorm(x, gain: x[0..<8], bias: x[8..<16], epsilon: 1, rows: 40, into: y)
      expectSameBits(y, expected, "engine \(index)")
    }
  }

  /// Many runs of a few tasks each, from two engines at once.
  @Test func concurrentEngines() async throws {
    let x = try Numbers.block(70 * 4, seed: 31).readOnly
    let expected = try MutableBlock<Float>(allocating: x.count)
    try Engine(instructionSet: .scalar).layerNorm(
      x, gain: x[0..<4], bias: x[4..<8], epsilon: 1, rows: 70, into: expected)
    let bytes = expected.bytes.array
    let wrong = try await withThrowingTaskGroup(of: Int.self) { group in
      for threads in [2, 3] {
        group.addTask {
          let engine = try Engine(threads: threads)
          let y = try MutableBlock<Float>(allocating: x.count)
          var wrong = 0
          for run in 0..<3000 {
            let rows = 1 + run % 70
            y.fill(with: 0)
            engine.layerNorm(x, gain: x[0..<4], bias: x[4..<8], epsilon: 1, rows: rows, into: y)
            let found = y.bytes.array
            if found[..<(rows * 16)] != bytes[..<(rows * 16)] { wrong += 1 }
            if found[(rows * 16)...].contains(where: { $0 != 0 }) { wrong += 1 }
          }
          return wrong
        }
      }
      return try await group.reduce(0, +)
    }
    #expect(wrong == 0)
  }

  /// Signals sent to the process are for the host program's own threads; faults stay the business of
  /// its handlers.
  @Test func threadsOfThePoolTakeNoSignals() throws {
    func mask(_ task: String) -> UInt64? {
      let status = try? String(contentsOfFile: "/proc/\(task)/status", encoding: .utf8)
      let line = status?.split(separator: "\n").first { $0.hasPrefix("SigBlk:") }
      let digits = line?.dropFirst(7).trimmingCharacters(in: .whitespaces)
      return digits.flatMap { UInt64($0, radix: 16) }
    }
    func bits(_ signals: Int32...) -> UInt64 { signals.reduce(0) { $0 | 1 << UInt64($1 - 1) } }

    let before = mask("thread-self")
    let engine = try Engine(threads: 3)
    #expect(mask("thread-self") == before)
    // When a first run is over, both threads have begun.
    engine.normalize(try Numbers.block(64, seed: 33), rows: 64, width: 1)
    var found = 0
    for task in try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task") {
      let name = try? String(contentsOfFile: "/proc/self/task/\(task)/comm", encoding: .utf8)
      guard name == "taiyi-kernels\n", let mask = mask("self/task/\(task)") else { continue }
      #expect(~mask & bits(SIGINT, SIGTERM, SIGHUP, SIGALRM, SIGPROF, SIGCHLD, SIGUSR1) == 0)
      #expect(mask & bits(SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS) == 0)
      found += 1
    }
    #expect(found >= 2)
    #expect(engine.threads == 3)
  }

  @Test func noRows() throws {
    let engine = try Engine(threads: 2)
    let x = try Numbers.block(16, seed: 32)
    let before = x.array
    engine.normalize(x, rows: 0, width: 16)
    engine.activate(x, count: 0, .tanh)
    let layer = try Layer(rows: 1, n: 4, k: 4, .float32, on: engine)
    engine.linear(layer.x, layer.matrix, bias: nil, rows: 0, quantized: nil, into: x)
    #expect(x.array == before)
  }
}
