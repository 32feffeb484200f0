internal import CKernels
public import TensorCore

/// Self-attention without a mask.
extension Engine {
  /// How the two matrix products of attention are made.
  public enum AttentionArithmetic: Sendable {
    /// In f32, for float models.
    case float
    /// In 8-bit integers, for quantized models.
    case int8
  }

  /// Bytes of scratch memory a thread needs for attention over `tokens` tokens.
  public static func scratchForAttention(
    _ arithmetic: AttentionArithmetic, tokens: Int, headSize: Int
  ) -> Int {
    switch arithmetic {
    case .float: ck_attention_f32_scratch(Int32(tokens), Int32(headSize))
    case .int8: ck_attention_i8_scratch(Int32(tokens), Int32(headSize))
    }
  }

  /// Bytes of scratch memory a thread needs for `project` with `columns` inputs.
  public static func scratchForProjection(columns: Int) -> Int {
    ck_project_scratch(Int32(columns))
  }

  /// softmax(q·kᵀ/√headSize)·v for every head of every item.
  ///
  /// - Parameters:
  ///   - qkv: `[items·tokens, 3·heads·headSize]`: q, k and v of a token side by side.
  ///   - arithmetic: How the products are made.
  ///   - items: Number of sequences.
  ///   - tokens: Length of each, 1 to 65,536.
  ///   - queries: How many of each one's first tokens are asked for, 1 to `tokens`; all if `nil`.
  ///   - heads: Number of heads.
  ///   - headSize: Elements a head, 1 to 65,536.
  ///   - y: `[items·queries, heads·headSize]`.
  /// - Complexity: O(items · heads · queries · tokens · headSize).
  public func attention(
    _ qkv: Block<Float>, _ arithmetic: AttentionArithmetic, items: Int, tokens: Int,
    queries: Int? = nil, heads: Int, headSize: Int, into y: MutableBlock<Float>
  ) {
    precondition(items >= 0 && heads >= 1 && headSize >= 1 && tokens >= 1, "sizes are positive")
    precondition(qkv.count >= items * tokens * 3 * heads * headSize, "sizes fit")
    var attention = unsafe attention(arithmetic, items, tokens, queries, heads, headSize, y)
    unsafe attention.qkv = qkv.pointer
    switch arithmetic {
    case .float: unsafe ck_attention_f32_run(pointer, &attention)
    case .int8: unsafe ck_attention_i8_run(pointer, &attention)
    }
  }

  /// The same of queries, keys and values that `project` has quantized: the same bits as with `.int8` from floats.
  ///
  /// - Parameters:
  ///   - quantized: Of items · tokens rows.
  ///   - items: Number of sequences.
  ///   - tokens: Length of each, 1 to 65,536.
  ///   - queries: How many of each one's first tokens are asked for, 1 to `tokens`; all if `nil`.
  ///   - y: `[items·queries, heads·headSize]`.
  /// - Complexity: O(items · heads · queries · tokens · headSize).
  public func attention(
    _ quantized: QuantizedHeads, items: Int, tokens: Int, queries: Int? = nil,
    into y: MutableBlock<Float>
  ) {
    precondition(items * tokens <= quantized.capacity, "sizes fit")
    if items == 0 { return }
    var attention = unsafe attention(
      .int8, items, tokens, queries, quantized.heads, quantized.headSize, y)
    unsafe quantized.withHeads(rows: items * tokens) { heads in
      unsafe attention.quantized = UnsafePointer(heads)
      unsafe ck_attention_i8_run(pointer, &attention)
    }
  }

  /// Attention without its inputs, once its sizes are checked.
  private func attention(
    _ arithmetic: AttentionArithmetic, _ items: Int, _ tokens: Int, _ queries: Int?, _ heads: Int,
    _ headSize: Int, _ y: MutableBlock<Float>
  ) -> ck_attention {
    precondition(items >= 0 && heads >= 1 && headSize >= 1 && tokens >= 1, "sizes are positive")
    let queries = queries ?? tokens
    precondition(queries >= 1 && queries <= tokens, "queries are tokens")
    precondition(tokens <= 65536 && headSize <= 65536, "sums of bytes fit in 32 bits")
    precondition(y.count >= items * queries * heads * headSize, "sizes fit")
    let scratch = Engine.scratchForAttention(arithmetic, tokens: tokens, headSize: headSize)
    precondition(reserved >= scratch, "scratch memory is reserved")
    var attention = unsafe ck_attention()
    unsafe attention.y = y.pointer
    unsafe attention.items = Int32(items)
    unsafe attention.tokens = Int32(tokens)
    unsafe attention.queries = Int32(queries)
    unsafe attention.heads = Int32(heads)
    unsafe attention.head_size = Int32(headSize)
    return unsafe attention
  }
}
