internal import Glibc

/// Whether this is a build with a sanitizer, whose programs take many times the time and reserve terabytes of addresses.
public enum Sanitizer {
  /// True in a build with the address or the thread sanitizer.
  public static let isActive = unsafe dlsym(nil, "__asan_init") != nil || isThread
  /// True in a build with the thread sanitizer, which writes files of its own when a program starts.
  public static let isThread = unsafe dlsym(nil, "__tsan_init") != nil
}
