internal import CLIPRuntime
internal import CTaiyi
internal import TCMFormat
internal import TensorCore

// The functions of taiyi.h about texts; the header documents them.

/// `taiyi_embed_texts` of taiyi.h.
@c(taiyi_embed_texts)
public func embedTexts(
  _ session: OpaquePointer?, _ texts: UnsafePointer<UnsafePointer<CChar>?>?, _ count: Int,
  _ flags: UInt32, _ embeddings: UnsafeMutablePointer<Float>?, _ error: UnsafeMutableRawPointer?
) -> Int32 {
  unsafe answering(error?.assumingMemoryBound(to: taiyi_error.self)) { () throws(Failure) in
    guard let pointer = unsafe session else { throw .null }
    let session = unsafe object(pointer, SessionHandle.self).session
    let texts = try unsafe strings(texts, count)
    let options = try TextFlags(flags)
    if count == 0 { return }
    guard let embeddings = unsafe embeddings else { throw .null }
    let width = session.model.embeddingWidth
    // A few at a time, so that memory does not grow with their number.
    for start in stride(from: 0, to: count, by: 256) {
      let end = min(start + 256, count)
      let rows: Block<Float>
      do throws(ModelError) {
        rows = try session.embed(
          texts: Array(texts[start..<end]), padding: options.padding,
          normalize: options.normalizes
        ).readOnly
      } catch { throw Failure(error) }
      unsafe copy(rows, to: embeddings + start * width)
    }
  }
}

/// `taiyi_embed_labels` of taiyi.h.
@c(taiyi_embed_labels)
public func embedLabels(
  _ session: OpaquePointer?, _ labels: UnsafePointer<UnsafePointer<CChar>?>?, _ count: Int,
  _ templates: UnsafePointer<UnsafePointer<CChar>?>?, _ templateCount: Int, _ flags: UInt32,
  _ embeddings: UnsafeMutablePointer<Float>?, _ error: UnsafeMutableRawPointer?
) -> Int32 {
  unsafe answering(error?.assumingMemoryBound(to: taiyi_error.self)) { () throws(Failure) in
    guard let pointer = unsafe session else { throw .null }
    let session = unsafe object(pointer, SessionHandle.self).session
    let labels = try unsafe strings(labels, count)
    let patterns: [String]
    do throws(Failure) { patterns = try unsafe strings(templates, templateCount) } catch {
      throw error.at(-1)
    }
    if count == 0 { return }
    guard let embeddings = unsafe embeddings else { throw .null }
    for (index, template) in patterns.enumerated() where !LabelTemplate.isTemplate(template) {
      throw .argument("template \(index) has no place for the label")
    }
    let options = try TextFlags(flags)
    if !options.normalizes { throw .argument("labels are brought to length 1") }
    do throws(ModelError) {
      let rows = try session.embed(
        labels: labels, templates: patterns, padding: options.padding)
      unsafe copy(rows.readOnly, to: embeddings)
    } catch { throw Failure(error) }
  }
}

/// `flags` of functions that embed.
struct TextFlags {
  let normalizes: Bool
  let padding: TextPadding

  init(_ flags: UInt32) throws(Failure) {
    if flags & ~UInt32(TAIYI_RAW | TAIYI_UNPADDED) != 0 {
      throw .argument("flags of \(flags)")
    }
    normalizes = flags & UInt32(TAIYI_RAW) == 0
    padding = flags & UInt32(TAIYI_UNPADDED) == 0 ? .fixed : .none
  }
}

/// Strings from C code.
func strings(
  _ pointers: UnsafePointer<UnsafePointer<CChar>?>?, _ count: Int
) throws(Failure) -> [String] {
  if count == 0 { return [] }
  guard let pointers = unsafe pointers else { throw .null }
  if count < 0 { throw .argument("a count of \(count)") }
  var result: [String] = []
  for index in 0..<count {
    guard let text = unsafe pointers[index] else {
      var failure = Failure.null
      failure.item = index
      throw failure
    }
    unsafe result.append(String(cString: text))
  }
  return result
}

/// Copies embeddings to C code.
func copy(_ rows: Block<Float>, to embeddings: UnsafeMutablePointer<Float>) {
  for index in 0..<rows.count { unsafe embeddings[index] = rows[index] }
}
