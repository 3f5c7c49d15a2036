import Qualification

/// What `bundle verify` found.
public struct Verification: Codable, Sendable, Equatable {
  /// Empty for a bundle that is what it says.
  public var findings: [Finding]
  /// Fingerprint of the key that signed; nil where no valid signature was found.
  public var signer: String?
  /// Whether the caller named that key.
  public var isSignerTrusted: Bool
  /// Whether the signature beside the bundle was there to be checked.
  public var hasDetachedSignature: Bool
  /// Files that the manifest names.
  public var files: Int
  /// What is to be known beside the findings: which reports another version worded otherwise; that the profile is not the one of that name which comes with this program, and
  /// where it asks for less. Nil where there is nothing.
  public var remarks: [String]?
  /// The qualification, where it can be read.
  public var qualification: QualificationRecord?
}
