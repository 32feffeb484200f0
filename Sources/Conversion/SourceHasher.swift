internal import Checkpoints
internal import Crypto
internal import Dispatch
internal import Synchronization
internal import TCMFormat
internal import TensorCore

/// SHA-256 of the input files, computed beside the conversion.
final class SourceHasher: Sendable {
  private let result = Mutex<Result<[Provenance.Source], FileError>?>(nil)
  private let done = DispatchSemaphore(value: 0)

  /// Starts hashing on a queue of the system.
  init(_ files: [InputFile]) {
    DispatchQueue.global().async {
      let sources: Result<[Provenance.Source], FileError>
      do throws(FileError) {
        var all: [Provenance.Source] = []
        for file in files { all.append(try hash(file)) }
        sources = .success(all)
      } catch { sources = .failure(error) }
      self.result.withLock { $0 = sources }
      self.done.signal()
    }
  }

  /// Waits for the hashes, in the order of the files.
  func sources() throws(ConversionError) -> [Provenance.Source] {
    done.wait()
    switch result.withLock({ $0 }) {
    case .success(let sources): return sources
    case .failure(let error): throw .file(error)
    case nil: return []
    }
  }
}

private func hash(_ file: InputFile) throws(FileError) -> Provenance.Source {
  var hash = SHA256()
  let buffer: MutableBlock<UInt8>
  do throws(SystemError) { buffer = try MutableBlock(allocating: 1 << 20) } catch {
    throw .cannotRead(path: file.path, error)
  }
  var offset = 0
  while offset < file.byteCount {
    let count = min(buffer.count, file.byteCount - offset)
    let part = buffer[0..<count]
    try file.read(at: offset, into: part)
    unsafe hash.update(bufferPointer: UnsafeRawBufferPointer(start: part.pointer, count: count))
    offset += count
  }
  let name = file.path.split(separator: "/").last.map(String.init) ?? file.path
  return Provenance.Source(
    name: name, byteCount: file.byteCount, sha256: Array(hash.finalize()))
}
