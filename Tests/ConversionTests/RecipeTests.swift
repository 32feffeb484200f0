import Quantization
import Testing

/// Recipes as text.
@Suite struct RecipeTests {
  /// Every recipe is what its own text says.
  @Test(arguments: Recipe.all)
  func roundTrip(recipe: Recipe) throws {
    #expect(try Recipe(parsing: recipe.lines) == recipe)
    #expect(Recipe.named(recipe.name) == recipe)
  }

  @Test func theLastRuleDecides() throws {
    let recipe = try Recipe(
      parsing: """
        # A comment, and an empty line:

        name my-recipe_1.0   # behind a line, too
        smoothing 0.25
        store * int4
        \tstore *.mlp.down.weight  int8
        store image.layers.1*.weight f16
        store image.layers.11.mlp.down.weight f32
        """.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
    #expect(recipe.name == "my-recipe_1.0" && recipe.smoothing == 0.25)
    let expected: [(String, Recipe.Scheme)] = [
      ("text.embeddings.word", .int4), ("text.layers.0.mlp.down.weight", .int8),
      ("text.layers.0.mlp.down.bias", .int4), ("image.layers.1.mlp.up.weight", .f16),
      ("image.layers.1.mlp.down.weight", .f16), ("image.layers.11.mlp.down.weight", .f32),
      ("image.layers.2.mlp.down.weight", .int8), ("mlp.down.weight", .int4), ("", .int4),
    ]
    for (name, scheme) in expected { #expect(recipe.scheme(of: name) == scheme, "\(name)") }
  }

  @Test func patterns() {
    func fits(_ pattern: String, _ name: String) -> Bool {
      let rules = [Recipe.Rule("*", .f32), Recipe.Rule(pattern, .int8)]
      return Recipe(name: "x", smoothing: nil, rules: rules).scheme(of: name) == .int8
    }
    #expect(fits("a*b*c", "abc") && fits("a*b*c", "aXbYbc") && fits("*", "") && fits("**a", "a"))
    #expect(!fits("a*b*c", "abcd") && !fits("a", "ab") && !fits("ab", "a") && !fits("a*", "b"))
    // Many stars take no more than the product of both lengths.
    let name = String(repeating: "a", count: 256)
    #expect(!fits(String(repeating: "a*", count: 127) + "b", name))
  }

  @Test(arguments: [
    (
      ["name a", "store * int8", "stare x int8"],
      "line 3: expected name NAME, smoothing SHARE or store PATTERN SCHEME, found \"stare x int8\""
    ),
    (
      ["name a", "store * int3"],
      "line 2: expected store PATTERN and one of f32, f16, int8, int4, found \"store * int3\""
    ),
    (
      ["name a", "store 猫 int8"],
      "line 2: expected store PATTERN and one of f32, f16, int8, int4, found \"store 猫 int8\""
    ),
    (
      ["name a", "smoothing 1.5"],
      "line 2: expected smoothing of 0 to 1, or none, found \"smoothing 1.5\""
    ),
    (
      ["name a", "smoothing nan"],
      "line 2: expected smoothing of 0 to 1, or none, found \"smoothing nan\""
    ),
    (
      ["name a b", "store * int8"],
      "line 1: expected name NAME, smoothing SHARE or store PATTERN SCHEME, found \"name a b\""
    ),
    (
      ["name a/b"],
      "line 1: expected one name of letters, digits, \"-\", \"_\" and \".\", found \"name a/b\""
    ),
    (
      ["name a", "name b"],
      "line 2: expected one name of letters, digits, \"-\", \"_\" and \".\", found \"name b\""
    ),
    (["store * int8"], "the recipe has no name: expected a line such as \"name my-recipe\""),
    (
      ["name a"], "the first rule is not for every tensor: expected a line such as \"store * int8\""
    ),
    (
      ["name a", "store image.* int8", "store * int8"],
      "the first rule is not for every tensor: expected a line such as \"store * int8\""
    ),
  ])
  func refusals(lines: [String], sentence: String) {
    let error = #expect(throws: RecipeError.self) { try Recipe(parsing: lines) }
    #expect(error?.description == sentence)
  }
}
