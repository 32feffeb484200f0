/// Text for HTML pages.
enum HTMLText {
  /// Text in which no character means markup, in content or in quoted attributes.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      // Control characters and changes of direction would hide what a name is.
      case _
      where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
        || (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value):
        result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// Base64 (RFC 4648) of bytes, for pictures in pages.
  static func base64(_ bytes: [UInt8]) -> String {
    let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var result: [UInt8] = []
    result.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      var bits = 0
      for (place, byte) in group.enumerated() { bits |= Int(byte) << (16 - 8 * place) }
      for place in 0..<4 {
        result.append(
          place <= group.count ? digits[bits >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// Colours, sizes and the dark form of pages.
  static let style = """
    :root { color-scheme: light dark; --ink: #1c2024; --soft: #5f6873; --line: #d9dde3; --paper: #fff; --panel: #f5f6f8;
      --first: #2563b0; --second: #c2571a; --good: #1a7f37; --bad: #c4281f; --open: #9a6700; }
    @media (prefers-color-scheme: dark) { :root { --ink: #e6e9ed; --soft: #9aa4af; --line: #353b43; --paper: #14171b;
      --panel: #1d2127; --first: #6cabf0; --second: #f0965a; --good: #4cc26b; --bad: #ff7b72; --open: #e0b040; } }
    * { box-sizing: border-box; }
    body { margin: 0 auto; padding: 1.2rem; max-width: 62rem; background: var(--paper); color: var(--ink);
      font: 15px/1.5 system-ui, "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif; }
    h1 { font-size: 1.5rem; margin: 0 0 .2rem; overflow-wrap: anywhere; } h2 { font-size: 1.15rem; margin: 2.2rem 0 .4rem; overflow-wrap: anywhere; }
    h3 { font-size: 1rem; margin: 1.4rem 0 .3rem; }
    p { margin: .4rem 0; } .soft, figcaption { color: var(--soft); font-size: .87rem; }
    .scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
    th, td { padding: .3rem .6rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
    th { font-weight: 600; color: var(--soft); } th:first-child, td:first-child { text-align: left; padding-left: 0; }
    td.chart { width: 32%; min-width: 11rem; padding: 0 .6rem; } td.chart svg { display: block; width: 100%; height: 2rem; }
    .verdict { display: inline-block; padding: .05rem .6rem; border-radius: 1rem; border: 1.5px solid; font-weight: 600; }
    .held { color: var(--good); } .violated { color: var(--bad); } .undecided { color: var(--open); } .none { color: var(--soft); }
    .facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(17rem, 1fr)); gap: .8rem; margin: 1rem 0; }
    .facts > div, .item { background: var(--panel); border-radius: .5rem; padding: .7rem .9rem; min-width: 0; overflow-wrap: anywhere; }
    .items { display: grid; grid-template-columns: repeat(auto-fill, minmax(19rem, 1fr)); gap: .8rem; }
    .item { display: flex; gap: .8rem; } .item img { width: 5.5rem; height: 5.5rem; border-radius: .3rem; flex: none; image-rendering: auto; }
    .item ol { margin: .1rem 0 .5rem; padding-left: 1.3rem; font-size: .87rem; } .item b { font-weight: 600; } .right { font-weight: 700; }
    figure { margin: .8rem 0; } svg text { fill: var(--soft); font-size: 12px; } .wide { min-width: 27rem; width: 100%; }
    .pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(27rem, 100%), 1fr)); gap: 0 1.2rem; } .pair > * { min-width: 0; }
    .grid { stroke: var(--line); } .axis { stroke: var(--soft); } .limit { stroke: var(--bad); stroke-dasharray: 3 3; }
    .first { fill: var(--first); stroke: var(--first); } .second { fill: var(--second); stroke: var(--second); }
    .path { fill: none !important; stroke-width: 2; } .swatch { display: inline-block; width: .8rem; height: .8rem; border-radius: .2rem; vertical-align: -.1rem; }
    code { font-family: ui-monospace, monospace; font-size: .87em; overflow-wrap: anywhere; } details { margin: .6rem 0; } summary { cursor: pointer; }
    """
}
