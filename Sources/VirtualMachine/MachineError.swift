import Devices
import LinuxSystem

/// Why a machine could not be made, loaded or started.
public enum MachineError: Error, CustomStringConvertible, Sendable {
  case system(SystemError)
  case load(LoadError)
  case overlap(BusOverlap)

  public var description: String {
    switch self {
    case .system(let error): error.description
    case .load(let error): error.description
    case .overlap(let error): error.description
    }
  }
}
