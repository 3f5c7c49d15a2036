#if !hasFeature(Embedded)
  import ProbeABI

  extension KernelWorkload {
    /// Runs the jobs of a text with the host's own build of the kernels, on the calling thread: for tests of devices. Legs are
    /// measured with the probe's image instead.
    /// - Returns: as `nm_native_entry` does.
    @unsafe public static func run(
      _ environment: UnsafePointer<nm_environment>, jobs: UnsafePointer<UInt8>, length: UInt64
    ) -> Int64 {
      unsafe runJobs(environment, jobs, length) { _, _ in false }
    }
  }
#endif
