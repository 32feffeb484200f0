/// Writes protobuf messages, fields in ascending order, so that equal manifests are equal bytes.
///
/// The reader uses protobuf-c; writing is small enough to need no tree of C structures, and writer and reader check
/// each other. Wire format: protobuf.dev/programming-guides/encoding.
package struct ProtobufEncoder {
  package private(set) var bytes: [UInt8]

  /// Begins a message, or continues one.
  package init(bytes: [UInt8] = []) { self.bytes = bytes }

  package mutating func add(_ field: Int, varint value: UInt64) {
    appendVarint(UInt64(field) << 3)
    appendVarint(value)
  }

  package mutating func add(_ field: Int, fixed64 value: UInt64) {
    appendVarint(UInt64(field) << 3 | 1)
    for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * shift))) }
  }

  package mutating func add(_ field: Int, fixed32 value: UInt32) {
    appendVarint(UInt64(field) << 3 | 5)
    for shift in 0..<4 { bytes.append(UInt8(truncatingIfNeeded: value >> UInt32(8 * shift))) }
  }

  package mutating func add(_ field: Int, float value: Float) {
    add(field, fixed32: value.bitPattern)
  }

  package mutating func add(_ field: Int, bytes value: [UInt8]) {
    appendVarint(UInt64(field) << 3 | 2)
    appendVarint(UInt64(value.count))
    bytes += value
  }

  package mutating func add(_ field: Int, string value: String) {
    add(field, bytes: Array(value.utf8))
  }

  package mutating func add(_ field: Int, message build: (inout ProtobufEncoder) -> Void) {
    var nested = ProtobufEncoder()
    build(&nested)
    add(field, bytes: nested.bytes)
  }

  private mutating func appendVarint(_ value: UInt64) {
    var value = value
    while value > 0x7F {
      bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
      value >>= 7
    }
    bytes.append(UInt8(value))
  }
}
