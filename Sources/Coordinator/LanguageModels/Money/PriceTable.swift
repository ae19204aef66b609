import Foundation
import Yams

/// Prices of models on one day.
public struct PriceTable: Sendable {
    private struct Row {
        let provider: String
        let models: [String]
        /// `YYYY-MM-DD`; empty for since ever.
        let from: String
        let price: Price
    }

    private let rows: [Row]
    /// The day on which the prices were looked up, `YYYY-MM-DD`.
    public let asOf: String
    private let today: String

    /// The prices that come with the program.
    public static let builtIn: PriceTable = {
        do throws(ModelTableError) {
            return try PriceTable(String(decoding: PackageResources.prices_yaml, as: UTF8.self), name: "prices.yaml")
        } catch {
            preconditionFailure("the built-in price table is broken: \(error)")
        }
    }()

    /// Reads a file on top of the built-in prices.
    public static func reading(_ path: String) throws(ModelTableError) -> PriceTable {
        let own = try PriceTable(try tableText(path), name: path)
        let kept = builtIn.rows.filter { !own.covers($0) }
        return PriceTable(rows: own.rows + kept, asOf: own.asOf, today: own.today)
    }

    private init(rows: [Row], asOf: String, today: String) {
        self.rows = rows
        self.asOf = asOf
        self.today = today
    }

    /// Reads the text of a file.
    init(_ text: String, name: String, on day: String = today()) throws(ModelTableError) {
        let (root, entries) = try tableEntries(text, name: name, list: "prices")
        var problems: [String] = []
        asOf = root.mapping?["as_of"]?.string ?? ""
        if !Self.isDate(asOf) { problems.append("\(name): as_of must be the day of the prices, such as 2026-11-23") }
        today = day
        var rows: [Row] = []
        for var entry in entries {
            if let row = Self.row(&entry) { rows.append(row) }
            problems += entry.finished()
        }
        var seen: Set<String> = []
        for row in rows {
            for model in row.models where !seen.insert("\(row.provider) \(model) \(row.from)").inserted {
                problems.append("\(name): two prices for \(row.provider) \(model) from the same day")
            }
        }
        guard problems.isEmpty else { throw ModelTableError(problems: problems) }
        self.rows = rows
    }

    private static func row(_ entry: inout TableEntry) -> Row? {
        let provider = entry.choice("provider", tableProviders)
        let models = entry.names("models")
        let from = entry.node("from")?.string ?? ""
        if !from.isEmpty, !isDate(from) { entry.complain("from", "must be a day such as 2027-01-01, not '\(from)'") }
        let base = rates(&entry)
        var above: (tokens: Int, rates: Price.Rates)?
        if var longer = entry.below("above") {
            let tokens = longer.number("tokens", most: 100_000_000)
            if let tokens, let rates = rates(&longer) { above = (Int(tokens), rates) }
            if tokens == nil { longer.complain("tokens", "is missing") }
            entry.add(longer)
        }
        let search = Money(dollars: (entry.number("search") ?? 0) / 1000)
        if provider == nil { entry.complain("provider", "is needed") }
        if models?.isEmpty ?? true { entry.complain("models", "is needed: a list of names") }
        guard let provider, let models, let base else { return nil }
        return Row(
            provider: provider, models: models, from: from, price: Price(base: base, above: above, search: search))
    }

    private static func rates(_ entry: inout TableEntry) -> Price.Rates? {
        let cached = entry.number("cached")
        guard let input = entry.number("input"), let output = entry.number("output") else {
            entry.complain("input and output", "are needed, in dollars per million tokens")
            return nil
        }
        return Price.Rates(input: input, cached: cached, output: output)
    }

    /// The price of a model today; `nil` when it is not in the table.
    public func price(of model: ModelName) -> Price? {
        guard case .model(let name, let provider) = model else { return nil }
        return price(of: name, provider: provider.word)
    }

    func price(of model: String, provider: String) -> Price? {
        let own = rows.filter { $0.provider == provider && $0.from <= today }
        for name in Self.spellings(of: model) {
            if let row = own.filter({ $0.models.contains(name) }).max(by: { $0.from < $1.from }) { return row.price }
        }
        return nil
    }

    private func covers(_ row: Row) -> Bool {
        rows.contains { $0.provider == row.provider && !Set($0.models).isDisjoint(with: row.models) }
    }

    /// A name, and the same without its date or its path.
    private static func spellings(of model: String) -> [String] {
        var name = model
        if let slash = name.lastIndex(of: "/"), name.hasPrefix("models/") || name.hasPrefix("publishers/") {
            name = String(name[name.index(after: slash)...])
        }
        var spellings = [model, name]
        for pattern in [/-20\d\d-\d\d-\d\d$/, /-20\d{6}$/, /@20\d{6}$/, /-\d{3}$/, /-latest$/] {
            if let match = name.firstMatch(of: pattern) { spellings.append(String(name[..<match.range.lowerBound])) }
        }
        return spellings
    }

    private static func isDate(_ text: String) -> Bool {
        text.wholeMatch(of: /20\d\d-(0[1-9]|1[0-2])-([0-2]\d|3[01])/) != nil
    }

    private static func today() -> String {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(secondsFromGMT: 0) ?? calendar.timeZone
        let parts = calendar.dateComponents([.year, .month, .day], from: Date())
        let numbers = [parts.month, parts.day].map { String(($0 ?? 0) + 100).dropFirst() }
        return "\(parts.year ?? 0)-\(numbers[0])-\(numbers[1])"
    }
}
