// swift-tools-version: 6.2
import Foundation
import PackageDescription

/// Settings of every Swift target: Swift 6 language mode comes with the tools version; unsafe code is marked.
/// `ci/test` sets NEARMETAL_STRICT so that a warning fails the build there, and only there.
let strict = ProcessInfo.processInfo.environment["NEARMETAL_STRICT"] != nil
let settings: [SwiftSetting] =
  [.strictMemorySafety(), .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("MemberImportVisibility")]
  + (strict ? [.treatAllWarnings(as: .error)] : [])

func library(
  _ name: String, _ dependencies: [Target.Dependency] = [], path: String? = nil, exclude: [String] = [],
  resources: [Resource]? = nil, plugins: [Target.PluginUsage]? = nil
) -> Target {
  .target(
    name: name, dependencies: dependencies, path: path, exclude: exclude, resources: resources, swiftSettings: settings,
    plugins: plugins)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource]? = nil) -> Target {
  .testTarget(name: name, dependencies: dependencies, path: "Tests/\(name)", resources: resources, swiftSettings: settings)
}

let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")
let textTable = Target.Dependency.product(name: "TextTable", package: "TextTable")
let histogram = Target.Dependency.product(name: "Histogram", package: "hdrhistogram-swift")

let package = Package(
  name: "NearMetal",
  products: [.executable(name: "nearmetal", targets: ["nearmetal"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
    .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    .package(url: "https://github.com/ordo-one/TextTable", from: "0.0.2"),
  ],
  targets: [
    // C: constants, flexible arrays, system libraries.
    .target(name: "CLinux"),
    .systemLibrary(name: "CPfm", pkgConfig: "pfm", providers: [.apt(["libpfm4-dev"])]),
    .systemLibrary(name: "CNuma", pkgConfig: "numa", providers: [.apt(["libnuma-dev"])]),
    .target(name: "ProbeABI", path: "Workloads/ABI"),

    // The host: from descriptors to virtual machines.
    library("LinuxSystem", ["CLinux", systemPackage]),
    library("KVM", ["CLinux", "LinuxSystem", systemPackage]),
    library("GuestMemory", ["LinuxSystem", systemPackage]),
    library("Storage", ["CLinux", "LinuxSystem", systemPackage]),
    library("Devices", ["GuestMemory", "Storage"]),
    library("VirtualMachine", ["KVM", "GuestMemory", "Devices", "LinuxSystem", systemPackage]),
    library("Counters", ["CLinux", "CPfm", "LinuxSystem", systemPackage]),
    library("Topology", ["CLinux", "CNuma", "LinuxSystem", systemPackage]),

    // The work: one source, compiled for the host here and for the guest by the plugin.
    library("Kernels", ["ProbeABI"], path: "Workloads/Kernels"),
    .plugin(name: "BuildProbe", capability: .buildTool()),
    library("Probe", ["ProbeABI", "LinuxSystem", histogram, systemPackage], plugins: ["BuildProbe"]),

    // The method: pure mathematics, what is kept, what is run, what is shown.
    library("Statistics"),
    library("Results", ["Statistics", histogram]),
    library(
      "Runner",
      [
        "VirtualMachine", "Probe", "Kernels", "Storage", "Counters", "Topology", "Results", "Statistics", "LinuxSystem", yams,
        logging, systemPackage,
      ], resources: [.copy("Suites")]),
    library("Reports", ["Results", "Statistics", mustache, textTable], resources: [.copy("Templates")]),
    .executableTarget(
      name: "nearmetal",
      dependencies: ["Runner", "Reports", "Results", "Topology", "Counters", "KVM", argumentParser, logging, textTable],
      swiftSettings: settings),

    tests("StatisticsTests", ["Statistics"]),
    tests("ResultsTests", ["Results", histogram]),
    tests("ReportsTests", ["Reports", "Results", "Statistics"]),
  ]
)
