import Definitions
import LinuxSystem
import Results

/// The disk image of a run, or why there is none.
public enum DiskSupply: Sendable {
  /// No workload needs one.
  case none
  /// Made for the run.
  case image(RunDisk)
  /// There before the run.
  case given(GivenDisk)
  /// It could not be made: the reason of every leg that needs it.
  case unavailable(String)

  /// What is wrong with it by now; nil where nothing is.
  public var problem: String? {
    switch self {
    case .none, .given: nil
    case .image(let image): image.problem
    case .unavailable(let reason): reason
    }
  }

  /// What it lies on; nil where there is none, or it cannot be looked at.
  public var storage: StorageRecord? {
    switch self {
    case .none, .unavailable: nil
    case .image(let image): StorageRecord(path: image.path)
    case .given(let disk): StorageRecord(path: disk.path)
    }
  }

  /// Bytes; 0 where there is none.
  var size: UInt64 {
    switch self {
    case .none, .unavailable: 0
    case .image(let image): image.size
    case .given(let disk): disk.size
    }
  }

  /// Seed of the pattern that it holds; nil where nobody knows what it holds, so that nothing can be verified.
  var seed: UInt64? { if case .image(let image) = self { image.seed } else { nil } }

  /// The disk of a leg; nil where none has one.
  func leg(_ disk: DiskSpecification) throws(SystemError) -> LegDisk? {
    switch self {
    case .none, .unavailable: nil
    case .image(let image): try image.leg(disk)
    case .given(let given): given.leg(disk)
    }
  }

  /// Why legs of a group may not have it open at the same time; nil where they may.
  public func turnObstacle(_ group: SessionGroup) -> String? {
    guard case .given(let disk) = self, disk.mayAllocate, group.sessions.contains(where: \.writesDisk) else {
      return nil
    }
    return "the image \(disk.path) has blocks to allocate, which only one leg at a time can do"
  }
}
