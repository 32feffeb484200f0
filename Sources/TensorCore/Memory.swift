internal import CPlatform

/// The one owner of a block of memory: allocated on the heap, mapped from a file, or lent by a caller.
///
/// Everyone else holds a `Block` or `MutableBlock`: an owner, a place and a count, checked when it is made.
/// Mapped and lent memory is read-only, so no `MutableBlock` can be made of it.
@safe public final class Memory: @unchecked Sendable {
  private enum Origin {
    case heap, mapping, caller
  }

  private let base: UnsafeMutableRawPointer
  private let origin: Origin
  /// The size in bytes.
  public let byteCount: Int

  /// Allocates memory on the heap; its contents are undefined.
  ///
  /// - Parameters:
  ///   - byteCount: Size; zero is allowed.
  ///   - alignment: A power of two, at least 8.
  /// - Throws: `SystemError.outOfMemory`.
  public init(byteCount: Int, alignment: Int = 64) throws(SystemError) {
    precondition(byteCount >= 0, "a size is not negative")
    guard let base = unsafe cp_allocate(byteCount, alignment) else { throw .outOfMemory }
    unsafe self.base = base
    self.byteCount = byteCount
    self.origin = .heap
  }

  /// Takes over a mapping made by `cp_map`.
  internal init(mapped: UnsafeRawPointer, byteCount: Int) {
    unsafe self.base = UnsafeMutableRawPointer(mutating: mapped)
    self.byteCount = byteCount
    self.origin = .mapping
  }

  /// Borrows memory that stays as it is for as long as this object lives; for the face of the C library only.
  ///
  /// - Parameters:
  ///   - base: First byte.
  ///   - byteCount: Size.
  @unsafe package init(lent base: UnsafeRawPointer, byteCount: Int) {
    unsafe self.base = UnsafeMutableRawPointer(mutating: base)
    self.byteCount = byteCount
    self.origin = .caller
  }

  deinit {
    switch origin {
    case .heap: unsafe cp_free(base)
    case .mapping: unsafe cp_unmap(base, byteCount)
    case .caller: break
    }
  }

  /// A typed read-only view.
  ///
  /// - Parameters:
  ///   - offset: First byte; a multiple of the element's alignment.
  ///   - count: Number of elements, all inside the memory. Outside is misuse and traps.
  /// - Returns: A view that keeps this memory alive.
  public func block<Element: BitwiseCopyable>(
    at offset: Int, count: Int, of type: Element.Type = Element.self
  ) -> Block<Element> {
    unsafe Block(owner: self, pointer: UnsafePointer(checked(offset, count, type)), count: count)
  }

  /// A typed writable view.
  ///
  /// - Parameters:
  ///   - offset: First byte; a multiple of the element's alignment.
  ///   - count: Number of elements, all inside the memory. Outside is misuse and traps.
  /// - Returns: A view that keeps this memory alive. Mapped memory traps.
  public func mutableBlock<Element: BitwiseCopyable>(
    at offset: Int, count: Int, of type: Element.Type = Element.self
  ) -> MutableBlock<Element> {
    precondition(origin == .heap, "mapped and lent memory is read-only")
    return unsafe MutableBlock(owner: self, pointer: checked(offset, count, type), count: count)
  }

  /// Gives mapped pages back to the system.
  ///
  /// They are read again when they are touched again. Of other memory nothing is given back.
  ///
  /// - Parameter range: Bytes inside the memory; outside is misuse and traps.
  public func giveBack(_ range: Range<Int>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= byteCount, "it is its own memory")
    if origin == .mapping { unsafe cp_give_back(base + range.lowerBound, range.count) }
  }

  private func checked<Element: BitwiseCopyable>(
    _ offset: Int, _ count: Int, _ type: Element.Type
  ) -> UnsafeMutablePointer<Element> {
    let (size, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Element>.stride)
    precondition(!overflow && offset >= 0 && count >= 0, "a block lies inside its memory")
    precondition(offset <= byteCount && size <= byteCount - offset, "a block lies in its memory")
    let place = unsafe base + offset
    let address = Int(bitPattern: place)
    precondition(address % MemoryLayout<Element>.alignment == 0, "a block is aligned")
    return unsafe place.assumingMemoryBound(to: Element.self)
  }
}

/// A read-only view of `count` elements that keeps its memory alive.
///
/// Slicing is O(1). Every index is checked; outside is misuse and traps.
@safe public struct Block<Element: BitwiseCopyable>: @unchecked Sendable {
  private let owner: Memory
  /// For the faces of C code only.
  package let pointer: UnsafePointer<Element>
  /// The number of elements.
  public let count: Int

  internal init(owner: Memory, pointer: UnsafePointer<Element>, count: Int) {
    self.owner = owner
    unsafe self.pointer = pointer
    self.count = count
  }

  /// The element at `index`, which must be in `0..<count`.
  public subscript(index: Int) -> Element {
    precondition(index >= 0 && index < count, "an index lies inside its block")
    return unsafe pointer[index]
  }

  /// The elements of `range`, which must lie in `0..<count`.
  public subscript(range: Range<Int>) -> Block {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "a slice lies in its block")
    return unsafe Block(owner: owner, pointer: pointer + range.lowerBound, count: range.count)
  }

  /// The same memory as raw bytes.
  public var bytes: Block<UInt8> {
    let size = count * MemoryLayout<Element>.stride
    let raw = unsafe UnsafeRawPointer(pointer).assumingMemoryBound(to: UInt8.self)
    return unsafe Block<UInt8>(owner: owner, pointer: raw, count: size)
  }

  /// A copy of the elements.
  public var array: [Element] {
    unsafe Array(UnsafeBufferPointer(start: pointer, count: count))
  }
}

/// A writable view of `count` elements that keeps its memory alive.
///
/// Copies alias the same memory, as with any buffer handed to C: whoever holds one must know who writes when.
@safe public struct MutableBlock<Element: BitwiseCopyable>: @unchecked Sendable {
  private let owner: Memory
  /// For the faces of C code only.
  package let pointer: UnsafeMutablePointer<Element>
  /// The number of elements.
  public let count: Int

  internal init(owner: Memory, pointer: UnsafeMutablePointer<Element>, count: Int) {
    self.owner = owner
    unsafe self.pointer = pointer
    self.count = count
  }

  /// Allocates `count` elements, aligned to 64 bytes; their values are undefined.
  ///
  /// - Parameter count: Number of elements.
  /// - Throws: `SystemError.outOfMemory`, also when the size in bytes overflows.
  public init(allocating count: Int) throws(SystemError) {
    let (size, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Element>.stride)
    if overflow { throw .outOfMemory }
    self = try Memory(byteCount: size).mutableBlock(at: 0, count: count)
  }

  /// Allocates a copy of `elements`, aligned to 64 bytes.
  ///
  /// - Parameter elements: The values.
  /// - Throws: `SystemError.outOfMemory`.
  public init(copying elements: [Element]) throws(SystemError) {
    try self.init(allocating: elements.count)
    for (index, element) in elements.enumerated() { unsafe pointer[index] = element }
  }

  /// The element at `index`, which must be in `0..<count`.
  public subscript(index: Int) -> Element {
    get {
      precondition(index >= 0 && index < count, "an index lies inside its block")
      return unsafe pointer[index]
    }
    nonmutating set {
      precondition(index >= 0 && index < count, "an index lies inside its block")
      unsafe pointer[index] = newValue
    }
  }

  /// The elements of `range`, which must lie in `0..<count`.
  public subscript(range: Range<Int>) -> MutableBlock {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "a slice lies in its block")
    return unsafe MutableBlock(
      owner: owner, pointer: pointer + range.lowerBound, count: range.count)
  }

  /// The same elements, read-only.
  public var readOnly: Block<Element> {
    unsafe Block(owner: owner, pointer: UnsafePointer(pointer), count: count)
  }

  /// The same memory as raw bytes.
  public var bytes: MutableBlock<UInt8> {
    let size = count * MemoryLayout<Element>.stride
    let raw = unsafe UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: UInt8.self)
    return unsafe MutableBlock<UInt8>(owner: owner, pointer: raw, count: size)
  }

  /// A copy of the elements.
  public var array: [Element] { readOnly.array }

  /// Sets every element to `value`.
  ///
  /// - Parameter value: The value.
  public func fill(with value: Element) {
    for index in 0..<count { unsafe pointer[index] = value }
  }
}
