import Kernels
import Testing

@Suite struct ContractionTests {
  /// With a = 1 + 2⁻¹², a·a = 1 + 2⁻¹¹ + 2⁻²⁴ rounds to 1 + 2⁻¹¹: two roundings give 0, one 2⁻²⁴.
  ///
  /// Fails without `-ffp-contract=off` where the instruction set has a fused multiply-add.
  @Test(arguments: Configuration.instructionSets)
  func multiplyAndAddAreTwoRoundings(_ instructionSet: InstructionSet) {
    let a: Float = 1 + 0x1p-12
    let c: Float = -(1 + 0x1p-11)
    #expect(c.addingProduct(a, a) == 0x1p-24)
    #expect(KernelProbe.multiplyAdd(a, a, c, instructionSet) == 0)
  }
}
