import TensorCore
import Testing

@Suite struct CheckedArithmeticTests {
  @Test func sums() {
    #expect(3.adding(4) == 7)
    #expect(Int.max.adding(0) == .max)
    #expect(Int.max.adding(1) == nil)
    #expect(Int.min.adding(-1) == nil)
  }

  @Test func products() {
    #expect(3.multiplied(by: -4) == -12)
    #expect((1 << 32).multiplied(by: 1 << 30) == 1 << 62)
    #expect((1 << 32).multiplied(by: 1 << 31) == nil)
    #expect(Int.min.multiplied(by: -1) == nil)
  }

  @Test func rounding() {
    #expect(0.rounded(upTo: 64) == 0)
    #expect(1.rounded(upTo: 64) == 64)
    #expect(64.rounded(upTo: 64) == 64)
    #expect(65.rounded(upTo: 64) == 128)
    #expect((Int.max - 62).rounded(upTo: 64) == nil)
    #expect((Int.max - 63).rounded(upTo: 64) == Int.max - 63)
  }

  @Test func elementCounts() {
    #expect(elementCount(of: []) == 1)
    #expect(elementCount(of: [21128, 768]) == 16_226_304)
    #expect(elementCount(of: [3, 0, 5]) == 0)
    #expect(elementCount(of: [-1]) == nil)
    #expect(elementCount(of: [0, -1]) == nil)
    #expect(elementCount(of: [1 << 32, 1 << 31]) == nil)
    // Zero elements, but a product of the others that does not fit is no shape either.
    #expect(elementCount(of: [0, 1 << 32, 1 << 31]) == nil)
  }
}
