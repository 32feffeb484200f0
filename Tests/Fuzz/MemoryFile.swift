import Foundation
import Glibc

/// glibc's, which the Swift overlay does not show.
@_silgen_name("memfd_create")
private func memfd_create(_ name: UnsafePointer<CChar>, _ flags: CUnsignedInt) -> CInt

/// A file in memory that parsers open by path, written anew for every input.
final class MemoryFile: @unchecked Sendable {
  /// Opens the file anew, with a position of its own.
  let path: String
  private let descriptor: CInt

  /// Creates an empty file; its path ends in `suffix` if there is one, which some formats go by.
  init(suffix: String = "") {
    descriptor = memfd_create("fuzz", 0)
    precondition(descriptor >= 0, "there is memory for a file")
    let link = "/proc/self/fd/\(descriptor)"
    if suffix.isEmpty {
      path = link
    } else {
      path = NSTemporaryDirectory() + "taiyi-fuzz-\(getpid())\(suffix)"
      unlink(path)
      precondition(symlink("/proc/\(getpid())/fd/\(descriptor)", path) == 0, "a link can be made")
    }
  }

  /// Replaces the contents, or what stands behind `offset`.
  func write(_ bytes: [UInt8], from offset: Int = 0) {
    precondition(ftruncate(descriptor, off_t(offset + bytes.count)) == 0, "it can be resized")
    put(bytes, at: offset)
  }

  /// Changes bytes in place.
  func put(_ bytes: [UInt8], at offset: Int) {
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes {
        pwrite(
          descriptor, $0.baseAddress?.advanced(by: done), bytes.count - done, off_t(offset + done))
      }
      precondition(count > 0, "the file can be written")
      done += count
    }
  }
}
