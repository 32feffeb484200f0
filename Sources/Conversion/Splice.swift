public import TCMFormat
internal import TCMWriter
internal import TensorCore

/// Two conversions of one model put together: each tensor from one or the other.
public struct Splice {
  private let first: TCMFile
  private let second: TCMFile

  /// Prepares a splice; files that are not conversions of one model are misuse and trap.
  ///
  /// - Parameters:
  ///   - first: Where tensors come from by default.
  ///   - second: The other.
  public init(_ first: TCMFile, _ second: TCMFile) {
    precondition(
      first.manifest.tensors.map(\.name) == second.manifest.tensors.map(\.name)
        && first.manifest.sections.map(\.name) == second.manifest.sections.map(\.name),
      "both hold the same tensors")
    self.first = first
    self.second = second
  }

  /// The bytes that the parts of some tensors take in a file.
  ///
  /// - Parameters:
  ///   - file: One of the two.
  ///   - isMember: Which tensors.
  public static func byteCount(_ file: TCMFile, _ isMember: (String) -> Bool) -> Int {
    file.manifest.tensors.filter { isMember($0.name) }.reduce(0) { sum, tensor in
      sum + tensor.parts.reduce(0) { $0 + $1.byteCount }
    }
  }

  /// Writes a file; the same choice gives the same bytes.
  ///
  /// - Parameters:
  ///   - path: The output; it appears whole or not at all.
  ///   - recipe: Its name and lines, for provenance.
  ///   - isSecond: Whether a tensor comes from the second file.
  /// - Throws: `ConversionError.write`.
  public func write(
    to path: String, recipe: (name: String, lines: [String]), isSecond: (String) -> Bool
  ) throws(ConversionError) {
    do throws(WriteError) {
      let writer = try TCMWriter(path: path)
      let manifest = first.manifest
      for section in manifest.sections {
        if section.kind == .vocabulary {
          if let vocabulary = first.vocabulary { try writer.writeVocabulary(vocabulary) }
          continue
        }
        writer.beginSection(section.kind, name: section.name)
        let end = section.offset + section.byteCount
        for (index, tensor) in manifest.tensors.enumerated() {
          guard let part = tensor.parts.first, part.offset >= section.offset, part.offset < end
          else { continue }
          let file = isSecond(tensor.name) ? second : first
          let source = file.manifest.tensors[index]
          writer.beginTensor(source.name, source.encoding, shape: source.shape)
          for part in source.parts {
            try writer.beginPart(part.role, byteCount: part.byteCount)
            try writer.write(file.bytes(at: part.offset, count: part.byteCount))
          }
        }
      }
      var provenance = manifest.provenance
      provenance.recipe = recipe.name
      provenance.recipeLines = recipe.lines
      try writer.finish(
        provenance: provenance, text: manifest.text, image: manifest.image,
        logitScale: manifest.logitScale)
    } catch { throw .write(error) }
  }
}
