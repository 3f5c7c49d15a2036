/// A workload with its parameters as one text.
public enum WorkloadName {
  /// `block.randread bs=4KiB qd=1`.
  public static func text(_ workload: String, _ parameters: [String: String]) -> String {
    parameters.isEmpty ? workload : "\(workload) \(text(parameters))"
  }

  /// `bs=4KiB qd=1`, in the order of the names.
  public static func text(_ parameters: [String: String]) -> String {
    parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
  }
}
