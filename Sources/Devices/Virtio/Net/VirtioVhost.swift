import CLinux
import Frames
import GuestMemory
import LinuxSystem
import Synchronization

/// virtio-net whose data path is the host kernel's: rings, doorbells, interrupts and frames never pass through this process
/// (`linux/vhost.h`). There is no control queue, which would need a thread here.
public final class VirtioVhost: VirtioDevice {
  private struct State {
    var failure: String?
    var isServed = [false, false]
  }

  private let memory: GuestMemory
  private let vhost: VhostNet
  private let tap: Int32
  private let options: NetOptions
  private let configuration: NetConfigurationBytes
  private let receiveDoorbell: EventCounter
  private let transmitDoorbell: EventCounter
  private let state = Mutex(State())
  public let offeredFeatures: VirtioFeatures

  /// Ring features that the kernel may know; a packed ring it does not (Linux 6.12).
  private static let ring: VirtioFeatures = [
    .version1, .indirectDescriptors, .eventIndex, .netMergeableBuffers,
  ]

  /// - Parameters:
  ///   - memory: what rings and buffers lie in; the kernel reaches all of it.
  ///   - tap: a TAP's descriptor with headers before its frames, which outlives the device.
  ///   - mtu: bytes of the largest frame without its Ethernet header, which the driver is told.
  ///   - options: address, queues, and what is offered of what the kernel knows.
  /// - Throws: `SystemError` where the host has no vhost, or this process may not use it; it says what to do.
  public init(memory: GuestMemory, tap: Int32, mtu: UInt16 = 1500, options: NetOptions = NetOptions())
    throws(SystemError)
  {
    self.memory = memory
    self.tap = tap
    self.options = options
    vhost = try VhostNet()
    receiveDoorbell = try EventCounter(nonBlocking: true)
    transmitDoorbell = try EventCounter(nonBlocking: true)
    configuration = NetConfigurationBytes(options, mtu: mtu)
    var features: VirtioFeatures = [.netMTU, .netAddress, .netStatus]
    if options.offersOffloads {
      features.formUnion([.netChecksum, .netHostTCP4, .netGuestChecksum, .netGuestTCP4])
    }
    var ring = Self.ring.intersection(VirtioFeatures(rawValue: try vhost.features()))
    if !options.offersEventIndex { ring.remove(.eventIndex) }
    if !options.offersIndirectDescriptors { ring.remove(.indirectDescriptors) }
    if !options.offersMergeableBuffers { ring.remove(.netMergeableBuffers) }
    offeredFeatures = features.union(ring)
    try TAPInterface.setHeaderSize(tap, NetHeader.size)
  }

  public var deviceType: UInt16 { VirtioNet.type }
  public func accepts(_ features: VirtioFeatures) -> Bool { NetRules.areConsistent(features) }
  public var queueSizes: [UInt16] { [options.queueSize, options.queueSize] }
  public var failure: String? { state.withLock { $0.failure } }

  public func doorbell(queue: Int) -> Int32 {
    queue == 0 ? receiveDoorbell.rawValue : transmitDoorbell.rawValue
  }

  public func readConfiguration(_ offset: UInt64, width: AccessWidth) -> UInt64 {
    configuration.read(offset, width: width)
  }

  public func writeConfiguration(_ offset: UInt64, width: AccessWidth, value: UInt64) {}

  public func start(features: VirtioFeatures, queues: [VirtqueueLayout?], interrupts: any VirtioInterrupts) {
    do throws(VhostFailure) {
      try serve(features, queues, interrupts)
    } catch {
      reset()
      state.withLock { $0.failure = error.reason }
      interrupts.configurationChanged()
    }
  }

  /// Why the kernel cannot serve a driver.
  private struct VhostFailure: Error {
    let reason: String
  }

  private func serve(
    _ features: VirtioFeatures, _ queues: [VirtqueueLayout?], _ interrupts: any VirtioInterrupts
  ) throws(VhostFailure) {
    let rules = NetRules(features, pairs: 1, mtu: 1500)
    do throws(SystemError) {
      try TAPInterface.accept(
        tap, checksums: rules.receives.contains(.checksum), segments: rules.receives.contains(.tcp4))
      try vhost.setFeatures(features.intersection(Self.ring).rawValue)
      try vhost.setMemory(memory.regions.map { (guest: $0.start.rawValue, host: $0.host, count: $0.count) })
    } catch { throw VhostFailure(reason: error.description) }
    let window = memory.window
    for (index, layout) in queues.enumerated() {
      guard let layout else { continue }
      guard let call = interrupts.event(for: index) else {
        throw VhostFailure(reason: "the kernel's data path needs MSI-X, and the driver does not use it")
      }
      let ring: VhostNet.Ring
      do throws(VirtqueueFailure) { ring = try self.ring(index, layout, window, call) } catch {
        throw VhostFailure(reason: error.description)
      }
      do throws(SystemError) { try vhost.start(UInt32(index), ring, tap: tap) } catch {
        throw VhostFailure(reason: error.description)
      }
      state.withLock { $0.isServed[index] = true }
    }
  }

  private func ring(
    _ index: Int, _ layout: VirtqueueLayout, _ window: GuestWindow, _ call: Int32
  ) throws(VirtqueueFailure) -> VhostNet.Ring {
    let areas = try SplitAreas(layout, in: window)
    return VhostNet.Ring(
      size: layout.size, descriptors: UInt(bitPattern: unsafe areas.descriptors),
      driver: UInt(bitPattern: unsafe areas.driver), device: UInt(bitPattern: unsafe areas.device),
      kick: doorbell(queue: index), call: call)
  }

  public func stop(queue: Int) {
    let wasServed = state.withLock { state in
      guard state.isServed.indices.contains(queue), state.isServed[queue] else { return false }
      state.isServed[queue] = false
      return true
    }
    if wasServed { vhost.stop(UInt32(queue)) }
  }

  public func reset() {
    for queue in 0..<2 { stop(queue: queue) }
    state.withLock { $0.failure = nil }
  }
}
