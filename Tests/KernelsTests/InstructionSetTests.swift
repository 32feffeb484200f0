import Kernels
import Testing

@Suite struct InstructionSetTests {
  @Test func names() {
    #expect(
      InstructionSet.allCases.map(\.name)
        == ["scalar", "avx2", "avxvnni", "avx512vnni", "neon", "dotprod", "i8mm"])
    for set in InstructionSet.allCases { #expect(InstructionSet(name: set.name) == set) }
    #expect(InstructionSet(name: "AVX2") == nil)
    #expect(InstructionSet(name: "") == nil)
  }

  @Test func availability() throws {
    #expect(InstructionSet.scalar.isAvailable)
    #expect(InstructionSet.best.isAvailable)
    #expect(InstructionSet.best == InstructionSet.allCases.last { $0.isAvailable })
    // Of another architecture none is there.
    #if arch(arm64)
      let foreign: [InstructionSet] = [.avx2, .avxvnni, .avx512vnni]
    #else
      let foreign: [InstructionSet] = [.neon, .dotprod, .i8mm]
    #endif
    #expect(foreign.allSatisfy { !$0.isAvailable })
    for set in Configuration.instructionSets {
      #expect(try Engine(instructionSet: set).instructionSet == set)
    }
  }
}
