internal import CPeak
internal import Foundation

extension Benchmark {
  /// The most that the machine's multiply-add units do, all threads at once.
  static let peak = Benchmark(
    name: "peak", summary: "multiply-add units, in registers, all threads"
  ) { context in
    let kinds: [(cpeak_kind, String)] = [
      (CPEAK_F32_FMA, "f32 fma"), (CPEAK_I8_VPMADDWD, "int8 by vpmaddwd (AVX2)"),
      (CPEAK_I8_VPDPBUSD, "int8 by vpdpbusd (VNNI)"),
    ]
    return kinds.filter { cpeak_available($0.0) == 1 }.map { kind, name in
      let rounds = 2_000_000
      let each = cpeak_run(kind, 1) * Double(rounds)
      let work = Work(amount: each * Double(context.threads) * 1e-9, unit: "GMAC/s")
      return Case("peak \(name)", work) {
        DispatchQueue.concurrentPerform(iterations: context.threads) { _ in
          _ = cpeak_run(kind, rounds)
        }
      }
    }
  }
}
