import Foundation

/// The target that TAIYI_FUZZ_TARGET names.
let chosen: FuzzTarget = {
  let name = ProcessInfo.processInfo.environment["TAIYI_FUZZ_TARGET"] ?? ""
  guard let target = FuzzTarget.all.first(where: { $0.name == name }) else {
    let names = FuzzTarget.all.map(\.name).joined(separator: "\n")
    FileHandle.standardError.write(Data("TAIYI_FUZZ_TARGET is one of\n\(names)\n".utf8))
    _exit(2)
  }
  return target
}()

/// What libFuzzer calls with every input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  chosen.run(Array(UnsafeBufferPointer(start: data, count: count)))
  return 0
}
