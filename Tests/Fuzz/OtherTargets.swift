import Evaluation
import Foundation
import ImageInput
import Quantization
import TensorCore

/// Decodes a picture and prepares it as a model's input.
private func decode(_ bytes: [UInt8]) {
  guard let block = try? MutableBlock(copying: bytes) else { return }
  let limits = ImageLimits(pixels: 1 << 18, scans: 20, memory: 32 << 20)
  guard let image = try? ImageDecoder.decode(block.readOnly, name: "x", limits: limits) else {
    return
  }
  precondition(image.pixels.count == image.width * image.height * image.mode.channels, "all of it")
}

extension FuzzTarget {
  /// A JPEG file: what its first bytes say it is.
  static let jpeg = FuzzTarget(name: "jpeg") { decode([0xFF, 0xD8, 0xFF] + $0) }

  /// A PNG file, as it is and with the checksums of its chunks made right.
  static let png = FuzzTarget(name: "png") {
    let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    decode(signature + $0)
    decode(signature + Checksums.repaired(png: $0))
  }

  /// A recipe.
  static let recipe = FuzzTarget(name: "recipe") { bytes in
    let text = String(decoding: bytes, as: UTF8.self)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    _ = try? Recipe(parsing: lines)
  }

  /// A CSV of captions, beside the pictures it names.
  static let dataset: FuzzTarget = {
    let file = MemoryFile(suffix: ".csv")
    return FuzzTarget(name: "dataset") { bytes in
      file.write(bytes)
      _ = try? Dataset.open("csv:\(file.path),images=.")
    }
  }()
}
