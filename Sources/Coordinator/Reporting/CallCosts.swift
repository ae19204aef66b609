import Foundation
public import Journal
import ModelAgents
import Vocabulary

/// What language models were asked in a run, and what it cost, by role and phase.
public struct CallCosts: Sendable {
    private let calls: [CallRecord]

    /// The costs of a run's calls.
    public init(_ calls: [CallRecord]) { self.calls = calls }

    /// Whether anybody was asked at all.
    public var isEmpty: Bool { calls.isEmpty }

    /// All calls in a sentence.
    public var sentence: String {
        // Looking models up in a catalogue or on the web asks no language model.
        let calls = calls.filter { $0.role != "model-search" }
        guard !calls.isEmpty else { return "No language model was paid." }
        let lost = calls.count { $0.state == .lost }
        let underWay = calls.count { $0.state == .asked }
        var text = "\(calls.count) calls of language models, \(Self.sum(calls))."
        if underWay > 0 { text += " \(underWay) of them are under way and counted with the most they can cost." }
        if lost > 0 {
            text +=
                " \(lost) of them were cut off by the end of the program and counted with the most they can have cost."
        }
        return text
    }

    /// A table in Markdown: a line for each role in each phase.
    public var table: [String] {
        guard !isEmpty else { return [] }
        var lines = [
            "| phase | role | calls | answers refused | failed | tokens in | tokens out | cost |",
            "|---|---|---|---|---|---|---|---|",
        ]
        for phase in Phase.allCases {
            let here = calls.filter { Phase(of: $0.path) == phase }
            for role in Set(here.map(\.role)).sorted() {
                let own = here.filter { $0.role == role }
                let cost = Self.total(own)
                lines.append(
                    "| \(phase.rawValue) | \(role) | \(own.count) | \(own.count { $0.defect != nil }) | "
                        + "\(own.count { $0.state == .failed }) | \(cost.input) | \(cost.output) | \(Self.money(own)) |"
                )
            }
        }
        return lines + [""]
    }

    /// What went wrong and what is worth telling, a line each; repeated lines once.
    public var remarks: [String] {
        var lines: [String] = []
        for call in calls {
            let here = "`\(call.path)` \(call.role)\(call.attempt > 1 ? ", asked for the \(call.attempt)th time" : "")"
            if let error = call.error { lines.append("- \(here): \(Self.line(error))") }
            if let defect = call.defect { lines.append("- \(here): refused: \(Self.line(defect))") }
            for note in call.notes where !note.hasPrefix("card: ") { lines.append("- \(here): \(Self.line(note))") }
        }
        var seen = Set<String>()
        let distinct = lines.filter { seen.insert($0).inserted }
        let limit = 200
        return distinct.count <= limit
            ? distinct : distinct.prefix(limit) + ["- … and \(distinct.count - limit) more, in the journal"]
    }

    /// The models that were named, with where they come from.
    public var cards: [String] {
        calls.flatMap { call in
            call.notes.filter { $0.hasPrefix("card: ") }.map {
                "- `\(call.path)` \(Self.line(String($0.dropFirst(6))))"
            }
        }
    }

    private static func total(_ calls: [CallRecord]) -> CallCost { calls.reduce(.none) { $0 + $1.cost } }

    private static func sum(_ calls: [CallRecord]) -> String {
        let cost = total(calls)
        return "\(cost.input) tokens read and \(cost.output) written, \(money(calls))"
    }

    private static func money(_ calls: [CallRecord]) -> String {
        guard let picodollars = total(calls).picodollars else { return "price unknown" }
        return String(format: "$%.4f", Double(picodollars) / 1e12)
    }

    private static func line(_ text: String) -> String {
        let short = text.count > 300 ? "\(text.prefix(300))…" : text
        return short.replacing("\n", with: " ")
    }
}
