/// Where to look when a guest is faster than the metal.
enum SuperNativeCause {
  static func notes(_ workload: Workload, pairs: [(Series.Point, Series.Point)]) -> [String] {
    var notes = ["Faster than bare metal by more than noise: the two sides probably did not do equal work."]
    if let spent = cpuRatio(pairs), spent > 1.2 {
      let times = String((spent * 10).rounded() / 10)
      notes.append("Its threads spent \(times) times the native CPU time: a second CPU did part of the work.")
    }
    if workload.id.hasPrefix("block.") {
      notes.append(
        "Look for a cache that answered instead of the disk, a flush that was not one, or an I/O thread on a CPU that "
          + "is nearer to the device's interrupts than the native leg's.")
    } else if workload.id.hasPrefix("net.") {
      notes.append(
        "Look for segments that were merged on the way, or an I/O thread nearer to the interface's interrupts.")
    } else {
      notes.append(
        "Look for another CPU frequency, larger pages behind the guest's memory, or an interrupted native leg.")
    }
    return notes
  }

  /// CPU time against the reference's, where every pair has both.
  private static func cpuRatio(_ pairs: [(Series.Point, Series.Point)]) -> Double? {
    var spent = 0.0
    var native = 0.0
    for (one, other) in pairs {
      guard let left = one.totalCPUSeconds, let right = other.totalCPUSeconds else { return nil }
      spent += left
      native += right
    }
    return native > 0 ? spent / native : nil
  }
}
