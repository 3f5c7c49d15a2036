import Kernels

/// The far end of a wire with memory of its own. One thread at a time uses it.
@safe final class FarEnd: @unchecked Sendable {
  // @unchecked: whoever serves the wire is its only user.

  private let memory: UnsafeMutableRawPointer
  /// Its state. Behind a pointer: a class's own variable would be checked for exclusive use at
  /// every frame.
  let state: UnsafeMutablePointer<NetFarEnd>

  init() {
    unsafe memory = .allocate(byteCount: NetFarEnd.memorySize, alignment: 64)
    unsafe state = .allocate(capacity: 1)
    unsafe state.initialize(to: NetFarEnd(memory: memory))
  }

  deinit {
    unsafe state.deinitialize(count: 1)
    unsafe state.deallocate()
    unsafe memory.deallocate()
  }
}
