import Frames
import ProbeABI

extension FrameHeader {
  /// What is left to do for a frame as a workload describes it.
  init(_ frame: nm_net_frame) {
    self.init()
    if unsafe UInt32(frame.flags) & NM_FRAME_NEEDS_CHECKSUM != 0 {
      flags |= FrameHeader.needsChecksum
      checksumStart = unsafe frame.checksum_start
      checksumOffset = unsafe frame.checksum_offset
    }
    if unsafe frame.segment_size != 0 {
      segmentation = FrameHeader.tcp4
      segmentSize = unsafe frame.segment_size
      headerLength = unsafe frame.header_length
    }
  }

  /// The features that a receiver must have accepted for a frame like this.
  var needs: FrameFeatures {
    var features: FrameFeatures = []
    if flags & FrameHeader.needsChecksum != 0 { features.insert(.checksum) }
    if segmentation != FrameHeader.noSegmentation { features.insert([.checksum, .tcp4]) }
    return features
  }

  /// Describes a frame that was received to a workload.
  func describe(_ frame: inout nm_net_frame) {
    if flags & (FrameHeader.needsChecksum | FrameHeader.checksumIsValid) != 0 {
      unsafe frame.flags = UInt16(NM_FRAME_CHECKSUM_VALID)
    }
    unsafe frame.header_length = headerLength
    unsafe frame.segment_size = segmentation == FrameHeader.noSegmentation ? 0 : segmentSize
  }
}
