import Foundation
import Testing

/// The page's colours against the Web Content Accessibility Guidelines 2.2, level AA.
@Suite("Contrast")
struct ContrastTests {
  /// The colours of each `:root` block: light, dark, paper.
  private func palettes() throws -> [[String: String]] {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Sources/Reports/Templates/page.css").standardizedFileURL
    let style = try String(contentsOf: file, encoding: .utf8)
    return style.components(separatedBy: ":root {").dropFirst().map { block in
      var colours: [String: String] = [:]
      for declaration in block.prefix(while: { $0 != "}" }).split(separator: ";") {
        let parts = declaration.split(separator: ":").map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
        if parts.count == 2, parts[0].hasPrefix("--") { colours[String(parts[0].dropFirst(2))] = parts[1] }
      }
      return colours
    }
  }

  /// Relative luminance of `#rrggbb` (WCAG 2.2, definitions).
  private func luminance(_ colour: String) throws -> Double {
    let value = try #require(Int(colour.dropFirst(), radix: 16), "\(colour)")
    let channels = [value >> 16 & 255, value >> 8 & 255, value & 255].map { channel -> Double in
      let share = Double(channel) / 255
      return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
    }
    return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]
  }

  private func contrast(_ one: String, _ other: String) throws -> Double {
    let pair = [try luminance(one), try luminance(other)].sorted()
    return (pair[1] + 0.05) / (pair[0] + 0.05)
  }

  @Test("Texts have a contrast of 4.5 and marks of 3, on paper and on bands, light, dark and printed")
  func contrast() throws {
    let palettes = try palettes()
    #expect(palettes.count == 3)
    for palette in palettes {
      for ground in ["paper", "band"] {
        let back = try #require(palette[ground])
        for (names, least) in [
          (["ink", "soft", "good", "bad", "open", "link"], 4.5),
          (["native", "emulated", "paravirtual", "polled", "vhost", "vhost-user", "guest"], 3.0),
        ] {
          for name in names {
            let ratio = try contrast(try #require(palette[name], "\(name)"), back)
            #expect(ratio >= least, "\(name) on \(ground): \(ratio)")
          }
        }
      }
      // Marks also stand on what a claim counts as near.
      for name in ["native", "emulated", "paravirtual", "polled", "vhost", "vhost-user", "guest"] {
        #expect(try contrast(try #require(palette[name]), try #require(palette["near"])) >= 3, "\(name) on near")
      }
    }
  }
}
