/// What a request asks for.
public enum StorageOperation: UInt8, Sendable {
  case read, write, flush, discard, writeZeroes
}
