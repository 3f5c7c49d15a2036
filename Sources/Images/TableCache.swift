import LinuxSystem

/// Some tables of an image in memory, of all that it has: a fixed number of slots, found by the table's number in constant time.
/// A table that was changed stays until it is written.
///
/// The memory of a slot is first touched when it is used, so that a small image costs little.
@safe final class TableCache<Word: FixedWidthInteger> {
  let wordsPerTable: Int
  /// Slot of each table plus one; 0 for a table that is not here.
  private let slots: Mapping
  private let memory: Mapping
  private var tables: [Int]
  private var wasUsed: [Bool]
  private var isDirty: [Bool]
  private var hand = 0
  private var filled = 0
  let tableCount: Int
  private(set) var dirtyCount = 0

  /// - Parameters:
  ///   - tables: how many there are in the image.
  ///   - budget: bytes of memory for tables; at least two tables are kept.
  init(tables: Int, words: Int, budget: Int) throws(SystemError) {
    let bytes = words * MemoryLayout<Word>.size
    let slotCount = max(2, min(max(tables, 1), budget / bytes))
    wordsPerTable = words
    tableCount = tables
    slots = try Mapping.anonymous(count: max(4, tables * 4))
    memory = try Mapping.anonymous(count: slotCount * bytes)
    self.tables = Array(repeating: -1, count: slotCount)
    wasUsed = Array(repeating: false, count: slotCount)
    isDirty = Array(repeating: false, count: slotCount)
  }

  /// The words of a table that is here; nil where it is not.
  @inline(__always)
  func words(_ table: Int) -> UnsafeMutablePointer<Word>? {
    guard UInt(bitPattern: table) < UInt(bitPattern: tableCount) else { return nil }
    let slot = unsafe Int((slots.base + table * 4).loadUnaligned(as: Int32.self)) - 1
    guard slot >= 0 else { return nil }
    wasUsed[slot] = true
    return unsafe pointer(slot)
  }

  @inline(__always)
  private func pointer(_ slot: Int) -> UnsafeMutablePointer<Word> {
    unsafe (memory.base + slot * wordsPerTable * MemoryLayout<Word>.size).assumingMemoryBound(to: Word.self)
  }

  /// A slot for a table that is not here, its words undefined; nil where all slots hold changes that are to be written first.
  func insert(_ table: Int) -> UnsafeMutablePointer<Word>? {
    precondition(table >= 0 && table < tableCount, "a table of the image")
    guard let slot = freeSlot() else { return nil }
    if tables[slot] >= 0 { setSlot(of: tables[slot], to: 0) }
    tables[slot] = table
    wasUsed[slot] = true
    setSlot(of: table, to: slot + 1)
    return unsafe pointer(slot)
  }

  private func setSlot(of table: Int, to value: Int) {
    unsafe (slots.base + table * 4).storeBytes(of: Int32(value), as: Int32.self)
  }

  private func slot(of table: Int) -> Int { unsafe Int((slots.base + table * 4).loadUnaligned(as: Int32.self)) - 1 }

  /// An empty slot, or one that was not used since the hand last passed it.
  private func freeSlot() -> Int? {
    if filled < tables.count {
      filled += 1
      return filled - 1
    }
    guard dirtyCount < tables.count else { return nil }
    while true {
      hand = (hand + 1) % tables.count
      if isDirty[hand] { continue }
      if tables[hand] < 0 || !wasUsed[hand] { return hand }
      wasUsed[hand] = false
    }
  }

  /// A table that could not be filled after all.
  func remove(_ table: Int) {
    let slot = slot(of: table)
    guard slot >= 0 else { return }
    setClean(table)
    setSlot(of: table, to: 0)
    tables[slot] = -1
    wasUsed[slot] = false
  }

  func setDirty(_ table: Int) {
    let slot = slot(of: table)
    if !isDirty[slot] {
      isDirty[slot] = true
      dirtyCount += 1
    }
  }

  func setClean(_ table: Int) {
    let slot = slot(of: table)
    if slot >= 0, isDirty[slot] {
      isDirty[slot] = false
      dirtyCount -= 1
    }
  }

  /// Numbers of the tables with changes, in order.
  var dirtyTables: [Int] { tables.indices.filter { isDirty[$0] }.map { tables[$0] }.sorted() }
}
