import Definitions

/// The suites of checks that are runs. They are written as a user would write them and read like any other. What they show is
/// that work goes right, so that nothing is counted.
enum CheckSuite {
  /// Disk work that verifies itself, in guests only and in every mode.
  static func integrity(_ duration: UInt64) -> Suite {
    suite(
      "integrity", duration, legs: 12, window: 500_000_000,
      workloads: """
          - {id: block.mixed, parameters: {bs: 4KiB, qd: 8, backing: file}, machines: [nearmetal]}
          - {id: block.randwrite, parameters: {bs: 16KiB, qd: 4, backing: direct}, machines: [nearmetal]}
          - {id: block.flush, parameters: {bs: 4KiB, qd: 1, backing: file}, machines: [nearmetal]}
          - {id: block.read, parameters: {bs: 64KiB, qd: 4, backing: direct}, machines: [nearmetal]}
        """)
  }

  /// Processor, memory and disk, each in a fresh guest.
  static func soak(_ duration: UInt64) -> Suite {
    suite(
      "soak", duration, legs: 7, window: 2_000_000_000,
      workloads: """
          - {id: cpu.sha256, machines: [nearmetal]}
          - {id: cpu.float, machines: [nearmetal]}
          - {id: memory.copy, parameters: {size: 64MiB}, machines: [nearmetal]}
          - {id: memory.touch, parameters: {pages: 8192}, machines: [nearmetal]}
          - {id: block.mixed, parameters: {bs: 4KiB, qd: 8, backing: direct}, machines: [nearmetal]}
        """)
  }

  /// - Parameters:
  ///   - duration: nanoseconds of all windows together, at least.
  ///   - legs: of a block.
  ///   - window: the longest window of a leg; a short duration shortens it.
  private static func suite(
    _ name: String, _ duration: UInt64, legs: UInt64, window: UInt64, workloads: String
  ) -> Suite {
    let own = max(50_000_000, min(window, duration / legs))
    let blocks = min(1000, max(1, (duration + legs * own - 1) / (legs * own)))
    // A thousand blocks are the most; a longer duration lengthens the windows.
    let length = max(own, duration / (legs * blocks))
    let text = """
      name: \(name)
      blocks: \(blocks)
      warmup: 20ms
      window: \(min(length, 600_000_000_000))ns
      counters: none
      memory: 256MiB
      disk: 128MiB
      workloads:
      \(workloads)
      """
    do throws(DefinitionError) { return try SuiteReader.parse(text, path: name) } catch {
      preconditionFailure("the suite of a check is one: \(error)")
    }
  }
}
