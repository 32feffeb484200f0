internal import CTCMSchema
internal import TensorCore

/// The memory a manifest is decoded into: one block, handed to protobuf-c front to back and never taken back.
///
/// So decoding has a fixed budget, however often fields repeat or override one another, and a failure in the middle
/// leaves nothing behind.
struct DecodingArena {
  private let block: MutableBlock<UInt8>
  private var used = 0
  /// Whether the budget was not enough.
  private(set) var isExhausted = false

  /// Bytes a manifest may take in memory: a section or tensor as writers make them takes about six times its encoded
  /// size.
  ///
  /// - Parameter count: Bytes of the encoded manifest, at most `TCMLayout.manifestLimit`.
  static func budget(forManifestOf count: Int) -> Int {
    max(TCMLayout.decodingLeast, TCMLayout.decodingBase + TCMLayout.decodingFactor * count)
  }

  /// Allocates the budget; what is not used stays untouched.
  init(manifestByteCount count: Int) throws(SystemError) {
    block = try MutableBlock(allocating: DecodingArena.budget(forManifestOf: count))
  }

  /// Decodes a message; the result lives as long as the arena.
  mutating func unpack(_ bytes: [UInt8]) -> UnsafeMutablePointer<Tcm__Manifest>? {
    unsafe withUnsafeMutablePointer(to: &self) { arena in
      var allocator = unsafe ProtobufCAllocator(
        alloc: { arena, size in
          unsafe arena?.assumingMemoryBound(to: DecodingArena.self).pointee.allocate(size)
        },
        free: { _, _ in }, allocator_data: arena)
      return unsafe bytes.withUnsafeBufferPointer { buffer in
        unsafe tcm__manifest__unpack(&allocator, buffer.count, buffer.baseAddress)
      }
    }
  }

  private mutating func allocate(_ size: Int) -> UnsafeMutableRawPointer? {
    // Unsigned, as C means it: what is no positive `Int` is too large.
    if UInt(bitPattern: size) > UInt(block.count - used) {
      isExhausted = true
      return nil
    }
    let place = unsafe UnsafeMutableRawPointer(block.pointer + used)
    // The budget is a multiple of 16, too.
    used += (size + 15) / 16 * 16
    return unsafe place
  }
}
