/// Who wrote a pickle: what it may hold besides what all of them hold.
enum PickleDialect: Equatable, Sendable {
  /// `torch.save` since PyTorch 1.6.
  case archive
  /// `torch.jit.save`: objects of compiled classes.
  case script
  /// `torch.save` before: storages that may be views.
  case legacy
}
