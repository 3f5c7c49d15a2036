/// The inside of one base address register's region: device models, each at its own range of offsets. What no model
/// claims reads as ones.
public final class PCIRegionMap: BusDevice {
  private var models = Bus()

  public init() {}

  /// Puts a model at a range of offsets.
  /// - Throws: `BusOverlap` where any of it is taken.
  public func attach(_ model: any BusDevice, name: String, at range: Range<UInt64>) throws(BusOverlap) {
    try models.attach(model, name: name, at: range)
  }

  public func read(_ offset: UInt64, width: AccessWidth) -> UInt64 {
    guard let (model, inside) = models.find(offset) else { return width.mask }
    return model.read(inside, width: width)
  }

  public func write(_ offset: UInt64, width: AccessWidth, value: UInt64) {
    guard let (model, inside) = models.find(offset) else { return }
    model.write(inside, width: width, value: value)
  }
}
