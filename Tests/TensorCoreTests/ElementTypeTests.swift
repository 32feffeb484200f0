import TensorCore
import Testing

@Suite struct ElementTypeTests {
  @Test func sizesFollowFromTheNames() {
    for type in ElementType.allCases where type != .bool {
      #expect(type.name.drop { !$0.isNumber } == "\(type.byteCount * 8)", "\(type)")
    }
    #expect(ElementType.bool.name == "BOOL" && ElementType.bool.byteCount == 1)
    #expect(Set(ElementType.allCases.map(\.name)).count == ElementType.allCases.count)
    #expect(ElementType.allCases.filter(\.isFloat).map(\.name) == ["F64", "F32", "F16", "BF16"])
  }
}
