import Evaluation
import TensorCore
import Testing

@Suite struct DatasetErrorTests {
  @Test func aFileErrorIsToldAsItIs() {
    let error = FileError.empty(path: "a.tsv")
    #expect(DatasetError.file(error).description == error.description)
  }
}
