internal import Kernels
internal import TCMFormat
internal import TensorCore

/// Gain and bias of a layer norm.
struct LayerNorm: Sendable {
  let gain: Block<Float>
  let bias: Block<Float>
  let epsilon: Float

  /// Finds `name.gain` and `name.bias` of `width` elements.
  init(_ file: TCMFile, _ name: String, width: Int, epsilon: Float) throws(TCMError) {
    gain = try file.floats(name + ".gain", shape: [width])
    bias = try file.floats(name + ".bias", shape: [width])
    self.epsilon = epsilon
  }

  /// Norms `rows` rows of x into y, which may be x.
  func apply(_ x: Block<Float>, rows: Int, into y: MutableBlock<Float>, _ engine: Engine) {
    engine.layerNorm(x, gain: gain, bias: bias, epsilon: epsilon, rows: rows, into: y)
  }
}

/// Weights and bias of a linear layer.
struct Linear: Sendable {
  let weight: Matrix
  let bias: Block<Float>?

  /// Finds `name.weight` and, if it should have one, `name.bias`.
  init(
    _ file: TCMFile, _ name: String, outputs: Int, inputs: Int, hasBias: Bool = true
  ) throws(TCMError) {
    weight = try file.matrix(name + ".weight", rows: outputs, columns: inputs)
    bias = hasBias ? try file.floats(name + ".bias", shape: [outputs]) : nil
  }

  /// The columns if the weights are quantized, else 0.
  var quantizedColumns: Int { weight.isQuantized ? weight.columns : 0 }
}

/// What of a layer can be stored one way or another by itself: what smoothing moves stays within it.
package enum LayerPart: Sendable, CaseIterable {
  /// Both matrices of attention.
  case attention
  /// The first matrix of the MLP.
  case up
  /// The second.
  case down
}

/// One transformer layer; whether the norms come before (ViT) or after (BERT) is the tower's business.
struct Layer: Sendable {
  let qkv: Linear
  let attentionOutput: Linear
  let up: Linear
  let down: Linear
  /// After attention in BERT, before it in a ViT.
  let norm1: LayerNorm
  /// After the MLP in BERT, before it in a ViT.
  let norm2: LayerNorm
  /// Where all of that lies in the file.
  let extent: Range<Int>

  /// Finds the tensors of a layer.
  init(
    _ file: TCMFile, _ prefix: String, width: Int, mlpWidth: Int, epsilon: Float,
    norms: (String, String)
  ) throws(TCMError) {
    qkv = try Linear(file, prefix + "attention.qkv", outputs: 3 * width, inputs: width)
    attentionOutput = try Linear(file, prefix + "attention.output", outputs: width, inputs: width)
    up = try Linear(file, prefix + "mlp.up", outputs: mlpWidth, inputs: width)
    down = try Linear(file, prefix + "mlp.down", outputs: width, inputs: mlpWidth)
    norm1 = try LayerNorm(file, prefix + norms.0, width: width, epsilon: epsilon)
    norm2 = try LayerNorm(file, prefix + norms.1, width: width, epsilon: epsilon)
    var names: [String] = []
    for linear in ["attention.qkv", "attention.output", "mlp.up", "mlp.down"] {
      names += [prefix + linear + ".weight", prefix + linear + ".bias"]
    }
    extent = try file.extent(of: names)
  }

  private init(_ layer: Layer, taking part: LayerPart, from other: Layer) {
    let isAttention = part == .attention
    qkv = isAttention ? other.qkv : layer.qkv
    attentionOutput = isAttention ? other.attentionOutput : layer.attentionOutput
    up = part == .up ? other.up : layer.up
    down = part == .down ? other.down : layer.down
    // A norm goes with what reads it alone; after attention and MLP it is the same in both.
    norm1 = isAttention ? other.norm1 : layer.norm1
    norm2 = part == .up ? other.norm2 : layer.norm2
    extent = layer.extent
  }

  /// The layer with a part of another conversion of it.
  func taking(_ part: LayerPart, from other: Layer) -> Layer {
    Layer(self, taking: part, from: other)
  }

  /// Whether the weights are quantized; attention then works in integers too.
  var isQuantized: Bool { qkv.quantizedColumns > 0 }

  /// Most columns of a quantized matrix but the MLP's second, or 0.
  var quantizedColumns: Int {
    max(qkv.quantizedColumns, attentionOutput.quantizedColumns, up.quantizedColumns)
  }
}
