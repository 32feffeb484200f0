internal import Notation
internal import TensorCore

extension CheckpointError: CustomStringConvertible {
  /// One sentence naming the file, the place, what was found and what was expected.
  public var description: String {
    switch self {
    case .file(let error): error.description
    case .wrongKind(let path, let kind): "\(printable(path)): \(kind.sentence)"
    case .unknownKind(let path, let start):
      "\(printable(path)): not a checkpoint of a known format; it starts with "
        + start.map(named).joined(separator: " ")
    case .limitExceeded(let path, let what, let found, let limit):
      "\(printable(path)): \(found) \(what.rawValue), at most \(limit) are accepted"
        + (what == .tensors ? " (--max-tensors raises the limit)" : "")
    case .noTensors(let path): "\(printable(path)): the file holds no tensors"
    case .nothingInFolder(let path):
      "\(printable(path)): the folder holds no checkpoint; expected model.safetensors, "
        + "open_clip_model.safetensors, pytorch_model.bin, open_clip_pytorch_model.bin, an index of "
        + "one of them, or one other file that ends in .safetensors, .bin, .pt or .pth"
    case .ambiguousFolder(let path, let names):
      "\(printable(path)): the folder holds several checkpoints ("
        + names.prefix(8).map(printable).joined(separator: ", ")
        + (names.count > 8 ? ", …" : "") + "); name one of them"
    case .invalidJSON(let path, let error): "\(printable(path)): not valid JSON: \(error)"
    case .invalidZIP(let path, let problem): "\(printable(path)): \(problem)"
    case .invalidPickle(let path, let place, let problem):
      "\(printable(path)): pickle\(place.map { ", byte \($0)" } ?? ""): \(problem)"
    case .headerMissing, .headerTooLong, .headerTruncated, .headerNotObject, .invalidHeader,
      .invalidMetadata, .invalidTensor, .dataSizeMismatch:
      safetensorsDescription
    case .notAnObject, .noWeightMap, .invalidShardName, .missingShard, .tensorNotInShard,
      .tensorInTwoShards:
      indexDescription
    }
  }

  private var safetensorsDescription: String {
    switch self {
    case .headerMissing(let path, let count):
      "\(printable(path)): the file is \(count) bytes long, "
        + "a safetensors file starts with a length of 8 bytes"
    case .headerTooLong(let path, let count, let limit):
      "\(printable(path)): the safetensors header claims \(count) bytes, "
        + "at most \(limit) are accepted (--max-header raises the limit)"
    case .headerTruncated(let path, let header, let file):
      "\(printable(path)): the safetensors header claims \(header) bytes, but the file "
        + "is only \(file) bytes long (truncated?)"
    case .headerNotObject(let path, let found):
      "\(printable(path)): the safetensors header starts with "
        + "\(found.map(named) ?? "nothing"), expected \"{\""
    case .invalidHeader(let path, let error):
      "\(printable(path)): the safetensors header is not valid JSON: \(error)"
    case .invalidMetadata(let path, .some(let key)):
      "\(printable(path)): __metadata__: the value of \"\(printable(key))\" is not a string"
    case .invalidMetadata(let path, .none):
      "\(printable(path)): __metadata__ is not an object of strings"
    case .invalidTensor(let path, let tensor, let problem):
      "\(printable(path)): tensor \"\(printable(tensor))\": \(problem)"
    case .dataSizeMismatch(let path, let expected, let found):
      "\(printable(path)): the tensors take \(expected) bytes after the header, "
        + "but the file has \(found)" + (found < expected ? " (truncated?)" : "")
    default: ""
    }
  }

  private var indexDescription: String {
    switch self {
    case .notAnObject(let path):
      "\(path): expected a JSON object, found something else"
    case .noWeightMap(let path):
      "\(printable(path)): no object \"weight_map\" that maps tensors to files"
    case .invalidShardName(let path, let tensor, .some(let name)):
      "\(printable(path)): weight_map: tensor \"\(printable(tensor))\": "
        + "\"\(printable(name))\" is not a plain file name"
    case .invalidShardName(let path, let tensor, .none):
      "\(printable(path)): weight_map: tensor \"\(printable(tensor))\": "
        + "the file name is not a string"
    case .missingShard(let path, let shard):
      "\(printable(path)): the shard \(printable(shard)) is missing"
    case .tensorNotInShard(let path, let tensor, let shard):
      "\(printable(path)): weight_map places tensor \"\(printable(tensor))\" "
        + "in \(printable(shard)), which does not hold it"
    case .tensorInTwoShards(let path, let tensor, let mapped, let other):
      "\(printable(path)): weight_map places tensor \"\(printable(tensor))\" "
        + "in \(printable(mapped)), but \(printable(other)) holds one of that name too"
    default: ""
    }
  }
}
