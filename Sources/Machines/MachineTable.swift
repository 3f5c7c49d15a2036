import Results

/// Every machine there is.
public enum MachineTable {
  public static subscript(_ machine: Machine) -> any SessionMachine {
    switch machine {
    case .native: NativeMachine()
    case .nearmetal: NearMetalMachine()
    case .qemu: QEMUMachine()
    }
  }
}
