import Devices
import LinuxBoot
import LinuxSystem
import Multiboot

/// Why a machine could not be made, loaded or started.
public enum MachineError: Error, CustomStringConvertible, Sendable {
  case system(SystemError)
  case load(LoadError)
  case boot(LinuxBootError)
  case multiboot(MultibootError)
  case overlap(BusOverlap)
  case other(String)

  /// Sorts an error of the assembly into its kind.
  init(_ error: any Error) {
    switch error {
    case let error as SystemError: self = .system(error)
    case let error as BusOverlap: self = .overlap(error)
    case let error as MachineError: self = error
    default: self = .other("\(error)")
    }
  }

  public var description: String {
    switch self {
    case .system(let error): error.description
    case .load(let error): error.description
    case .boot(let error): error.description
    case .multiboot(let error): error.description
    case .overlap(let error): error.description
    case .other(let text): text
    }
  }
}
