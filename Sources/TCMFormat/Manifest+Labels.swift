internal import TensorCore

extension Manifest {
  /// The rules of label banks in section 6.
  ///
  /// - Parameter index: The place of each tensor by name.
  func validate(
    _ bank: LabelBankRecord, _ index: [String: Int], _ fail: Fail
  ) throws(TCMError) {
    if bank.textIdentity.count != 32 {
      throw fail(
        "6.12", "label bank", "the text identity has 32 bytes, found \(bank.textIdentity.count)")
    }
    if !(1...TCMLayout.widthLimit).contains(bank.width) {
      throw fail("6.12", "label bank", "a width of \(bank.width)")
    }
    if !(2...TCMLayout.tokenLimit).contains(bank.contextLength) {
      throw fail("6.12", "label bank", "a context of \(bank.contextLength)")
    }
    try Manifest.checkCounts(
      labels: bank.labels.count, templates: bank.templates.count, fail)
    for template in bank.templates where !LabelTemplate.isTemplate(template) {
      throw fail("6.13", "label bank", "a template has no place for the label")
    }
    let shape = [bank.labels.count, bank.width]
    guard let place = index[LabelBankRecord.tensorName], tensors[place].encoding == .float32,
      tensors[place].shape == shape
    else {
      throw fail(
        "6.14", "label bank",
        "\(LabelBankRecord.tensorName) is not there as f32 [\(shape[0]), \(shape[1])]")
    }
  }

  /// Checks how many labels and templates there are.
  static func checkCounts(labels: Int, templates: Int, _ fail: Fail) throws(TCMError) {
    if !(1...TCMLayout.labelLimit).contains(labels) {
      throw fail("6.13", "label bank", "\(labels) labels, 1 to \(TCMLayout.labelLimit) allowed")
    }
    if templates > TCMLayout.templateLimit {
      throw fail(
        "6.13", "label bank", "\(templates) templates, at most \(TCMLayout.templateLimit)")
    }
  }
}
