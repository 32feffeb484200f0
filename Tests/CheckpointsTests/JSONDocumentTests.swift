import Checkpoints
import Notation
import Testing

@Suite struct JSONDocumentTests {
  private func parse(_ text: String) throws(JSONError) -> JSONValue {
    try JSONDocument(Array(text.utf8)).root
  }

  private func sentence(_ bytes: [UInt8], _ limits: JSONDocument.Limits = .init()) -> String {
    do throws(JSONError) {
      _ = try JSONDocument(bytes, limits: limits)
      return "accepted"
    } catch { return error.description }
  }

  @Test func valuesAndOrder() throws {
    let root = try parse(
      #" {"b": [1, -2.5e1, true, false, null, "x"], "a": {}, "": [[], [[3]]]} "#)
    let members = try #require(root.members)
    #expect(members.map(\.key) == ["b", "a", ""])
    let elements = try #require(root["b"]?.elements)
    #expect(elements.count == 6)
    #expect(elements[0].int == 1)
    #expect(elements[1].double == -25)
    #expect(elements[1].int == nil)
    #expect(elements[2].bool == true)
    #expect(elements[3].bool == false)
    #expect(elements[4].isNull)
    #expect(elements[5].string == "x")
    #expect(root["a"]?.isObject == true)
    #expect(root["a"]?.count == 0)
    #expect(root[""]?.elements?[1].elements?[0].elements?[0].int == 3)
    #expect(root["c"] == nil)
    #expect(root["b"]?.offset == 7)
    #expect(elements[5].offset == 38)
  }

  @Test func wrongKindsGiveNil() throws {
    let root = try parse(#"{"s": "1", "n": 1}"#)
    #expect(root["s"]?.int == nil)
    #expect(root["s"]?.double == nil)
    #expect(root["s"]?.bool == nil)
    #expect(root["s"]?.elements == nil)
    #expect(root["s"]?["x"] == nil)
    #expect(try parse(#"["x", 1]"#)["x"] == nil)
    #expect(root["n"]?.string == nil)
    #expect(root.elements == nil)
    #expect(root.string == nil)
  }

  @Test(arguments: [
    ("9223372036854775807", Int.max), ("-9223372036854775808", Int.min), ("0", 0), ("-0", 0),
  ])
  func integers(_ text: String, _ value: Int) throws {
    #expect(try parse(text).int == value)
  }

  @Test(arguments: ["9223372036854775808", "-9223372036854775809", "1.0", "1e3", "1E0"])
  func notIntegers(_ text: String) throws {
    #expect(try parse(text).int == nil)
    #expect(try parse(text).number == text)
  }

  @Test func doubles() throws {
    #expect(try parse("1e400").double == nil)
    #expect(try parse("0.1").double == 0.1)
    #expect(try parse("1e-12").double == 1e-12)
  }

  // The right-hand sides are what Python's json.loads gives.
  @Test func escapes() throws {
    #expect(try parse(#""\"\\\/\b\f\n\r\t""#).string == "\"\\/\u{8}\u{C}\n\r\t")
    #expect(try parse(#""\u0041\u00e9\u732b\uD83D\ude00""#).string == "A\u{E9}\u{732B}\u{1F600}")
    #expect(try parse(#""猫é😀""#).string == "猫é😀")
    #expect(try parse(#"{"\u0061": 1}"#)["a"]?.int == 1)
  }

  @Test func namesAreComparedByteByByte() throws {
    let root = try parse("{\"e\u{301}\": 1, \"\u{E9}\": 2}")
    #expect(root.count == 2)
    #expect(root["\u{E9}"]?.int == 2)
    #expect(root["e\u{301}"]?.int == 1)
  }

  @Test(arguments: [
    ("", "the text is empty"),
    (" \n", "the text is empty"),
    ("{", #"the text ends at byte 1, expected a key in quotes or "}""#),
    ("[1,]", #"byte 3: found "]", expected a value"#),
    (#"{"a":1,}"#, #"byte 7: found "}", expected a key in quotes"#),
    ("{,}", #"byte 1: found ",", expected a key in quotes or "}""#),
    ("[,]", #"byte 1: found ",", expected a value or "]""#),
    ("{1:2}", #"byte 1: found "1", expected a key in quotes or "}""#),
    (#"{"a" 1}"#, #"byte 5: found "1", expected ":""#),
    (#"{"a":1 "b":2}"#, #"byte 7: found """, expected "," or "}""#),
    ("[1 2]", #"byte 3: found "2", expected "," or "]""#),
    ("[1}", #"byte 2: found "}", expected "," or "]""#),
    (#"{"a":1]"#, #"byte 6: found "]", expected "," or "}""#),
    ("1 2", #"byte 2: found "2", expected the end of the text"#),
    ("{}\0", "byte 2: found 0x00, expected the end of the text"),
    ("tru", "the text ends at byte 3, expected true, false or null"),
    ("nule", #"byte 3: found "e", expected true, false or null"#),
    ("NaN", #"byte 0: found "N", expected a value"#),
    ("'a'", #"byte 0: found "'", expected a value"#),
    ("+1", #"byte 0: found "+", expected a value"#),
    ("01", "byte 0: not a JSON number"),
    ("-", "byte 0: not a JSON number"),
    ("1.", "byte 0: not a JSON number"),
    (".5", #"byte 0: found ".", expected a value"#),
    ("1e", "byte 0: not a JSON number"),
    ("[1e+]", "byte 1: not a JSON number"),
    (#"{"a":1,"b":2,"a":3}"#, #"byte 13: the key "a" appears twice"#),
    (#"{"a":1,"\u0061":3}"#, #"byte 7: the key "a" appears twice"#),
    (#"[{"x":{"k":1,"k":1}}]"#, #"byte 13: the key "k" appears twice"#),
    (
      #"{"1":0,"2":0,"3":0,"4":0,"5":0,"6":0,"7":0,"8":0,"9":0,"1":0}"#,
      #"byte 55: the key "1" appears twice"#
    ),
    (#""a"#, "the text ends at byte 2, expected the closing quote of a string"),
    (#""\"#, "the text ends at byte 2, expected the closing quote of a string"),
    (#""\x""#, "byte 1: not a JSON escape"),
    (#""\u12g4""#, "byte 1: not a JSON escape"),
    (#""\u12"#, "byte 1: not a JSON escape"),
    (#""\ud800""#, "byte 1: half of a surrogate pair"),
    (#""\ud800x""#, "byte 1: half of a surrogate pair"),
    (#""\ud800xudc00""#, "byte 1: half of a surrogate pair"),
    (#""\ud800\n""#, "byte 1: half of a surrogate pair"),
    (#""\ud800\u0041""#, "byte 1: half of a surrogate pair"),
    (#""\udc00""#, "byte 1: half of a surrogate pair"),
    ("\"a\nb\"", "byte 2: control character 0x0A in a string"),
    ("\u{FEFF}{}", "byte 0: a byte order mark is not allowed"),
  ])
  func refused(_ text: String, _ expected: String) {
    #expect(sentence(Array(text.utf8)) == expected)
  }

  /// Ill-formed sequences of the Unicode standard's table 3-7, one of each kind.
  @Test(
    arguments: [
      [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xC2, 0x41], [0xE0, 0x9F, 0xBF], [0xE1, 0x80],
      [0xED, 0xA0, 0x80], [0xEF, 0xBF], [0xF0, 0x8F, 0xBF, 0xBF], [0xF1, 0x80, 0x80],
      [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF],
    ] as [[UInt8]])
  func invalidUTF8(_ bytes: [UInt8]) {
    let quote = UInt8(ascii: "\"")
    #expect(sentence([quote] + bytes + [quote]) == "byte 1: not valid UTF-8")
  }

  @Test func limits() {
    func nested(_ depth: Int) -> [UInt8] {
      [UInt8](repeating: 0x5B, count: depth) + [UInt8](repeating: 0x5D, count: depth)
    }
    #expect(sentence(nested(64)) == "accepted")
    #expect(sentence(nested(65)) == "byte 64: nested deeper than 64 levels")
    #expect(
      sentence([UInt8](repeating: 0x5B, count: 1 << 20)) == "byte 64: nested deeper than 64 levels")
    let digits = [UInt8](repeating: 0x31, count: 65)
    #expect(sentence(Array(digits.prefix(64))) == "accepted")
    #expect(sentence(digits) == "byte 0: a number of more than 64 characters")
    var limits = JSONDocument.Limits()
    limits.memberCount = 2
    #expect(sentence(Array(#"{"a":1,"b":2}"#.utf8), limits) == "accepted")
    #expect(
      sentence(Array(#"{"a":1,"b":2,"c":3}"#.utf8), limits)
        == "byte 13: more than 2 members of an object")
    limits.valueCount = 3
    #expect(sentence(Array("[1,2]".utf8), limits) == "accepted")
    #expect(sentence(Array("[1,2,3]".utf8), limits) == "byte 6: more than 3 values")
    #expect(
      sentence(digits, .init(byteCount: 64)) == "the text is 65 bytes long, at most 64 are accepted"
    )
  }

  @Test func damageNeverTraps() {
    let text = Array(#"{"a\u00e9":[1,-2.5e+3,{"b":"é😀\ud83d\ude00"}],"c":null,"d":true}"#.utf8)
    var accepted = 0
    for index in text.indices {
      #expect(sentence(Array(text.prefix(index))) != "accepted")
      for value in UInt8.min...UInt8.max {
        var damaged = text
        damaged[index] = value
        if sentence(damaged) == "accepted" { accepted += 1 }
      }
    }
    // At least the undamaged text, once for each byte.
    #expect(accepted >= text.count)
    #expect(accepted < text.count * 256)
  }
}
