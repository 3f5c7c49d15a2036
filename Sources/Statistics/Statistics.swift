/// Statistics: the mathematics of the method, pure and without Foundation.
///
/// A caseless namespace: every function here depends on its arguments alone.
public enum Statistics {}
