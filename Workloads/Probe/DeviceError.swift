/// Why a block device cannot be used.
struct DeviceError: Error {
  let reason: StaticString
}
