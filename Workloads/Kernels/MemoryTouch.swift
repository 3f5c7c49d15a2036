import ProbeABI

/// `memory.touch`: the first store to pages of 4 KiB that were not touched yet, each timed alone. One operation is
/// one page. Ends when the pages are used up, not with the window: an untouched page can only be touched once. A leg that takes
/// turns touches a share of them in each, whole huge pages' worth: one page of each is the first that the kernel hands out and clears
/// whole, and turns without it would measure something else.
enum MemoryTouch {
  static var pageSize: UInt64 { 4096 }
  /// Pages in a huge page.
  private static var hugePage: UInt64 { 512 }

  /// The word that is stored at the start of page i.
  static func word(_ seed: UInt64, _ page: UInt64) -> UInt64 { splitmix64(seed &+ page &* SplitMix.step) }

  /// Parameter `pages`, 8192 unless given. `values` of the result: pages, 1, and the ticks that timing nothing takes.
  static func run(_ job: borrowing Job, _ context: inout JobContext) {
    let pages = job.parameter("pages") ?? 8192
    guard pages >= 1, pages <= 1 << 32 else { return context.fail("expected pages= from 1 to 2^32") }
    guard let memory = context.untouched.carve(pages * pageSize) else {
      context.reason.append("only ")
      context.reason.append(context.untouched.count / pageSize)
      return context.skip(" pages of the arena are still untouched")
    }
    var measurement = Measurement()
    let turns = max(1, job.parameter("turns") ?? 1)
    // As many huge pages in one turn as in the next.
    let share = ((pages - 1) / hugePage / turns + 1) * hugePage
    var touched: UInt64 = 0
    while touched < pages, context.nextWindow() {
      let count = min(share, pages - touched)
      touch(memory, touched..<touched + count, job.seed, &context, &measurement)
      touched += count
    }
    for page in 0..<touched {
      let address = unsafe UnsafeMutableRawPointer(bitPattern: UInt(memory.address + page * pageSize))
      measurement.checksum = unsafe fold(measurement.checksum, nm_load64(address))
    }
    measurement.values = (touched, 1, Meter.timingCost(), 0)
    measurement.histogramUnit = 1
    context.finish(measurement)
  }

  /// Touches some of the pages in one window.
  private static func touch(
    _ memory: Region, _ pages: Range<UInt64>, _ seed: UInt64, _ context: inout JobContext,
    _ measurement: inout Measurement
  ) {
    let opened = context.openWindow()
    var closed = opened
    for page in pages {
      let address = unsafe UnsafeMutableRawPointer(bitPattern: UInt(memory.address + page * pageSize))
      let word = word(seed, page)
      let begin = nm_tsc_begin()
      unsafe nm_store64(address, word)
      closed = nm_tsc_end()
      context.histogram.record(closed &- begin)
    }
    let count = UInt64(pages.count)
    context.close(
      MeasuredWindow(opened: opened, closed: closed, operations: count, bytes: count * pageSize), samples: count,
      &measurement)
  }
}
