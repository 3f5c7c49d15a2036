/// Figures of hosts that should be alike, as logarithms: a row for each host, a column for each series.
public struct FleetMatrix: Sendable, Equatable {
  public let hosts: Int
  public let series: Int
  private var values: [Double?]

  /// Without any figure.
  public init(hosts: Int, series: Int) {
    self.hosts = hosts
    self.series = series
    values = [Double?](repeating: nil, count: hosts * series)
  }

  /// Nil where a host has no such figure. What is set has to be finite.
  public subscript(host: Int, series: Int) -> Double? {
    get { values[host * self.series + series] }
    set { values[host * self.series + series] = newValue }
  }
}

/// What each column and each row has in common: a figure is its series' centre, its host's effect and a rest.
public struct FleetFit: Sendable, Equatable {
  public private(set) var centres: [Double]
  public private(set) var effects: [Double]

  /// Takes turns at centres and effects so often.
  private static let rounds = 6

  /// By medians (Tukey, Exploratory Data Analysis, 1977): a few figures that are far off move none of the three.
  public init(robust matrix: FleetMatrix) { self.init(matrix, { _, _ in true }, Quantile.median) }

  /// By means, of the figures that count; those of a host that has none of them tell its own effect all the same.
  public init(_ matrix: FleetMatrix, counting counts: (_ host: Int, _ series: Int) -> Bool) {
    self.init(matrix, counts) { $0.reduce(0, +) / Double($0.count) }
  }

  private init(_ matrix: FleetMatrix, _ counts: (Int, Int) -> Bool, _ middle: ([Double]) -> Double) {
    centres = [Double](repeating: 0, count: matrix.series)
    effects = [Double](repeating: 0, count: matrix.hosts)
    for _ in 0..<Self.rounds {
      for series in 0..<matrix.series {
        let column = (0..<matrix.hosts).compactMap { host in
          counts(host, series) ? matrix[host, series].map { $0 - effects[host] } : nil
        }
        if !column.isEmpty { centres[series] = middle(column) }
      }
      for host in 0..<matrix.hosts {
        let own = (0..<matrix.series).filter { matrix[host, $0] != nil }
        let counting = own.filter { counts(host, $0) }
        let row = (counting.count > 1 ? counting : own).compactMap { series in
          matrix[host, series].map { $0 - centres[series] }
        }
        effects[host] = row.isEmpty ? 0 : middle(row)
      }
    }
  }

  /// What neither explains; nil where there is no figure.
  public func rest(_ matrix: FleetMatrix, _ host: Int, _ series: Int) -> Double? {
    matrix[host, series].map { $0 - centres[series] - effects[host] }
  }
}
