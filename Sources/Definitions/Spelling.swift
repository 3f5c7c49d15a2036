/// What somebody may have meant.
public enum Spelling {
  /// The word that is nearest to another one; nil where none is near.
  /// - Parameters:
  ///   - word: as somebody wrote it; upper and lower case are the same. It is no answer to itself.
  ///   - words: that are known; of several that are as near, the first.
  public static func nearest(_ word: String, among words: some Sequence<String>) -> String? {
    let letters = Array(word.lowercased().prefix(longest))
    guard !letters.isEmpty else { return nil }
    let limit = max(1, letters.count / 3)
    var best: (word: String, distance: Int)?
    for candidate in words where candidate != word {
      let distance = distance(letters, Array(candidate.lowercased().prefix(longest)))
      if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    return best?.word
  }

  /// `; did you mean block.randread?`, or nothing.
  public static func question(_ word: String, among words: some Sequence<String>) -> String {
    nearest(word, among: words).map { "; did you mean \($0)?" } ?? ""
  }

  /// Characters of a word that count: a word may be a stranger's, and the time grows with its square.
  private static let longest = 64

  /// Insertions, deletions, replacements and exchanges of neighbours that make one of the other (optimal string alignment).
  private static func distance(_ left: [Character], _ right: [Character]) -> Int {
    var (before, last) = ([Int](), Array(0...right.count))
    for row in 0..<left.count {
      var next = [row + 1]
      for column in 0..<right.count {
        let cost = left[row] == right[column] ? 0 : 1
        var least = min(last[column + 1] + 1, next[column] + 1, last[column] + cost)
        if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
          least = min(least, before[column - 1] + 1)
        }
        next.append(least)
      }
      (before, last) = (last, next)
    }
    return last[right.count]
  }
}
