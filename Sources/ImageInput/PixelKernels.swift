internal import CKernels
internal import TensorCore

/// The Swift face of `resample.h`: blocks in, blocks out, sizes checked.
enum PixelKernels {
  /// Resamples one row; `output` gets `axis.count` pixels.
  static func resampleRow(
    _ row: Block<UInt8>, channels: Int, _ axis: AxisWeights, into output: MutableBlock<UInt8>
  ) {
    precondition(output.count == axis.count * channels, "one pixel an output")
    let last = axis.count - 1
    let end = Int(axis.starts[last] + axis.counts[last])
    precondition(end * channels <= row.count, "the row has what the weights ask for")
    var face = unsafe face(of: axis)
    unsafe ck_resample_row(row.pointer, Int32(channels), &face, output.pointer)
  }

  /// Resamples the columns of `width` bytes of each row, rows being `stride` bytes apart.
  ///
  /// `output` gets `axis.count` rows of `width` bytes.
  static func resampleColumns(
    _ source: Block<UInt8>, stride: Int, width: Int, _ axis: AxisWeights,
    into output: MutableBlock<UInt8>
  ) {
    precondition(output.count == axis.count * width && width <= stride, "one row an output")
    let last = axis.count - 1
    let end = Int(axis.starts[last] + axis.counts[last])
    precondition((end - 1) * stride + width <= source.count, "the source has what is asked for")
    var face = unsafe face(of: axis)
    unsafe ck_resample_columns(source.pointer, stride, width, &face, output.pointer)
  }

  /// Multiplies colours by alpha.
  static func premultiply(
    _ source: Block<UInt8>, channels: Int, into output: MutableBlock<UInt8>
  ) {
    precondition(source.count == output.count, "alpha stays")
    unsafe ck_premultiply(
      source.pointer, source.count / channels, Int32(channels), output.pointer)
  }

  /// Divides colours by alpha and drops it.
  static func unpremultiply(
    _ source: Block<UInt8>, channels: Int, into output: MutableBlock<UInt8>
  ) {
    let pixels = source.count / channels
    precondition(output.count == pixels * (channels - 1), "alpha goes")
    unsafe ck_unpremultiply(source.pointer, pixels, Int32(channels), output.pointer)
  }

  /// Copies the pixels at `places` of one row.
  static func pick(
    _ row: Block<UInt8>, channels: Int, _ places: Block<Int32>, into output: MutableBlock<UInt8>
  ) {
    precondition(output.count == places.count * channels, "one pixel a place")
    unsafe ck_pick_pixels(
      row.pointer, Int32(channels), places.pointer, places.count, output.pointer)
  }

  /// Copies bytes.
  static func copy(_ source: Block<UInt8>, into output: MutableBlock<UInt8>) {
    precondition(source.count == output.count, "equal sizes")
    unsafe output.pointer.update(from: source.pointer, count: source.count)
  }

  /// Pillow's `convert("RGB")`.
  static func convertToRGB(
    _ source: Block<UInt8>, mode: DecodedImage.Mode, palette: [UInt8],
    into output: MutableBlock<UInt8>
  ) {
    let pixels = source.count / mode.channels
    precondition(output.count == pixels * 3, "three bytes a pixel")
    switch mode {
    case .bilevel, .grey, .greyAlpha:
      unsafe ck_grey_to_rgb(source.pointer, pixels, Int32(mode.channels), output.pointer)
    case .palette:
      precondition(palette.count == 768, "256 colours")
      unsafe ck_palette_to_rgb(source.pointer, pixels, palette, output.pointer)
    case .rgb: copy(source, into: output)
    case .rgba: unsafe ck_rgba_to_rgb(source.pointer, pixels, output.pointer)
    case .cmyk: unsafe ck_cmyk_to_rgb(source.pointer, pixels, output.pointer)
    }
  }

  /// RGB pixels to three planes through a table of 3 x 256 values.
  static func planes(_ rgb: Block<UInt8>, table: [Float], into output: MutableBlock<Float>) {
    precondition(table.count == 768 && output.count == rgb.count, "a value for each byte")
    unsafe ck_pixels_to_planes(rgb.pointer, rgb.count / 3, table, output.pointer)
  }

  private static func face(of axis: AxisWeights) -> ck_resample_axis {
    precondition(axis.counts.count == axis.count, "a count for each start")
    precondition(axis.weights.count == axis.count * axis.taps, "`taps` weights an output")
    return unsafe ck_resample_axis(
      starts: axis.starts.pointer, counts: axis.counts.pointer, weights: axis.weights.pointer,
      taps: Int32(axis.taps), outputs: Int32(axis.count))
  }
}
