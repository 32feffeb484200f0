internal import TensorCore

/// Where the elements of a tensor lie in its storage.
struct StridedLayout: Equatable, Sendable {
  let shape: [Int]
  /// In elements, as many as dimensions.
  let strides: [Int]
  /// Elements to pass over.
  let offset: Int

  /// One step of reading: a run of storage elements `stride` apart, put into the destination `step` apart.
  struct Run: Equatable {
    /// The first element in the storage.
    var source: Int
    var count: Int
    /// Distance in the storage, in elements.
    var stride: Int
    /// The first element in the destination.
    var destination: Int
    /// Distance in the destination, in elements.
    var step: Int
  }

  /// Whether rows follow one another without gaps, so that any range is one run.
  var isContiguous: Bool {
    var expected = 1
    for (size, stride) in zip(shape, strides).reversed() where size != 1 {
      if stride != expected { return false }
      expected *= size
    }
    return true
  }

  /// Checks that every element lies inside the storage, and that no size overflows.
  ///
  /// - Parameter count: Elements of the storage.
  /// - Returns: The number of elements, or `nil`.
  func elementCount(inStorageOf count: Int) -> Int? {
    guard shape.count == strides.count, offset >= 0, !strides.contains(where: { $0 < 0 }),
      let elements = TensorCore.elementCount(of: shape)
    else { return nil }
    if elements == 0 { return 0 }
    var last = offset
    for (size, stride) in zip(shape, strides) {
      let (way, overflow) = (size - 1).multipliedReportingOverflow(by: stride)
      let (sum, overflow2) = last.addingReportingOverflow(way)
      if overflow || overflow2 { return nil }
      last = sum
    }
    return last < count ? elements : nil
  }

  /// Cuts a range of elements, counted row by row, into runs in the order in which the storage is best read.
  ///
  /// - Parameters:
  ///   - range: Inside the tensor.
  ///   - body: Reads one run; destinations count from the range's begin.
  func forEachRun<Failure: Error>(
    of range: Range<Int>, _ body: (Run) throws(Failure) -> Void
  ) throws(Failure) {
    if range.isEmpty { return }
    try box(dimension: 0, source: offset, range, destination: 0, body)
  }

  /// A range inside the sub-tensor of the dimensions from `dimension` on.
  ///
  /// The depth is the rank, which is limited.
  private func box<Failure: Error>(
    dimension: Int, source: Int, _ range: Range<Int>, destination: Int,
    _ body: (Run) throws(Failure) -> Void
  ) throws(Failure) {
    if dimension == shape.count {
      try body(Run(source: source, count: 1, stride: 1, destination: destination, step: 1))
      return
    }
    let inner = shape[(dimension + 1)...].reduce(1, *)
    let (first, head) = range.lowerBound.quotientAndRemainder(dividingBy: inner)
    let (last, tail) = range.upperBound.quotientAndRemainder(dividingBy: inner)
    let stride = strides[dimension]
    if first == last {
      try box(
        dimension: dimension + 1, source: source + first * stride, head..<tail,
        destination: destination, body)
      return
    }
    var row = first
    var done = destination
    if head > 0 {
      try box(
        dimension: dimension + 1, source: source + row * stride, head..<inner, destination: done,
        body)
      done += inner - head
      row += 1
    }
    if row < last {
      try whole(
        dimension: dimension, source: source + row * stride, rows: last - row, destination: done,
        body)
      done += (last - row) * inner
    }
    if tail > 0 {
      try box(
        dimension: dimension + 1, source: source + last * stride, 0..<tail, destination: done, body)
    }
  }

  /// `rows` whole rows of a dimension: a box, whose dimensions are gone through by falling stride.
  private func whole<Failure: Error>(
    dimension: Int, source: Int, rows: Int, destination: Int,
    _ body: (Run) throws(Failure) -> Void
  ) throws(Failure) {
    var axes: [(size: Int, stride: Int, step: Int)] = []
    var step = 1
    for axis in (dimension..<shape.count).reversed() {
      let size = axis == dimension ? rows : shape[axis]
      if size > 1 { axes.append((size, strides[axis], step)) }
      step *= shape[axis]
    }
    axes.sort { $0.stride > $1.stride }
    // Axes that continue one another in storage and destination are one.
    var index = axes.count - 1
    while index > 0 {
      let (outer, inner) = (axes[index - 1], axes[index])
      if outer.stride == inner.stride * inner.size && outer.step == inner.step * inner.size {
        axes[index - 1] = (outer.size * inner.size, inner.stride, inner.step)
        axes.remove(at: index)
      }
      index -= 1
    }
    let last = axes.popLast() ?? (1, 1, 1)
    var counters = [Int](repeating: 0, count: axes.count)
    var (from, to) = (source, destination)
    while true {
      try body(
        Run(source: from, count: last.size, stride: last.stride, destination: to, step: last.step))
      var axis = axes.count - 1
      while axis >= 0 {
        counters[axis] += 1
        from += axes[axis].stride
        to += axes[axis].step
        if counters[axis] < axes[axis].size { break }
        from -= axes[axis].stride * axes[axis].size
        to -= axes[axis].step * axes[axis].size
        counters[axis] = 0
        axis -= 1
      }
      if axis < 0 { return }
    }
  }
}
