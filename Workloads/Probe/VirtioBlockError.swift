/// Why a block device cannot be used.
struct VirtioBlockError: Error {
  let reason: StaticString
}
