import ArgumentParser
import Definitions
import LinuxSystem

/// What is said to somebody who gives no command, or one that there is not.
enum FirstSteps {
  /// The three things that one can do.
  static var text: String {
    let command = Tool.command
    return """
      NearMetal: is I/O in a guest on this KVM host as fast as on the metal, and how do you know?

        \(command) host                     what this host is good for, and what is missing
        \(command) run quick --output out   measure for a minute, and say how near it is
        \(command) report out               see it again; out/report.html is for browsers

      \(command) --help has every command, \(command) list what can be measured.

      """
  }

  /// A word in the place of a command that is none; nil where all is well, or is ArgumentParser's to say.
  static func mistaken(_ arguments: [String]) -> String? {
    guard let word = arguments.first, !word.hasPrefix("-") else { return nil }
    let known = commands + ["help"]
    return known.contains(word) || word == ReferenceCommand.configuration.commandName ? nil : word
  }

  /// One line about such a word.
  static func complaint(_ word: String) -> String {
    let question = Spelling.question(word, among: commands)
    return "expected one of \(commands.joined(separator: ", ")), found \(word)\(question)"
  }

  private static var commands: [String] {
    NearMetal.configuration.subcommands.filter { $0.configuration.shouldDisplay }.compactMap {
      $0.configuration.commandName
    }
  }
}
