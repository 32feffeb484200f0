internal import Answers
internal import CLIPRuntime
internal import CTaiyi
internal import ImageInput
internal import TCMFormat
internal import TensorCore

// The functions of taiyi.h about pictures; the header documents them.

/// `taiyi_embed_image_files` of taiyi.h.
@c(taiyi_embed_image_files)
public func embedImageFiles(
  _ session: OpaquePointer?, _ paths: UnsafePointer<UnsafePointer<CChar>?>?, _ count: Int,
  _ flags: UInt32, _ embeddings: UnsafeMutablePointer<Float>?, _ error: UnsafeMutableRawPointer?
) -> Int32 {
  unsafe answering(error?.assumingMemoryBound(to: taiyi_error.self)) { () throws(Failure) in
    let paths = try unsafe strings(paths, count)
    try unsafe embed(session, count, flags, embeddings) { (handle, index) throws(Failure) in
      do throws(AnswerError) {
        return try PictureFile.decode(paths[index], limits: handle.limits)
      } catch { throw Failure(error, item: index) }
    }
  }
}

/// `taiyi_embed_images` of taiyi.h.
@c(taiyi_embed_images)
public func embedImages(
  _ session: OpaquePointer?, _ images: UnsafeRawPointer?, _ count: Int, _ flags: UInt32,
  _ embeddings: UnsafeMutablePointer<Float>?, _ error: UnsafeMutableRawPointer?
) -> Int32 {
  unsafe answering(error?.assumingMemoryBound(to: taiyi_error.self)) { () throws(Failure) in
    if count == 0 { return }
    guard let images = unsafe images else { throw .null }
    let table = unsafe images.assumingMemoryBound(to: taiyi_bytes.self)
    try unsafe embed(session, count, flags, embeddings) { (handle, index) throws(Failure) in
      guard let data = unsafe table[index].data else { throw Failure.null.at(index) }
      // A size_t beyond half of all memory is imported as a negative Int.
      if unsafe table[index].size < 0 {
        throw Failure.argument("a size beyond all memory").at(index)
      }
      let memory = unsafe Memory(lent: data, byteCount: Int(table[index].size))
      let bytes = memory.block(at: 0, count: memory.byteCount, of: UInt8.self)
      do throws(ImageError) {
        return try ImageDecoder.decode(bytes, name: "picture \(index)", limits: handle.limits)
      } catch { throw Failure(.image(error), item: index) }
    }
  }
}

/// `taiyi_embed_pixels` of taiyi.h.
@c(taiyi_embed_pixels)
public func embedPixels(
  _ session: OpaquePointer?, _ images: UnsafeRawPointer?, _ count: Int, _ flags: UInt32,
  _ embeddings: UnsafeMutablePointer<Float>?, _ error: UnsafeMutableRawPointer?
) -> Int32 {
  unsafe answering(error?.assumingMemoryBound(to: taiyi_error.self)) { () throws(Failure) in
    if count == 0 { return }
    guard let images = unsafe images else { throw .null }
    let table = unsafe images.assumingMemoryBound(to: taiyi_pixels.self)
    try unsafe embed(session, count, flags, embeddings) { (_, index) throws(Failure) in
      try unsafe picture(table[index], index)
    }
  }
}

/// Embeds pictures one after another.
///
/// - Parameter decode: Makes the picture of a place.
private func embed(
  _ session: OpaquePointer?, _ count: Int, _ flags: UInt32,
  _ embeddings: UnsafeMutablePointer<Float>?,
  decode: (SessionHandle, Int) throws(Failure) -> DecodedImage
) throws(Failure) {
  guard let pointer = unsafe session else { throw .null }
  if flags & ~UInt32(TAIYI_RAW) != 0 { throw .argument("flags of \(flags)") }
  if count < 0 { throw .argument("a count of \(count)") }
  if count == 0 { return }
  guard let embeddings = unsafe embeddings else { throw .null }
  let handle = unsafe object(pointer, SessionHandle.self)
  let session = handle.session
  guard let tower = session.model.imageTower else {
    throw Failure(ModelError.noImageTower(path: session.model.file.path))
  }
  let size = 3 * tower.imageSize * tower.imageSize
  // Pictures are encoded a few at a time: more would only take memory.
  let step = handle.isFrugal ? 1 : min(count, 8)
  let pixels: MutableBlock<Float>
  let rows: MutableBlock<Float>
  do throws(SystemError) {
    pixels = try MutableBlock(allocating: step * size)
    rows = try MutableBlock(allocating: step * session.model.embeddingWidth)
  } catch { throw Failure(error) }
  let preprocessor = Preprocessor(Preprocessing(tower))
  for start in stride(from: 0, to: count, by: step) {
    let items = min(step, count - start)
    for item in 0..<items {
      let image = try decode(handle, start + item)
      do throws(ImageError) {
        try preprocessor.tensor(image, into: pixels[item * size..<(item + 1) * size])
      } catch { throw Failure(.image(error), item: start + item) }
    }
    let width = session.model.embeddingWidth
    do throws(ModelError) {
      try session.encode(
        pixels: pixels[0..<items * size].readOnly, items: items,
        normalize: flags & UInt32(TAIYI_RAW) == 0, into: rows)
    } catch { throw Failure(error) }
    unsafe copy(rows[0..<items * width].readOnly, to: embeddings + start * width)
  }
}

/// A copy of decoded pixels, rows without gaps.
private func picture(_ pixels: taiyi_pixels, _ index: Int) throws(Failure) -> DecodedImage {
  guard let data = unsafe pixels.data else { throw Failure.null.at(index) }
  let (width, height) = (Int(unsafe pixels.width), Int(unsafe pixels.height))
  let sides = 1...ImageLimits.maximumSide
  if !sides.contains(width) || !sides.contains(height) {
    throw Failure.argument("a picture of \(width) x \(height) pixels").at(index)
  }
  let row = 3 * width
  let stride = unsafe pixels.stride == 0 ? row : Int(pixels.stride)
  if stride < row {
    throw Failure.argument("rows of \(stride) bytes, \(row) needed").at(index)
  }
  if stride.multipliedReportingOverflow(by: height).overflow {
    throw Failure.argument("rows of \(stride) bytes").at(index)
  }
  let copied: MutableBlock<UInt8>
  do throws(SystemError) { copied = try MutableBlock(allocating: row * height) } catch {
    throw Failure(error)
  }
  for y in 0..<height {
    for x in 0..<row { copied[y * row + x] = unsafe data[y * stride + x] }
  }
  return DecodedImage(
    rgb: copied.readOnly, width: width, height: height, name: "picture \(index)")
}
