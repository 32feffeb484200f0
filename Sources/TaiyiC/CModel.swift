internal import CLIPRuntime
internal import CTaiyi
internal import TCMFormat
internal import TensorCore

// The functions of taiyi.h about models; the header documents them.

/// `taiyi_abi_version` of taiyi.h.
@c(taiyi_abi_version)
public func abiVersion() -> Int32 { Int32(TAIYI_ABI_VERSION) }

/// `taiyi_model_open` of taiyi.h.
@c(taiyi_model_open)
public func modelOpen(
  _ path: UnsafePointer<CChar>?, _ model: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: UnsafeMutableRawPointer?
) -> Int32 {
  unsafe model?.pointee = nil
  return unsafe answering(error?.assumingMemoryBound(to: taiyi_error.self)) {
    () throws(Failure) in
    guard let path = unsafe path, let model = unsafe model else { throw .null }
    do throws(ModelError) {
      unsafe model.pointee = retained(ModelHandle(try Model(path: String(cString: path))))
    } catch { throw Failure(error) }
  }
}

/// `taiyi_model_open_memory` of taiyi.h.
@c(taiyi_model_open_memory)
public func modelOpenMemory(
  _ bytes: UnsafeRawPointer?, _ size: Int, _ name: UnsafePointer<CChar>?,
  _ model: UnsafeMutablePointer<OpaquePointer?>?, _ error: UnsafeMutableRawPointer?
) -> Int32 {
  unsafe model?.pointee = nil
  return unsafe answering(error?.assumingMemoryBound(to: taiyi_error.self)) {
    () throws(Failure) in
    guard let bytes = unsafe bytes, let model = unsafe model else { throw .null }
    if size < 0 { throw .argument("a size of \(size) bytes") }
    if UInt(bitPattern: bytes) % UInt(TCMLayout.partAlignment) != 0 {
      throw .argument("the file in memory is not aligned to \(TCMLayout.partAlignment) bytes")
    }
    let name = unsafe name.map { unsafe String(cString: $0) } ?? "memory"
    let memory = unsafe Memory(lent: bytes, byteCount: size)
    let file: TCMFile
    do throws(TCMError) { file = try TCMFile(memory: memory, name: name) } catch {
      throw Failure(ModelError.format(error))
    }
    do throws(ModelError) {
      unsafe model.pointee = retained(ModelHandle(try Model(file: file)))
    } catch { throw Failure(error) }
  }
}

/// `taiyi_model_close` of taiyi.h.
@c(taiyi_model_close)
public func modelClose(_ model: OpaquePointer?) { unsafe release(model, ModelHandle.self) }

/// `taiyi_model_facts` of taiyi.h.
@c(taiyi_model_facts)
public func modelFacts(
  _ model: OpaquePointer?, _ facts: UnsafeMutableRawPointer?, _ error: UnsafeMutableRawPointer?
) -> Int32 {
  unsafe answering(error?.assumingMemoryBound(to: taiyi_error.self)) { () throws(Failure) in
    guard let pointer = unsafe model, let facts = unsafe facts else { throw .null }
    let model = unsafe object(pointer, ModelHandle.self).model
    let given = unsafe facts.assumingMemoryBound(to: taiyi_facts.self)
    if unsafe given.pointee.size != MemoryLayout<taiyi_facts>.size {
      throw .argument("taiyi_facts has another size than this library's")
    }
    var result = taiyi_facts()
    result.size = unsafe given.pointee.size
    result.embedding_width = Int32(model.embeddingWidth)
    result.has_text = model.textTower == nil ? 0 : 1
    result.has_image = model.imageTower == nil ? 0 : 1
    result.context_length = Int32(model.textTower?.contextLength ?? 0)
    result.image_size = Int32(model.imageTower?.imageSize ?? 0)
    result.is_quantized = model.isQuantized ? 1 : 0
    result.logit_scale = model.logitScale
    result.numerics_version = Int32(TCMLayout.numericsVersion)
    let identity = model.file.manifest.identity
    unsafe withUnsafeMutableBytes(of: &result.identity) { buffer in
      for index in 0..<32 { unsafe buffer[index] = identity[index] }
    }
    unsafe given.pointee = result
  }
}
