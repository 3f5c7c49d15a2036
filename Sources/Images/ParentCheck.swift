/// Whether a file is the one that an image was made as a difference to.
enum ParentCheck {
  static func hold(_ parent: any ImageDriver, against identity: ParentIdentity, child: String) throws(ImageError) {
    switch (identity, parent) {
    case (.vhd(let identifier), let parent as VHDDriver) where parent.identifier != identifier:
      throw ImageError(
        .malformed, child,
        "its parent \(parent.files[0].path) is another image than it was made on: the identifiers differ")
    case (.vmdk(let identifier), let parent as VMDKDriver) where parent.contentIdentifier != identifier:
      throw ImageError(
        .malformed, child,
        "its parent \(parent.files[0].path) was changed since it was made: the content identifiers differ")
    default: break
    }
  }
}
