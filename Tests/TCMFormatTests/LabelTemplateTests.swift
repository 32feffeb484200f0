import Testing

@testable import TCMFormat

/// Labels in templates.
@Suite struct LabelTemplateTests {
  @Test func everyPlaceTakesTheLabel() {
    #expect(LabelTemplate.text(of: "猫", in: "{}和{c},{ c}{") == "猫和猫,{ c}{")
    #expect(LabelTemplate.text(of: "猫", in: "a{c}") == "a猫")
    #expect(LabelTemplate.isTemplate("a{c}") && LabelTemplate.isTemplate("{}"))
    #expect(!LabelTemplate.isTemplate("{ c}{c{"))
  }

  /// Each place of a template takes the whole label, so their lengths multiply.
  @Test func lengthsAreBounded() throws {
    let label = String(repeating: "a", count: 1_000)
    let fits = String(repeating: "{}", count: 65) + String(repeating: "b", count: 536)
    try LabelTemplate.check(["b", label], ["{}", fits])
    #expect(LabelTemplate.text(of: label, in: fits).utf8.count == LabelTemplate.textLimit)
    let error = LabelTextError(label: 1, template: 2, byteCount: 65_537)
    #expect(throws: error) { try LabelTemplate.check(["b", label], ["{}", fits, fits + "b"]) }
    #expect(
      error.description
        == "label 2 in template 3 makes a text of 65537 bytes, at most 65536 are taken")
    let long = String(repeating: "{}", count: 4_000_000)
    #expect(throws: LabelTextError(label: 0, template: 0, byteCount: 4_000_000_000)) {
      try LabelTemplate.check([label], [long])
    }
    // Without a template nothing multiplies.
    try LabelTemplate.check([long], [])
    try LabelTemplate.check([], [long])
  }
}
