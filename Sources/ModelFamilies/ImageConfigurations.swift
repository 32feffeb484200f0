internal import Checkpoints
internal import Notation

/// What the two configurations that may lie beside a vision transformer say about it.
struct ImageConfigurations {
  /// `model_cfg` of `open_clip_config.json`.
  private let model: Setting?
  /// `preprocess_cfg` of `open_clip_config.json`.
  private let preprocess: Setting?
  /// `vision_config` of a CLIP's `config.json`.
  private let vision: Setting?
  /// `preprocessor_config.json`.
  private let preprocessor: Setting?

  /// Finds the parts; a `config.json` of another model is passed over.
  init(_ input: FamilyInput) throws(FamilyError) {
    let root = Setting(input.openCLIPConfiguration)
    // The file of a model in open_clip's own `model_configs` has no `model_cfg` around it.
    let model = root.map { $0["model_cfg"].exists ? $0["model_cfg"] : $0 }
    self.model = model.flatMap { $0["vision_cfg"].exists ? $0 : nil }
    self.preprocess = root.flatMap { $0["preprocess_cfg"].exists ? $0["preprocess_cfg"] : nil }
    preprocessor = Setting(input.preprocessorConfiguration)
    let configuration = Setting(input.configuration)
    if let configuration, configuration["vision_config"].exists {
      vision = configuration["vision_config"]
    } else if let configuration, try configuration["model_type"].string() == "clip_vision_model" {
      vision = configuration
    } else {
      vision = nil
    }
  }

  /// Throws if a configuration contradicts the tensors or asks for another architecture.
  func check(against planner: TablePlanner) throws(FamilyError) {
    if let model {
      let vision = model["vision_cfg"]
      try vision["width"].check(planner.size(.width))
      try vision["layers"].check(planner.layers)
      try vision["patch_size"].check(planner.size(.patch))
      try model["embed_dim"].check(planner.size(.embedding))
      for setting in FamilyTable.visionSettings {
        try vision[setting.key].check(supported: setting.supported)
      }
    }
    if let vision {
      try vision["hidden_size"].check(planner.size(.width))
      try vision["num_hidden_layers"].check(planner.layers)
      try vision["patch_size"].check(planner.size(.patch))
      try vision["intermediate_size"].check(planner.size(.mlp))
    }
  }

  /// The side of the picture: patches times their size, or what a configuration adds at the edge.
  func imageSize(grid: Int, patch: Int) throws(FamilyError) -> Int {
    for setting in [model?["vision_cfg"]["image_size"], vision?["image_size"]] {
      guard let setting, let size = try setting.positive() else { continue }
      if size / patch != grid {
        throw .configurationMismatch(
          path: setting.path, key: setting.key, found: size, expected: grid * patch)
      }
      return size
    }
    return grid * patch
  }

  /// The number of heads and what says so.
  func heads(width: Int) throws(FamilyError) -> (heads: Int, evidence: String)? {
    if let model {
      let setting = model["vision_cfg"]["head_width"]
      guard let headWidth = try setting.positive() else {
        if !width.isMultiple(of: 64) { return nil }
        return (width / 64, "\(setting.fileName): vision_cfg without head_width means 64")
      }
      if !width.isMultiple(of: headWidth) {
        throw .invalidSetting(
          path: setting.path, key: setting.key, expected: "a divisor of the width \(width)")
      }
      return (width / headWidth, "\(setting.fileName): \(setting.key) is \(headWidth)")
    }
    guard let setting = vision?["num_attention_heads"] else { return nil }
    if let heads = try setting.positive() { return (heads, "\(setting.fileName): \(setting.key)") }
    // transformers leaves out of a file what is its default.
    if vision?["hidden_size"].exists ?? false, width.isMultiple(of: 12) {
      return (12, "\(setting.fileName): \(setting.key) absent, so transformers' default")
    }
    return nil
  }

  /// The activation, what says so, and whether it is stated and not merely left at its default.
  func activation() throws(FamilyError) -> (Activation, evidence: String, isStated: Bool)? {
    if let setting = model?["quick_gelu"] {
      if let isQuick = try setting.bool() {
        return (
          isQuick ? .quickGELU : .gelu, "\(setting.fileName): quick_gelu is \(isQuick)", true
        )
      }
      if vision == nil || !(vision?["hidden_act"].exists ?? false) {
        return (.gelu, "\(setting.fileName): quick_gelu absent, so GELU", false)
      }
    }
    guard let setting = vision?["hidden_act"] else { return nil }
    guard let name = try setting.string() else {
      return (
        .quickGELU, "\(setting.fileName): \(setting.key) absent, so transformers' default", false
      )
    }
    switch name {
    case "quick_gelu": return (.quickGELU, "\(setting.fileName): hidden_act is quick_gelu", true)
    case "gelu": return (.gelu, "\(setting.fileName): hidden_act is gelu", true)
    default: throw setting.unsupported(name, ["quick_gelu", "gelu"])
    }
  }

  /// The epsilon of every LayerNorm.
  func normEpsilon(_ findings: inout [Finding]) throws(FamilyError) -> Double {
    if let setting = vision?["layer_norm_eps"], let epsilon = try setting.positiveNumber() {
      findings.append(
        Finding("layer norm epsilon", String(epsilon), "\(setting.fileName): \(setting.key)"))
      return epsilon
    }
    findings.append(
      Finding("layer norm epsilon", "1e-05", "PyTorch's default", isAssumed: true))
    return 1e-5
  }

  /// How a picture becomes the input, whose side is `size`.
  func preprocessing(
    size: Int, isChineseCLIP: Bool, _ findings: inout [Finding]
  ) throws(FamilyError) -> ImagePreprocessing {
    var result = ImagePreprocessing.openAI
    if preprocess == nil, let preprocessor {
      return try Self.huggingFace(preprocessor, size: size, &findings)
    }
    if preprocess == nil, isChineseCLIP {
      // cn_clip/clip/utils.py, image_transform: Resize((size, size)), no crop.
      result.resizeMode = .squash
      findings.append(
        Finding(
          "preprocessing", "mean, deviation, bicubic, both sides to the size",
          "as Chinese-CLIP does", isAssumed: true))
      return result
    }
    guard let preprocess else {
      findings.append(
        Finding(
          "preprocessing", "mean, deviation, bicubic, shortest side",
          "OpenAI's, which is open_clip's default", isAssumed: true))
      return result
    }
    var defaults: [String] = []
    if let mean = try preprocess["mean"].colours(positive: false) {
      result.mean = mean
    } else {
      defaults.append("mean")
    }
    if let deviation = try preprocess["std"].colours(positive: true) {
      result.standardDeviation = deviation
    } else {
      defaults.append("std")
    }
    if let interpolation = try preprocess["interpolation"].choice(
      ImagePreprocessing.Interpolation.self)
    {
      result.interpolation = interpolation
    } else {
      defaults.append("interpolation")
    }
    if let mode = try preprocess["resize_mode"].choice(ImagePreprocessing.ResizeMode.self) {
      result.resizeMode = mode
    } else {
      defaults.append("resize_mode")
    }
    if let mode = try preprocess["mode"].string(), mode != "RGB" {
      throw preprocess["mode"].unsupported(mode, ["RGB"])
    }
    findings.append(Finding("preprocessing", "given", "\(preprocess.fileName): preprocess_cfg"))
    if !defaults.isEmpty {
      findings.append(
        Finding(
          "preprocessing", "default " + defaults.joined(separator: ", "),
          "absent in \(preprocess.fileName): open_clip's defaults are OpenAI's", isAssumed: true))
    }
    return result
  }

  /// What `CLIPImageProcessor` and `ChineseCLIPImageProcessor` of transformers do with these settings.
  private static func huggingFace(
    _ settings: Setting, size: Int, _ findings: inout [Finding]
  ) throws(FamilyError) -> ImagePreprocessing {
    var result = ImagePreprocessing.openAI
    for key in ["do_resize", "do_normalize", "do_rescale"]
    where try settings[key].bool() == false {
      throw settings[key].unsupported("false", ["true"])
    }
    if let factor = try settings["rescale_factor"].positiveNumber(), abs(factor * 255 - 1) > 1e-6 {
      throw settings["rescale_factor"].unsupported(String(factor), ["0.00392156862745098"])
    }
    result.mean = try settings["image_mean"].colours(positive: false) ?? result.mean
    result.standardDeviation =
      try settings["image_std"].colours(positive: true) ?? result.standardDeviation
    switch try settings["resample"].positive() {
    case nil, 3: result.interpolation = .bicubic
    case 2: result.interpolation = .bilinear
    case .some(let other): throw settings["resample"].unsupported(String(other), ["3", "2"])
    }
    let crops = try settings["do_center_crop"].bool() ?? true
    if crops, settings["crop_size"].exists { try checkSide(settings["crop_size"], size) }
    if settings["size"]["height"].exists {
      try checkSide(settings["size"], size)
      result.resizeMode = .squash
    } else {
      if settings["size"].exists { try checkSide(settings["size"], size) }
      if !crops { throw settings["do_center_crop"].unsupported("false", ["true"]) }
      result.resizeMode = .shortest
    }
    findings.append(Finding("preprocessing", "given", settings.fileName))
    return result
  }

  /// Throws unless a size, given as a number, a shortest edge, or height and width, is the tower's.
  private static func checkSide(_ setting: Setting, _ size: Int) throws(FamilyError) {
    if setting["height"].exists || setting["width"].exists {
      try setting["height"].check(size)
      try setting["width"].check(size)
    } else if setting["shortest_edge"].exists {
      try setting["shortest_edge"].check(size)
    } else {
      try setting.check(size)
    }
  }
}
