internal import CLIPRuntime
internal import CTaiyi
internal import TCMFormat
internal import TensorCore

// The functions of taiyi.h about classification; the header documents them.

@c(taiyi_classify)
public func classify(
  _ model: OpaquePointer?, _ embedding: UnsafePointer<Float>?, _ labels: UnsafePointer<Float>?,
  _ count: Int, _ cosines: UnsafeMutablePointer<Float>?,
  _ probabilities: UnsafeMutablePointer<Float>?, _ error: UnsafeMutableRawPointer?
) -> Int32 {
  unsafe answering(error?.assumingMemoryBound(to: taiyi_error.self)) { () throws(Failure) in
    guard let pointer = unsafe model, let embedding = unsafe embedding,
      let labels = unsafe labels
    else { throw .null }
    let model = unsafe object(pointer, ModelHandle.self).model
    let width = model.embeddingWidth
    let (size, overflow) = count.multipliedReportingOverflow(by: 4 * width)
    if overflow || count < 0 { throw .argument("a count of \(count)") }
    let one = unsafe Memory(lent: embedding, byteCount: 4 * width)
    let all = unsafe Memory(lent: labels, byteCount: size)
    let found = Probabilities.cosines(
      of: one.block(at: 0, count: width), with: all.block(at: 0, count: count * width))
    if let cosines = unsafe cosines {
      for index in 0..<count { unsafe cosines[index] = found[index] }
    }
    if let probabilities = unsafe probabilities {
      let shares = Probabilities.softmax(found, scale: model.logitScale)
      for index in 0..<count { unsafe probabilities[index] = Float(shares[index]) }
    }
  }
}

@c(taiyi_bank_open)
public func bankOpen(
  _ path: UnsafePointer<CChar>?, _ bank: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: UnsafeMutableRawPointer?
) -> Int32 {
  unsafe bank?.pointee = nil
  return unsafe answering(error?.assumingMemoryBound(to: taiyi_error.self)) {
    () throws(Failure) in
    guard let path = unsafe path, let bank = unsafe bank else { throw .null }
    do throws(ModelError) {
      unsafe bank.pointee = retained(BankHandle(try LabelBank(path: String(cString: path))))
    } catch { throw Failure(error) }
  }
}

@c(taiyi_bank_close)
public func bankClose(_ bank: OpaquePointer?) { unsafe release(bank, BankHandle.self) }

@c(taiyi_bank_count)
public func bankCount(_ bank: OpaquePointer?) -> Int {
  guard let bank = unsafe bank else { return 0 }
  return unsafe object(bank, BankHandle.self).bank.record.labels.count
}

@c(taiyi_bank_width)
public func bankWidth(_ bank: OpaquePointer?) -> Int32 {
  guard let bank = unsafe bank else { return 0 }
  return Int32(unsafe object(bank, BankHandle.self).bank.record.width)
}

@c(taiyi_bank_embeddings)
public func bankEmbeddings(_ bank: OpaquePointer?) -> UnsafePointer<Float>? {
  guard let bank = unsafe bank else { return nil }
  return unsafe object(bank, BankHandle.self).bank.embeddings.pointer
}

@c(taiyi_bank_label)
public func bankLabel(
  _ bank: OpaquePointer?, _ index: Int, _ label: UnsafeMutablePointer<CChar>?, _ capacity: Int
) -> Int {
  guard let bank = unsafe bank else { return 0 }
  let labels = unsafe object(bank, BankHandle.self).bank.record.labels
  if !labels.indices.contains(index) { return 0 }
  let room = unsafe label == nil ? 0 : max(capacity, 0)
  return unsafe copy(
    labels[index], into: UnsafeMutableRawBufferPointer(start: label, count: room))
}
