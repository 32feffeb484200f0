import Foundation
import TestSupport

/// A safetensors file taken apart and put together again, for tests that need a wrong one.
struct SafetensorsEditor {
  struct Tensor {
    var name: String
    var type: String
    var shape: [Int]
    var bytes: [UInt8]
    /// Written in place of what the bytes ask for.
    var offsets: [Int]?
  }

  var tensors: [Tensor]

  /// Takes a file of `Fixtures/checkpoints` apart.
  init(_ name: String) throws {
    let bytes = try Fixture.bytes(Fixture.path("checkpoints/" + name))
    let length = (0..<8).reduce(0) { $0 | Int(bytes[$1]) << (8 * $1) }
    let header = try JSONSerialization.jsonObject(with: Data(bytes[8..<8 + length]))
    tensors = []
    for (name, entry) in header as? [String: [String: Any]] ?? [:] where name != "__metadata__" {
      let offsets = entry["data_offsets"] as? [Int] ?? []
      let range = 8 + length + offsets[0]..<8 + length + offsets[1]
      tensors.append(
        Tensor(
          name: name, type: entry["dtype"] as? String ?? "", shape: entry["shape"] as? [Int] ?? [],
          bytes: Array(bytes[range]), offsets: nil))
    }
    tensors.sort { $0.name < $1.name }
  }

  /// Changes the tensor of a name.
  mutating func change(_ name: String, _ body: (inout Tensor) -> Void) {
    guard let index = tensors.firstIndex(where: { $0.name == name }) else {
      preconditionFailure("the fixture has a tensor \(name)")
    }
    body(&tensors[index])
  }

  /// Writes one f32 into an F32 tensor.
  mutating func set(_ name: String, element: Int, to value: Float) {
    change(name) { tensor in
      for byte in 0..<4 {
        tensor.bytes[4 * element + byte] = UInt8(truncatingIfNeeded: value.bitPattern >> (8 * byte))
      }
    }
  }

  /// The header's text and the data behind it.
  private var parts: (header: String, data: [UInt8]) {
    var data: [UInt8] = []
    var entries: [String] = []
    for tensor in tensors {
      let offsets = tensor.offsets ?? [data.count, data.count + tensor.bytes.count]
      entries.append(
        "\"\(tensor.name)\":{\"dtype\":\"\(tensor.type)\",\"shape\":\(tensor.shape),"
          + "\"data_offsets\":\(offsets)}")
      data += tensor.bytes
    }
    return ("{" + entries.joined(separator: ",") + "}", data)
  }

  /// The whole file.
  var file: [UInt8] {
    let (header, data) = parts
    let length = header.utf8.count
    return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + Array(header.utf8) + data
  }

  /// Bytes of the data.
  var dataByteCount: Int { parts.data.count }
  /// Where the data begins.
  var dataOffset: Int { 8 + parts.header.utf8.count }
}
