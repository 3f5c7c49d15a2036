import Foundation
import PackagePlugin

/// Builds the emulator's plugin that counts instructions by address, with the toolchain's own `clang`. It becomes a resource of the target
/// that uses it.
@main
struct BuildCounter: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    let source = context.package.directoryURL.appending(path: "Sources/EmulatedHost/Plugin/bill.c")
    let library = context.pluginWorkDirectoryURL.appending(path: "bill.so")
    return [
      .buildCommand(
        displayName: "Building the emulator's plugin",
        executable: try context.tool(named: "clang").url,
        arguments: [
          "-std=c17", "-O2", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared", "-fvisibility=hidden",
          "-fuse-ld=lld", source.path, "-o", library.path,
        ],
        inputFiles: [source], outputFiles: [library])
    ]
  }
}
