import Foundation

/// Options that CI systems set once for all jobs, by variables of the environment. What the command line says goes before them.
enum EnvironmentArguments {
  /// Options by verb. `--blocks` is the variable NEARMETAL_BLOCKS.
  private static let options = [
    "run": ["output", "blocks", "seed", "disk-directory", "placement", "format", "report"],
    "gate": ["suite", "output", "blocks", "seed", "disk-directory", "placement", "format"],
    "calibrate": ["blocks", "seed", "disk-directory", "format"],
    "qualify": ["output", "disk-directory", "format"],
  ]

  /// Options beside which others are refused.
  private static let obstacles = ["blocks": ["--until"]]

  /// The words behind the program's name, with options from the environment behind them.
  static func completed(_ words: [String], _ environment: [String: String]) -> [String] {
    guard let verb = words.first, let names = options[verb], !has("--resume", words) else { return words }
    return names.reduce(into: words) { words, name in
      let variable = "NEARMETAL_" + name.uppercased().replacingOccurrences(of: "-", with: "_")
      guard let value = environment[variable], !value.isEmpty, !has("--\(name)", words),
        !(obstacles[name] ?? []).contains(where: { has($0, words) }), !words.contains("--help"), !words.contains("-h")
      else { return }
      words.append("--\(name)=\(value)")
    }
  }

  private static func has(_ option: String, _ words: [String]) -> Bool {
    words.contains { $0 == option || $0.hasPrefix("\(option)=") }
  }
}
