import Foundation

/// The YAML files that come with the program: what to measure, what to hold it against, what a host must be to qualify.
public enum Shipped {
  /// A folder of files.
  public enum Kind: String, CaseIterable, Sendable {
    case suites = "Suites"
    case claims = "Claims"
    case profiles = "Profiles"
  }

  /// Names of the files of a kind, without their ending, sorted.
  public static func names(_ kind: Kind) -> [String] {
    Bundle.module.paths(forResourcesOfType: "yaml", inDirectory: kind.rawValue)
      .map { URL(filePath: $0).deletingPathExtension().lastPathComponent }.sorted()
  }

  /// The path of a file by its name; nil where there is no such file.
  public static func path(_ name: String, _ kind: Kind) -> String? {
    Bundle.module.url(forResource: name, withExtension: "yaml", subdirectory: kind.rawValue)?.path
  }
}
