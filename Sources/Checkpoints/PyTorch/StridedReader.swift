internal import TensorCore

/// Reads elements of a strided tensor from a file into contiguous memory.
struct StridedReader {
  let file: InputFile
  /// Where the storage begins in the file.
  let offset: Int
  let elementByteCount: Int
  /// Whether bytes of an element are stored the other way round.
  let swaps: Bool

  /// Bytes read at a time where elements do not lie side by side.
  private static let bufferByteCount = 1 << 18

  /// Reads a range of elements, counted row by row.
  func read(
    _ layout: StridedLayout, _ range: Range<Int>, into destination: MutableBlock<UInt8>
  ) throws(CheckpointError) {
    let size = elementByteCount
    if layout.isContiguous {
      try read(at: layout.offset + range.lowerBound, into: destination)
    } else {
      let buffer: MutableBlock<UInt8>
      do throws(SystemError) { buffer = try MutableBlock(allocating: Self.bufferByteCount) } catch {
        throw .file(.cannotRead(path: file.path, error))
      }
      try layout.forEachRun(of: range) { (run) throws(CheckpointError) in
        if run.stride == 1 && run.step == 1 {
          let start = run.destination * size
          try read(at: run.source, into: destination[start..<start + run.count * size])
        } else {
          try scatter(run, buffer, destination)
        }
      }
    }
    if swaps { swap(destination) }
  }

  private func read(
    at element: Int, into destination: MutableBlock<UInt8>
  ) throws(CheckpointError) {
    do { try file.read(at: offset + element * elementByteCount, into: destination) } catch {
      throw .file(error)
    }
  }

  /// Reads what the buffer holds at a time and puts every `stride`-th element of it where it belongs.
  private func scatter(
    _ run: StridedLayout.Run, _ buffer: MutableBlock<UInt8>, _ destination: MutableBlock<UInt8>
  ) throws(CheckpointError) {
    let size = elementByteCount
    let capacity = buffer.count / size
    // Far apart, elements are cheaper to read one by one.
    let isDense = run.stride <= 64
    let perRead = run.stride == 0 ? run.count : isDense ? (capacity - 1) / run.stride + 1 : 1
    var done = 0
    while done < run.count {
      let count = min(perRead, run.count - done)
      let span = run.stride == 0 ? 1 : (count - 1) * run.stride + 1
      try read(at: run.source + done * run.stride, into: buffer[0..<span * size])
      for element in 0..<count {
        let from = element * run.stride * size
        let to = (run.destination + (done + element) * run.step) * size
        for byte in 0..<size { destination[to + byte] = buffer[from + byte] }
      }
      done += count
    }
  }

  private func swap(_ bytes: MutableBlock<UInt8>) {
    let size = elementByteCount
    for start in stride(from: 0, to: bytes.count, by: size) {
      for byte in 0..<size / 2 {
        let other = start + size - 1 - byte
        (bytes[start + byte], bytes[other]) = (bytes[other], bytes[start + byte])
      }
    }
  }
}
