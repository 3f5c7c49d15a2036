/// Why a block device cannot be used.
struct BlockDeviceError: Error {
  let reason: StaticString
}
