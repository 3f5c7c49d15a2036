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

/// What each column and each row has in common, by medians (Tukey, Exploratory Data Analysis, 1977): a figure is its series' centre, its
/// host's effect and a rest. A few figures that are far off move none of the three.
public struct MedianPolish: Sendable, Equatable {
  public private(set) var centres: [Double]
  /// Nil for a host with fewer than three figures: its effect could not be told from theirs.
  public private(set) var effects: [Double?]

  private static let rounds = 4
  private static let leastFigures = 3

  /// - Parameter counts: whether a figure counts; what does not count still has a rest.
  public init(_ matrix: FleetMatrix, counting counts: (_ host: Int, _ series: Int) -> Bool) {
    centres = [Double](repeating: 0, count: matrix.series)
    effects = [Double?](repeating: nil, count: matrix.hosts)
    for _ in 0..<Self.rounds {
      for series in 0..<matrix.series {
        let column = (0..<matrix.hosts).compactMap { host in
          counts(host, series) ? matrix[host, series].map { $0 - (effects[host] ?? 0) } : nil
        }
        if !column.isEmpty { centres[series] = Quantile.median(column) }
      }
      for host in 0..<matrix.hosts {
        let row = (0..<matrix.series).compactMap { series in matrix[host, series].map { $0 - centres[series] } }
        effects[host] = row.count < Self.leastFigures ? nil : Quantile.median(row)
      }
    }
  }

  /// What neither explains; nil where there is no figure.
  public func rest(_ matrix: FleetMatrix, _ host: Int, _ series: Int) -> Double? {
    matrix[host, series].map { $0 - centres[series] - (effects[host] ?? 0) }
  }
}
