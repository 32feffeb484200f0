import CLIPRuntime
import Foundation
import Quantization
import TCMFormat
import TensorCore
import TestSupport
import Testing

/// Sessions that may take little memory.
@Suite struct MemoryLimitTests {
  @Test(arguments: [Recipe.int8, .int4])
  func sameBits(_ recipe: Recipe) throws {
    try Fixture.withFolder { folder in
      let model = try GoldenTests.convert(["text-f16", "image-mixed"], recipe, to: folder)
      let needed = Session.memoryNeeded(model, threads: 2)
      let usual = try Session(model: model, threads: 2)
      let frugal = try Session(model: model, threads: 2, maximumMemory: needed)
      let texts = ["一只猫", "红色的圆", "", "一张城市街道的照片"]
      for padding in [TextPadding.fixed, .none] {
        #expect(
          try frugal.embed(texts: texts, padding: padding).array
            == usual.embed(texts: texts, padding: padding).array)
      }
      let image = try ImageGoldenTests.picture(Fixture.path("demo/cat.jpg"))
      // Twice: the pages that were given back are read again.
      for _ in 0..<2 {
        #expect(try frugal.embed(image: image).array == usual.embed(image: image).array)
      }
      #expect(
        throws: ModelError.memoryLimit(
          path: model.file.path, needed: needed, limit: needed - 1)
      ) { try Session(model: model, threads: 2, maximumMemory: needed - 1) }
    }
  }

  /// Pages of a layer are no longer resident when it has been given back.
  @Test func pagesAreGivenBack() throws {
    try Fixture.withFolder { folder in
      let path = folder + "/x"
      let page = Int(sysconf(Int32(_SC_PAGESIZE)))
      try Data(repeating: 7, count: 64 * page).write(to: URL(fileURLWithPath: path))
      let memory = try InputFile(path: path).map()
      func resident() throws -> Int {
        // Rss of the mapping of this file, in kB, as the system counts it.
        let handle = try #require(FileHandle(forReadingAtPath: "/proc/self/smaps"))
        let maps = String(decoding: try #require(try handle.readToEnd()), as: UTF8.self)
        let lines = maps.split(separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(lines.firstIndex { $0.hasSuffix(path) })
        let line = try #require(lines[start...].first { $0.hasPrefix("Rss:") })
        return try #require(Int(line.split(separator: " ")[1])) * 1024
      }
      #expect(memory.block(at: 0, count: 64 * page, of: UInt8.self).array.allSatisfy { $0 == 7 })
      #expect(try resident() == 64 * page)
      // Only whole pages, so that neighbours stay.
      memory.giveBack(page - 1..<63 * page + 1)
      #expect(try resident() == 2 * page)
      #expect(memory.block(at: 0, count: 64 * page, of: UInt8.self).array.allSatisfy { $0 == 7 })
    }
  }
}
