// swift-tools-version: 6.2
import PackageDescription

/// Every Swift target: Swift 6, warnings are errors, unsafe code is marked.
let swift: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .strictMemorySafety(),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableExperimentalFeature("Lifetimes"),
]

/// Every C target.
///
/// Kernels run in debug builds too, where SwiftPM would compile C without optimization; contraction of
/// a multiply and an add into one rounding is off because every instruction set must give the same bits.
let c: [CSetting] = [
  .enableWarning("all"),
  .enableWarning("extra"),
  .treatAllWarnings(as: .error),
  .unsafeFlags(["-O3", "-ffp-contract=off"]),
]

let parser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")

func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: swift)
}

func tool(
  _ name: String, _ dependencies: [Target.Dependency], _ settings: [SwiftSetting] = []
) -> Target {
  .executableTarget(
    name: name, dependencies: dependencies + [parser], swiftSettings: swift + settings)
}

func test(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(
    name: name, dependencies: dependencies + ["TestSupport"], swiftSettings: swift)
}

let package = Package(
  name: "taiyi-convert",
  products: [
    .executable(name: "taiyi-convert", targets: ["taiyi-convert"]),
    .executable(name: "taiyi", targets: ["taiyi"]),
    .executable(name: "taiyi-bench", targets: ["taiyi-bench"]),
    .executable(name: "taiyi-edge", targets: ["taiyi-edge"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
  ],
  targets: [
    // C
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .target(name: "CPlatform", cSettings: c),
    // OpenBLAS itself is loaded at run time.
    .target(name: "COpenBLAS", cSettings: c, linkerSettings: [.linkedLibrary("dl")]),
    .target(
      name: "CKernels", dependencies: ["CPlatform"], cSettings: c,
      linkerSettings: [.linkedLibrary("m")]),
    .target(
      name: "CImageCodecs", cSettings: c,
      linkerSettings: [.linkedLibrary("jpeg"), .linkedLibrary("png")]),
    .target(
      name: "CTCMSchema", cSettings: [.unsafeFlags(["-O3"])],
      linkerSettings: [.linkedLibrary("protobuf-c")]),

    // The runtime: also compiled as Embedded Swift, so no Foundation.
    library("TensorCore", ["CPlatform"]),
    library("Kernels", ["TensorCore", "CKernels"]),
    library("TCMFormat", ["TensorCore", "Kernels", "CTCMSchema"]),
    library("Tokenization", ["TensorCore"]),
    library("ImageInput", ["TensorCore", "CImageCodecs", "Kernels"]),
    library("CLIPRuntime", ["TCMFormat", "Tokenization", "ImageInput", "Kernels", "TensorCore"]),

    library("Notation", ["TensorCore"]),
    library(
      "Answers",
      [
        "CLIPRuntime", "TCMFormat", "ImageInput", "Notation", "Kernels", "TensorCore", "CPlatform",
      ]),
    .systemLibrary(name: "CTaiyi"),
    .target(
      name: "TaiyiC",
      dependencies: [
        "CTaiyi", "CLIPRuntime", "TCMFormat", "ImageInput", "Answers", "Kernels", "TensorCore",
        "CPlatform",
      ],
      exclude: ["Examples"], swiftSettings: swift),
    library(
      "EdgeTool",
      [
        "Answers", "CLIPRuntime", "TCMFormat", "ImageInput", "Notation", "Kernels", "TensorCore",
        "CPlatform",
      ]),
    .executableTarget(name: "taiyi-edge", dependencies: ["EdgeTool"], cSettings: c),

    // The workstation.
    library("Checkpoints", ["Notation", "TensorCore", "CZlib"]),
    library("ModelFamilies", ["TensorCore", "Notation", "Checkpoints"]),
    library("Quantization", ["TCMFormat", "TensorCore"]),
    library("TCMWriter", ["TensorCore", "TCMFormat", "Kernels", "CPlatform", crypto]),
    library(
      "Conversion",
      [
        "Checkpoints", "ModelFamilies", "Quantization", "TCMWriter", "TCMFormat", "Tokenization",
        "Kernels", "TensorCore", crypto,
      ]),

    library(
      "Evaluation",
      [
        "CLIPRuntime", "Conversion", "Checkpoints", "ModelFamilies", "Quantization", "TCMFormat",
        "TCMWriter", "ImageInput", "Kernels", "Tokenization", "Notation", "TensorCore", "CPlatform",
        crypto,
      ]),

    library(
      "ToolSupport",
      [
        "Answers", "Notation", "TensorCore", "TCMFormat", "TCMWriter", "Kernels", "CPlatform",
        "COpenBLAS", parser,
      ]),
    tool(
      "taiyi-convert",
      [
        "Conversion", "Checkpoints", "ModelFamilies", "Quantization", "TCMWriter", "TCMFormat",
        "Tokenization", "CLIPRuntime", "TensorCore", "Evaluation", "ImageInput", "Kernels",
        "Notation", "Answers", "ToolSupport",
      ]),
    tool(
      "taiyi",
      [
        "Answers", "CLIPRuntime", "TCMFormat", "TCMWriter", "Tokenization", "ImageInput",
        "Kernels", "TensorCore", "Notation", "ToolSupport",
      ]),

    // Measuring
    .target(name: "CPeak", cSettings: c),
    tool(
      "taiyi-bench",
      [
        "CLIPRuntime", "Conversion", "ImageInput", "Kernels", "Quantization", "TCMFormat",
        "TCMWriter", "TensorCore", "Notation", "ToolSupport", "CPlatform", "CPeak",
      ],
      // Rounding a model through every format takes a quarter of an hour otherwise.
      [.unsafeFlags(["-O"])]),

    // Tests
    .target(
      name: "TestSupport", dependencies: ["TensorCore"], path: "Tests/TestSupport",
      swiftSettings: swift),
    test("TensorCoreTests", ["TensorCore", "CFailures"]),
    test("KernelsTests", ["Kernels", "TensorCore"]),
    test("TokenizationTests", ["Tokenization", "TensorCore"]),
    test("ImageInputTests", ["ImageInput", "TensorCore", "CImageCodecs", "CAllocationCounter"]),
    test("CheckpointsTests", ["Checkpoints", "Notation", "TensorCore", crypto]),
    test("ModelFamiliesTests", ["ModelFamilies", "Checkpoints", "Notation", "TensorCore"]),
    test(
      "TCMFormatTests",
      ["TCMFormat", "TCMWriter", "CLIPRuntime", "Kernels", "TensorCore", crypto]),
    test("TCMWriterTests", ["TCMWriter", "TCMFormat", "Kernels", "TensorCore"]),
    test(
      "ConversionTests",
      [
        "Conversion", "Checkpoints", "Kernels", "ModelFamilies", "Quantization", "TCMFormat",
        "TensorCore", "Tokenization", crypto,
      ]),
    .testTarget(
      name: "CommandTests",
      dependencies: [
        "taiyi", "taiyi-bench", "taiyi-convert", "Answers", "Notation", "ImageInput", "Kernels",
        "TCMFormat", "TCMWriter",
        "TensorCore", "TestSupport", "ToolSupport",
      ],
      exclude: ["Snapshots"], swiftSettings: swift),
    test(
      "HostileTests",
      [
        "taiyi", "taiyi-convert", "CLIPRuntime", "Checkpoints", "ImageInput", "TCMFormat",
        "TCMWriter", "TensorCore", "Tokenization", "ToolSupport",
      ]),
    test(
      "EvaluationTests",
      [
        "Evaluation", "CLIPRuntime", "Conversion", "ModelFamilies", "Quantization", "TCMFormat",
        "Kernels", "TensorCore",
      ]),
    test(
      "RuntimeTests",
      [
        "CLIPRuntime", "Conversion", "ImageInput", "Kernels", "Quantization", "TCMFormat",
        "TensorCore", "CAllocationCounter",
      ]),
    .target(name: "CAllocationCounter", path: "Tests/CAllocationCounter", cSettings: c),
    .target(name: "CFailures", path: "Tests/CFailures", cSettings: c),
  ]
)

// libFuzzer brings its own entry point, so this is no target of the usual build: .ci/fuzz asks for it.
if Context.environment["TAIYI_FUZZ"] != nil {
  package.targets.append(
    .executableTarget(
      name: "Fuzz",
      dependencies: [
        "CLIPRuntime", "Checkpoints", "CZlib", "Evaluation", "ImageInput", "Kernels", "Notation",
        "Quantization", "TCMFormat", "TensorCore", "Tokenization",
      ],
      path: "Tests/Fuzz", swiftSettings: [.swiftLanguageMode(.v6)]))
}
