import VirtualMachine

/// Our monitor's machine, in files where KVM's `VirtualMachine` hides the module of that name and `Results` has machines too.
typealias GuestMachine = VirtualMachine.Machine
