/// Which version of the project this is.
public enum Release {
  /// What every tool's `--version` and the libraries' `taiyi.pc` say.
  public static let version = "0.1.0"
}
