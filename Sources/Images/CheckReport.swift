/// What a check may set right.
public enum CheckRepair: String, Sendable, CaseIterable {
  case none
  /// Space that nothing refers to. Cannot lose anything.
  case leaks
  /// Whatever can be.
  case all
}

/// What a check found, under the names that `qemu-img check --output json` uses.
public struct CheckReport: Encodable, Sendable, Equatable {
  public var filename: String
  public var format: ImageFormat
  /// Metadata that contradicts other metadata, so that data may be wrong or become wrong.
  public var corruptions = 0
  /// Blocks that take space and that nothing refers to.
  public var leaks = 0
  public var corruptionsFixed = 0
  public var leaksFixed = 0
  /// Blocks that the disk has, and those that are allocated.
  public var totalClusters: UInt64 = 0
  public var allocatedClusters: UInt64 = 0
  /// Where the last thing that is referred to ends in the file.
  public var imageEndOffset: UInt64 = 0
  /// The first findings, in words.
  public private(set) var findings: [String] = []

  /// Findings that are said in words; the others are counted.
  private static let most = 20

  init(_ driver: any ImageDriver) {
    filename = driver.files[0].path
    format = driver.format
    totalClusters = driver.size.divided(roundingUp: driver.blockSize)
  }

  mutating func say(_ finding: String) {
    if findings.count < Self.most { findings.append(finding) }
  }

  mutating func corruption(_ finding: String, fixed: Bool = false) {
    if fixed { corruptionsFixed += 1 } else { corruptions += 1 }
    say(fixed ? "\(finding); set right" : finding)
  }

  mutating func leak(_ finding: String, fixed: Bool = false) {
    if fixed { leaksFixed += 1 } else { leaks += 1 }
    say(fixed ? "\(finding); set right" : finding)
  }

  /// Whether nothing is wrong any more.
  public var isClean: Bool { corruptions == 0 && leaks == 0 }

  private enum CodingKeys: String, CodingKey {
    case filename, format, corruptions, leaks, findings
    case corruptionsFixed = "corruptions-fixed"
    case leaksFixed = "leaks-fixed"
    case totalClusters = "total-clusters"
    case allocatedClusters = "allocated-clusters"
    case imageEndOffset = "image-end-offset"
  }
}
