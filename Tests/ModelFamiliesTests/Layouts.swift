import Checkpoints
import Foundation
import ModelFamilies
import Notation
import TensorCore
import TestSupport

/// Names and shapes of real models, as transformers and open_clip define them.
enum Layouts {
  private struct Row: Decodable {
    let name: String
    let shape: [Int]
    let blocks: Int?
  }

  /// The tensors of a model of `layouts.json`, all F32.
  static func tensors(_ name: String, prefix: String = "") throws -> [TensorInfo] {
    let path = Fixture.path("checkpoints-safetensors/layouts.json")
    let data = try Data(contentsOf: URL(fileURLWithPath: path))
    let rows = try JSONDecoder().decode([String: [Row]].self, from: data)[name] ?? []
    return rows.flatMap { row in
      guard let blocks = row.blocks else { return [tensor(prefix + row.name, row.shape)] }
      return (0..<blocks).map {
        tensor(prefix + row.name.replacing("#", with: String($0)), row.shape)
      }
    }
  }
}

/// A tensor of the right size.
func tensor(_ name: String, _ shape: [Int], _ type: ElementType = .float32) -> TensorInfo {
  TensorInfo(
    name: name, elementType: type, shape: shape,
    byteCount: shape.reduce(1, *) * type.byteCount)
}

/// A configuration that lies at `path`.
func configuration(_ path: String, _ text: String) throws -> ConfigurationFile {
  ConfigurationFile(path: path, document: try JSONDocument(Array(text.utf8)))
}

/// Values that are not looked at: every linear is (or is not) from F16, every scalar is `scalar`.
func evidence(isHalf: Bool, scalar: Double = 4.6052) -> WeightEvidence {
  WeightEvidence(
    isExactlyHalf: { (_) throws(CheckpointError) in isHalf },
    scalar: { (_) throws(CheckpointError) in scalar })
}

/// The sentence of the error; "recognised" if there is none.
func sentence(_ input: FamilyInput, _ overrides: FamilyOverrides = FamilyOverrides()) -> String {
  do throws(FamilyError) {
    _ = try ModelFamilies.recognise(input, overrides: overrides)
    return "recognised"
  } catch { return error.description }
}

extension FamilyMatch {
  var text: TextHyperParameters? {
    for tower in towers { if case .text(let result) = tower.hyperParameters { return result } }
    return nil
  }

  var image: ImageHyperParameters? {
    for tower in towers { if case .image(let result) = tower.hyperParameters { return result } }
    return nil
  }

  var findings: [String] { towers.flatMap(\.findings).map(\.description) }
}

extension [TensorInfo] {
  /// The same tensors with one changed or removed.
  func changing(_ name: String, to change: TensorInfo?) -> [TensorInfo] {
    flatMap { $0.name == name ? (change.map { [$0] } ?? []) : [$0] }
  }
}
