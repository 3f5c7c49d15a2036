/// One buffer of a request, checked to be RAM.
@safe struct ChainSegment: BitwiseCopyable {
  let host: UnsafeMutableRawPointer
  let count: UInt32
}
