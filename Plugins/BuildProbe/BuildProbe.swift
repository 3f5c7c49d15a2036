import Foundation
import PackagePlugin

/// Builds the probe guest with the toolchain's own `swiftc`, `clang` and `ld.lld`, so that plain `swift build` and
/// `swift test` build it too. The ELF becomes a resource of the target that uses the plugin.
@main
struct BuildProbe: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    let root = context.package.directoryURL
    let output = context.pluginWorkDirectoryURL
    let script = root.appending(path: "Workloads/Probe/build.sh")
    let sources = try ["Workloads/Probe", "Workloads/Kernels", "Workloads/ABI/include"].flatMap { folder in
      try FileManager.default.contentsOfDirectory(at: root.appending(path: folder), includingPropertiesForKeys: nil)
    }
    let image = output.appending(path: "probe.elf")
    return [
      .buildCommand(
        displayName: "Building the probe guest",
        executable: URL(filePath: "/bin/sh"),
        arguments: [
          script.path, root.path, output.path,
          try context.tool(named: "swiftc").url.path,
          try context.tool(named: "clang").url.path,
          try context.tool(named: "ld.lld").url.path,
        ],
        inputFiles: sources.sorted { $0.path < $1.path },
        outputFiles: [image])
    ]
  }
}
