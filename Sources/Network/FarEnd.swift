import Kernels

/// The far end of a wire with memory of its own. One thread at a time uses it.
@safe final class FarEnd: @unchecked Sendable {
  // @unchecked: whoever serves the wire is its only user.

  private let memory: UnsafeMutableRawPointer
  /// What it knows of the stream that runs.
  var state: NetFarEnd

  init() {
    unsafe memory = .allocate(byteCount: NetFarEnd.memorySize, alignment: 64)
    state = unsafe NetFarEnd(memory: memory)
  }

  deinit {
    unsafe memory.deallocate()
  }
}
