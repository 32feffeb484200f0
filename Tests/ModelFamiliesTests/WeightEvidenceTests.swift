import Checkpoints
import Foundation
import ModelFamilies
import TensorCore
import TestSupport
import Testing

@Suite struct WeightEvidenceTests {
  /// Every binary16, widened by the processor, is recognised; its neighbours among binary32 are
  /// not.
  @Test func everyHalf() {
    for bits in UInt16.min...UInt16.max {
      let half = Float16(bitPattern: bits)
      let wide = Float(half)
      #expect(isHalf(wide.bitPattern) == half.isFinite)
      if half.isFinite {
        for neighbour in [wide.nextUp, wide.nextDown] where Float(Float16(neighbour)) != neighbour {
          #expect(!isHalf(neighbour.bitPattern))
        }
      }
    }
  }

  @Test func numbersBetweenHalves() {
    let between: [Double] = [
      65536, 65520, 2049, 0.1, 0x1p-25, 0x1.8p-24, 0x1.002p0, 0x1.ffcp-15, .infinity, .nan,
    ]
    for number in between {
      #expect(!isHalf(Float(number).bitPattern), "\(number)")
    }
    for number in [65504, 2048, 0.125, 0x1p-24, 0x1.8p-23, 0x1.004p0, 0x1.ff8p-15, -0.0] {
      #expect(isHalf(Float(number).bitPattern), "\(number)")
    }
  }

  /// Values as PyTorch wrote them; `f32` is half values times 1 + 2^-20.
  @Test func readFromAFile() throws {
    let file = try SafetensorsFile(
      path: Fixture.path("checkpoints-safetensors/types.safetensors"))
    let evidence = WeightEvidence(reading: file)
    let place = try ["f32", "scalar", "权重", "f16", "bf16", "f64"].map {
      try #require(file.index(of: $0))
    }
    #expect(try evidence.isExactlyHalf([place[2]]))
    #expect(try !evidence.isExactlyHalf([place[2], place[0]]))
    #expect(try !evidence.isExactlyHalf([place[1]]))
    #expect(try evidence.isExactlyHalf([]))
    #expect(try evidence.scalar(place[1]) == Double(Float(4.6052)))
    for index in place[3...] { #expect(try evidence.scalar(index) == 0) }
  }

  @Test func scalarsOfEveryFloatType() throws {
    try Fixture.withFolder { folder in
      // -1.5 in four formats.
      let data: [(String, [UInt8])] = [
        ("F64", [0, 0, 0, 0, 0, 0, 0xF8, 0xBF]), ("F32", [0, 0, 0xC0, 0xBF]),
        ("F16", [0, 0xBE]), ("BF16", [0xC0, 0xBF]),
      ]
      for (type, bytes) in data {
        let header = Array(
          #"{"s":{"dtype":"\#(type)","shape":[1],"data_offsets":[0,\#(bytes.count)]}}"#.utf8)
        let path = folder + "/m.safetensors"
        try Data([UInt8(header.count), 0, 0, 0, 0, 0, 0, 0] + header + bytes)
          .write(to: URL(fileURLWithPath: path))
        let evidence = WeightEvidence(reading: try SafetensorsFile(path: path))
        #expect(try evidence.scalar(0) == -1.5)
      }
    }
  }

  /// More than one buffer, with the deciding value last.
  @Test func longTensors() throws {
    try Fixture.withFolder { folder in
      let count = 300_001
      let header = Array(
        #"{"w":{"dtype":"F32","shape":[\#(count)],"data_offsets":[0,\#(4 * count)]}}"#.utf8)
      let path = folder + "/m.safetensors"
      for last: UInt8 in [0, 1] {
        let values = [UInt8](repeating: 0, count: 4 * count - 4) + [last, 0, 0, 0x3F]
        try Data([UInt8(header.count), 0, 0, 0, 0, 0, 0, 0] + header + values)
          .write(to: URL(fileURLWithPath: path))
        let evidence = WeightEvidence(reading: try SafetensorsFile(path: path))
        #expect(try evidence.isExactlyHalf([0]) == (last == 0))
      }
    }
  }
}
