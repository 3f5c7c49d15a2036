import LinuxSystem
import Results

/// A parameter of a workload: what it means, and the values that it may have.
public struct ParameterDefinition: Sendable {
  /// Values that make sense.
  public enum Domain: Sendable {
    case words([String])
    /// Whole numbers of a range, multiples of a step.
    case numbers(ClosedRange<UInt64>, step: UInt64 = 1)
    /// A line of text of at most so many bytes: what it means is for others to say.
    case text(most: Int)
  }

  public let name: String
  public let summary: String
  public let domain: Domain
  /// What holds where it is not given; nil where that depends on the other parameters.
  public let standard: String?
  /// What its numbers count; nil for words.
  public let unit: String?

  init(_ name: String, _ summary: String, _ domain: Domain, standard: String? = nil, unit: String? = nil) {
    self.name = name
    self.summary = summary
    self.domain = domain
    self.standard = standard
    self.unit = unit
  }

  /// An enumeration's words.
  init<Word: RawRepresentable<String> & CaseIterable>(
    _ name: String, _ summary: String, _ words: Word.Type, standard: Word
  ) {
    self.init(name, summary, .words(Word.allCases.map(\.rawValue)), standard: standard.rawValue)
  }

  /// The words that it may be; nil for a number.
  public var choices: [String]? {
    guard case .words(let words) = domain else { return nil }
    return words
  }

  public var isNumber: Bool { if case .numbers = domain { true } else { false } }

  /// Whether a value makes sense.
  public func allows(_ value: ParameterValue) -> Bool {
    switch domain {
    case .words(let words): words.contains(value.text)
    case .numbers(let range, let step): value.quantity.map { range.contains($0) && $0 % step == 0 } ?? false
    case .text(let most):
      (1...most).contains(value.text.utf8.count) && value.text.printable == value.text
        && value.text.trimmed == value.text
    }
  }

  /// The values that it may have: `1 to 1024`, `mmio, pci`.
  public var values: String {
    switch domain {
    case .words(let words): words.joined(separator: ", ")
    case .numbers(let range, let step):
      "\(range.lowerBound) to \(range.upperBound)" + (step > 1 ? ", multiples of \(step)" : "")
    case .text(let most): "a line of at most \(most) bytes"
    }
  }

  /// What a message expects: `qd from 1 to 1024`.
  public var expectation: String {
    switch domain {
    case .words(let words): "\(name) of \(words.joined(separator: ", "))"
    case .numbers(let range, let step):
      "\(name) from \(range.lowerBound) to \(range.upperBound)" + (step > 1 ? ", a multiple of \(step)" : "")
    case .text(let most):
      "\(name): a line of 1 to \(most) bytes without control characters, and without blanks at its ends"
    }
  }
}
