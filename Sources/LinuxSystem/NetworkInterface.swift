import CLinux
import SystemPackage

/// Interfaces of the calling thread's network namespace, by their names.
public enum NetworkInterface {
  /// Has an interface up.
  /// - Parameters:
  ///   - name: of the interface.
  ///   - queueLength: frames that wait for whoever takes them before more are dropped.
  public static func start(_ name: String, queueLength: Int32) throws(SystemError) {
    let code = unsafe nm_interface_start(name, queueLength)
    guard code == 0 else { throw SystemError("have the interface \(name) up", Errno(rawValue: code)) }
  }

  /// Gives an interface an IPv4 address.
  /// - Parameters:
  ///   - name: of the interface.
  ///   - address: in dots.
  ///   - bits: of the network that is reached by the interface, 1 to 32.
  public static func setAddress(_ name: String, _ address: String, bits: Int) throws(SystemError) {
    let code = unsafe nm_interface_address(name, address, Int32(bits))
    guard code == 0 else {
      throw SystemError("give the interface \(name) the address \(address)/\(bits)", Errno(rawValue: code))
    }
  }
}
