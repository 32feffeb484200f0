internal import Notation
internal import TensorCore

/// A value of the unpickler, 16 bytes; composites are numbers of entries in its arena.
enum PickleValue: Equatable, Sendable {
  case none
  case bool(Bool)
  case integer(Int)
  /// A number that nothing here uses: a float, or an integer beyond 64 bits.
  case number
  /// A place in `texts`.
  case text(Int)
  /// A range of `items`.
  case tuple(start: Int32, count: Int32)
  /// A place in `lists`; lists of hooks and the like, whose contents nobody reads.
  case list(Int)
  /// A place in `dictionaries`.
  case dictionary(Int)
  case global(PickleGlobal)
  /// A place in `storages`.
  case storage(Int)
  /// A place in `tensors`.
  case tensor(Int)
  /// A tensor of a kind that cannot be read, by its name.
  case unsupported(Int)
  /// A TorchScript module: a place in `objects`.
  case object(Int)
  /// Something harmless that nobody reads.
  case opaque

  /// In words, for errors.
  var kind: String {
    switch self {
    case .none: "None"
    case .bool: "a truth value"
    case .integer, .number: "a number"
    case .text: "a text"
    case .tuple: "a tuple"
    case .list: "a list"
    case .dictionary: "a dictionary"
    case .global: "a Python name"
    case .storage: "a storage"
    case .tensor: "a tensor"
    case .unsupported, .object, .opaque: "an object"
    }
  }
}

/// What a storage's elements are.
enum StorageType: Equatable, Sendable {
  case elements(ElementType)
  /// `UntypedStorage`: the tensor says what its bytes are.
  case bytes
  /// Complex and quantized elements: a place in `unsupportedNames`.
  case unsupported(Int)

  /// PyTorch's names of elements that are not read.
  static let unsupportedNames = [
    "ComplexFloat", "ComplexDouble", "QInt8", "QUInt8", "QInt32", "QUInt4x2", "QUInt2x4",
  ]

  /// Bytes of one element.
  var byteCount: Int {
    switch self {
    case .elements(let type): type.byteCount
    case .bytes: 1
    case .unsupported(let index): index == 0 ? 8 : index == 1 ? 16 : 1
    }
  }
}

/// The Python names that a checkpoint may refer to; everything else is refused.
enum PickleGlobal: Equatable, Sendable {
  /// `OrderedDict()`, `dict()`.
  case dictionary
  /// `set()`, `list()`, `Counter()` and the like: called and ignored.
  case container
  case rebuildTensor, rebuildTensorV2, rebuildTensorV3, rebuildParameter, rebuildFromType
  /// Builds a tensor of a kind that is not read.
  case rebuildUnsupported(Int)
  case storage(StorageType)
  case elementType(ElementType)
  /// A function whose result is its first argument.
  case first
  /// A class that TorchScript compiled.
  case scriptClass
  /// Names without effect, and functions whose results nobody reads.
  case inert

  /// The names whose results are used.
  static let named: [String: PickleGlobal] = {
    var table: [String: PickleGlobal] = [
      "collections.OrderedDict": .dictionary, "builtins.dict": .dictionary,
      "__builtin__.dict": .dictionary,
      "torch._utils._rebuild_tensor": .rebuildTensor,
      "torch._utils._rebuild_tensor_v2": .rebuildTensorV2,
      "torch._utils._rebuild_tensor_v3": .rebuildTensorV3,
      "torch._utils._rebuild_parameter": .rebuildParameter,
      "torch._utils._rebuild_parameter_with_state": .rebuildParameter,
      "torch._tensor._rebuild_from_type_v2": .rebuildFromType,
      "torch.storage.UntypedStorage": .storage(.bytes),
    ]
    for name in [
      "collections.Counter", "collections.defaultdict", "builtins.set", "__builtin__.set",
      "builtins.list", "__builtin__.list",
    ] { table[name] = .container }
    let storages: [(String, ElementType)] = [
      ("Double", .float64), ("Float", .float32), ("Half", .float16), ("BFloat16", .bfloat16),
      ("Long", .int64), ("Int", .int32), ("Short", .int16), ("Char", .int8), ("Byte", .uint8),
      ("Bool", .bool),
    ]
    for (name, type) in storages {
      table["torch.\(name)Storage"] = .storage(.elements(type))
      table["torch.cuda.\(name)Storage"] = .storage(.elements(type))
    }
    for (index, name) in StorageType.unsupportedNames.enumerated() {
      table["torch.\(name)Storage"] = .storage(.unsupported(index))
    }
    let types: [(String, ElementType)] = [
      ("float64", .float64), ("float32", .float32), ("float16", .float16),
      ("bfloat16", .bfloat16), ("int64", .int64), ("int32", .int32), ("int16", .int16),
      ("int8", .int8), ("uint8", .uint8), ("bool", .bool),
    ]
    for (name, type) in types { table["torch." + name] = .elementType(type) }
    for (index, name) in unsupportedBuilders.enumerated() {
      table["torch._utils." + name] = .rebuildUnsupported(index)
    }
    for name in inertNames { table[name] = .inert }
    return table
  }()

  /// Names that only TorchScript archives hold: PyTorch's torch/jit/_pickle.py.
  static let script: [String: PickleGlobal] = {
    var table: [String: PickleGlobal] = ["torch.jit._pickle.restore_type_tag": .first]
    for name in ["intlist", "tensorlist", "doublelist", "boollist"] {
      table["torch.jit._pickle.build_" + name] = .container
    }
    return table
  }()

  /// Functions that build tensors of other kinds.
  static let unsupportedBuilders = [
    "_rebuild_qtensor", "_rebuild_sparse_tensor", "_rebuild_meta_tensor_no_storage",
    "_rebuild_device_tensor_from_numpy", "_rebuild_device_tensor_from_cpu_tensor",
    "_rebuild_wrapper_subclass", "_rebuild_nested_tensor", "_rebuild_sparse_csr_tensor",
  ]

  /// What training checkpoints and tensors mention beside weights.
  private static let inertNames = [
    "torch.Size", "torch.device", "torch.Tensor", "torch.nn.parameter.Parameter",
    "torch.serialization._get_layout", "torch.per_tensor_affine", "torch.per_channel_affine",
    "torch.float8_e4m3fn", "torch.float8_e5m2", "torch.uint16", "torch.uint32", "torch.uint64",
    "torch.complex64", "torch.complex128", "torch.storage.TypedStorage",
    "numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar", "numpy.dtype",
    "numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct", "numpy.ndarray",
    "_codecs.encode", "argparse.Namespace",
  ]
}
