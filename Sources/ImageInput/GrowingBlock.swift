internal import TensorCore

/// Scratch memory that is kept between calls and only ever grows.
struct GrowingBlock<Element: BitwiseCopyable> {
  private var memory: MutableBlock<Element>?

  /// A view of `count` elements with undefined values.
  ///
  /// - Parameter count: Number of elements.
  /// - Returns: Memory that the next call hands out again.
  /// - Throws: `SystemError.outOfMemory`.
  mutating func take(_ count: Int) throws(SystemError) -> MutableBlock<Element> {
    if let memory, memory.count >= count { return memory[0..<count] }
    // The old block goes first, so that both are never held at once.
    memory = nil
    let grown = try MutableBlock<Element>(allocating: count)
    memory = grown
    return grown
  }
}
