import Foundation
import TensorCore
import TestSupport
import Tokenization

/// A row of a golden file; the cased columns are only in our own.
struct GoldenRow: Decodable {
  let name: String
  let text: String
  let ids: [Int32]
  let idsPadded: [Int32]
  let idsCased: [Int32]?
  let idsCasedPadded: [Int32]?

  enum CodingKeys: String, CodingKey {
    case name, text, ids
    case idsPadded = "ids_padded_77"
    case idsCased = "ids_cased"
    case idsCasedPadded = "ids_cased_padded_77"
  }
}

/// A row of `normalization.jsonl`.
struct NormalizationRow: Decodable {
  let text: String
  let nfc: String
  let stripped: String
}

/// `expected.json`.
struct Expected: Decodable {
  struct Small: Decodable {
    let tokens: [String]
    let hex: String
  }
  struct Section: Decodable {
    let byteCount: Int
    let crc32: UInt32
  }
  struct Unicode: Decodable {
    let crc32: UInt32
  }
  let small: Small
  let vocab: Section
  let unicode: Unicode

  static func load() throws -> Expected {
    let bytes = try Fixture.bytes(Fixture.path("tokenizer/expected.json"))
    return try JSONDecoder().decode(Expected.self, from: Data(bytes))
  }
}

/// One JSON object per line.
func rows<Row: Decodable>(_ path: String) throws -> [Row] {
  try Fixture.bytes(path).split(separator: 0x0A).map {
    try JSONDecoder().decode(Row.self, from: Data($0))
  }
}

/// The vocabulary that a section holds.
func vocabulary(_ section: [UInt8]) throws -> Vocabulary {
  try Vocabulary(section: MutableBlock<UInt8>(copying: section).readOnly)
}

/// A vocabulary file, built and opened.
func vocabulary(path: String) throws -> Vocabulary {
  try vocabulary(VocabularyBuilder.build(text: Fixture.bytes(path)))
}

/// A vocabulary of the special tokens, which get the ids 0 to 4, and further tokens from 5.
func vocabulary(_ tokens: String...) throws -> Vocabulary {
  try vocabulary(section(tokens))
}

/// The section of the special tokens and further ones.
func section(_ tokens: [String]) throws -> [UInt8] {
  let all = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + tokens
  return try VocabularyBuilder.build(text: [UInt8](all.joined(separator: "\n").utf8))
}

/// The vocabulary in `Fixtures/tokenizer`.
let ownVocabulary = Result { try vocabulary(path: Fixture.path("tokenizer/vocab.txt")) }

/// CRC-32 as in zlib.
struct CRC32 {
  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { value, _ in
      value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1
    }
  }
  private var state: UInt32 = 0xFFFF_FFFF
  var value: UInt32 { ~state }

  mutating func combine(_ byte: UInt8) {
    state = state >> 8 ^ Self.table[Int(UInt8(truncatingIfNeeded: state) ^ byte)]
  }
}
