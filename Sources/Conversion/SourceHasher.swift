internal import Checkpoints
internal import Crypto
internal import Dispatch
internal import Synchronization
internal import TCMFormat
internal import TensorCore

/// SHA-256 of the input files, computed beside the conversion, each file on a thread: it is most of a conversion's work.
final class SourceHasher: Sendable {
  private typealias Outcome = Result<Provenance.Source, FileError>
  private let results: Mutex<[Outcome?]>
  private let done = DispatchSemaphore(value: 0)

  /// Starts hashing on a queue of the system.
  init(_ files: [InputFile]) {
    results = Mutex(Array(repeating: nil, count: files.count))
    // The longest first, which would else be waited for.
    let order = files.indices.sorted { files[$0].byteCount > files[$1].byteCount }
    DispatchQueue.global().async {
      DispatchQueue.concurrentPerform(iterations: order.count) { turn in
        let outcome: Outcome
        do throws(FileError) { outcome = .success(try hash(files[order[turn]])) } catch {
          outcome = .failure(error)
        }
        self.results.withLock { $0[order[turn]] = outcome }
      }
      self.done.signal()
    }
  }

  /// Waits for the hashes, in the order of the files; of several errors the first file's is thrown.
  func sources() throws(ConversionError) -> [Provenance.Source] {
    done.wait()
    var sources: [Provenance.Source] = []
    for result in results.withLock({ $0 }) {
      switch result {
      case .success(let source): sources.append(source)
      case .failure(let error): throw .file(error)
      case nil: preconditionFailure("every file has a result")
      }
    }
    return sources
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
