import Testing
import Vocabulary

@testable import Scoring

@Suite("Class probabilities beside labels", .timeLimit(.minutes(5)))
struct ClassSharesTests {
    private let example = Example(.macroF1, .label, classes: ["a", "b", "c"])

    private func file(_ rows: [[String]], header: [String] = ["id", "a", "b", "c"]) -> Table {
        Table(names: header, columns: header.indices.map { column in rows.map { $0[column] } })
    }

    private func shares(_ labels: [String], _ rows: [[String]]) throws -> ClassShares {
        try ClassShares(file(rows), beside: example.predictions(labels), scorer: example.scorer)
    }

    private func combined(
        _ labels: [[String]], _ shares: [ClassShares?], weights: [Double]
    ) throws -> [String] {
        let members = labels.map(example.predictions)
        let table = try Blend.combine(members: members, weights: weights, scorer: example.scorer, shares: shares)
        return try #require(table["answer"])
    }

    @Test("two members that are sure outdo a third that is nearly undecided, where votes could not tell")
    func blended() throws {
        let labels = [["a", "b"], ["b", "a"]]
        let members = [
            try shares(labels[0], [["0", "0.9", "0.1", "0"], ["1", "0.4", "0.6", "0"]]),
            try shares(labels[1], [["0", "0.4", "0.6", "0"], ["1", "0.9", "0.1", "0"]]),
        ]
        #expect(try combined(labels, members, weights: [1, 1]) == ["a", "a"])
        #expect(try combined(labels, members, weights: [1, 9]) == ["b", "a"])
        #expect(try combined(labels, [], weights: [1, 1]) == ["a", "b"], "votes: the earlier member")
        #expect(try combined(labels, members, weights: [1, 0]) == labels[0])
    }

    @Test("a member that is all but certain outdoes two that lean to another class")
    func certainty() throws {
        let labels = [["a"], ["b"], ["b"]]
        let leaning = try shares(["b"], [["0", "0.2", "0.8", "0"]])
        let members = [try shares(["a"], [["0", "0.999", "0.001", "0"]]), leaning, leaning]
        #expect(try combined(labels, members, weights: [1, 1, 1]) == ["a"])
    }

    @Test("a class that no member names wins where all of them hold it second")
    func second() throws {
        let labels = [["a"], ["b"]]
        let members = [
            try shares(labels[0], [["0", "5", "0", "4"]]), try shares(labels[1], [["0", "0", "5", "4"]]),
        ]
        #expect(try combined(labels, members, weights: [1, 1]) == ["c"])
    }

    @Test("a member with labels alone is certain of them, and of equal classes an earlier member's stays")
    func certain() throws {
        let labels = [["b"], ["a"]]
        let sure = try shares(labels[1], [["0", "1", "0", "0"]])
        #expect(try combined(labels, [nil, sure], weights: [1, 1]) == ["b"])
        #expect(try combined(labels, [nil, sure], weights: [1, 2]) == ["a"])
    }

    @Test("rows and columns come in any order, and need not add up to one")
    func order() throws {
        let labels = ["a", "c"]
        let plain = try shares(labels, [["0", "0.5", "0.25", "0.25"], ["1", "0", "0", "1"]])
        let other = try ClassShares(
            file([["7", "0", "0", "1"], ["1", "2", "1", "0"]], header: ["c", "a", "b", "id"]),
            beside: example.predictions(labels), scorer: example.scorer)
        #expect(plain == other)
        #expect(plain.selecting(rows: [1, 0]).selecting(rows: [1, 0]) == plain)
    }

    @Test(
        "a file that does not fit its labels is refused",
        arguments: [
            ([["0", "0.4", "0.6", "0"]], "label in the submission, 'a'"), ([["0", "-1", "-2", "-3"]], "zero or more"),
            ([["0", "0", "0", "0"]], "not all zero"), ([["0", "inf", "0", "0"]], "not a finite number"),
            ([["0", "x", "0", "0"]], "not a finite number"), ([["9", "1", "0", "0"]], "the id '9'"),
            ([], "no row"),
        ])
    func misfit(rows: [[String]], word: String) throws {
        let error = #expect(throws: ScoringError.self) { try shares(["a"], rows) }
        #expect(error?.message.contains(word) == true, "\(error?.message ?? "")")
    }

    @Test("columns that are not the classes are refused, and so is a file beside numbers")
    func columns() {
        let names = ["id", "a", "b", "d"]
        #expect(throws: ScoringError.self) {
            try ClassShares(
                file([["0", "1", "0", "0"]], header: names), beside: example.predictions(["a"]), scorer: example.scorer)
        }
        let numbers = Example(.rootMeanSquaredError, .number)
        #expect(!ClassShares.apply(to: numbers.scorer))
        #expect(throws: ScoringError.self) {
            try ClassShares(file([["0", "1", "0", "0"]]), beside: numbers.predictions(["1"]), scorer: numbers.scorer)
        }
    }

    @Test("greedy weights see what stands behind the labels")
    func greedy() throws {
        // Each is wrong once and undecided there: together they are right everywhere, which votes of two never are.
        let labels = [["a", "b", "c", "a"], ["b", "b", "c", "c"]]
        let members = [
            try shares(
                labels[0], [["0", "9", "1", "0"], ["1", "0", "9", "1"], ["2", "0", "1", "9"], ["3", "5", "0", "4"]]),
            try shares(
                labels[1], [["0", "4", "5", "0"], ["1", "0", "9", "1"], ["2", "0", "1", "9"], ["3", "1", "0", "9"]]),
        ]
        let truth = ["a", "b", "c", "c"]
        let found = Blend.greedyWeights(
            members: labels.map(example.predictions), truth: example.truth(truth), scorer: example.scorer,
            shares: members)
        #expect(found == [0.5, 0.5])
        #expect(try combined(labels, members, weights: found) == truth)
    }

    /// Three members that say how probable `a` and `b` are, and what is true: the first knows most, the second a little, the
    /// third nothing.
    private func library(rows: Int) throws -> (labels: [[String]], shares: [ClassShares], truth: [String]) {
        var generator = TestGenerator(seed: 5)
        let chances = (0..<rows).map { _ in Double.random(in: 0.02...0.98, using: &generator) }
        let truth = chances.map { Double.random(in: 0...1, using: &generator) < $0 ? "a" : "b" }
        func member(_ said: [Double]) throws -> ([String], ClassShares) {
            let labels = said.map { $0 >= 0.5 ? "a" : "b" }
            return (labels, try shares(labels, said.enumerated().map { ["\($0)", "\($1)", "\(1 - $1)", "0"] }))
        }
        let members = [
            try member(chances), try member(chances.map { 0.5 + ($0 > 0.5 ? 0.1 : -0.1) }),
            try member(chances.map { _ in Double.random(in: 0.02...0.98, using: &generator) }),
        ]
        return (members.map(\.0), members.map(\.1), truth)
    }

    private func likelihoodWeights(
        _ labels: [[String]], _ shares: [ClassShares?], truth: [String], limit: Int
    ) -> [Double]? {
        Blend.likelihoodWeights(
            members: labels.map(example.predictions), truth: example.truth(truth), scorer: example.scorer,
            shares: shares, limit: limit)
    }

    @Test("by likelihood the member that knows most weighs most, and one that knows nothing is left out")
    func likelihood() throws {
        let (labels, shares, truth) = try library(rows: 400)
        let weights = likelihoodWeights(labels, shares, truth: truth, limit: 3)
        let found = try #require(weights)
        #expect(isClose(found.reduce(0, +), 1) && found[2] == 0)
        #expect(found[0] > 0.5, "\(found)")
        let again = likelihoodWeights(labels, shares, truth: truth, limit: 3)
        #expect(found == again)
    }

    @Test("by likelihood no more members than allowed have a weight, and the best is among them")
    func likelihoodLimit() throws {
        let (labels, shares, truth) = try library(rows: 200)
        let found = likelihoodWeights(labels, shares, truth: truth, limit: 1)
        #expect(found == [1, 0, 0])
    }

    @Test("weights by likelihood are those that a finer search finds")
    func likelihoodMaximum() throws {
        let (labels, shares, truth) = try library(rows: 300)
        let two = Array(shares.prefix(2))
        let weights = likelihoodWeights(Array(labels.prefix(2)), two, truth: truth, limit: 2)
        let found = try #require(weights)
        // What the logarithms of two classes' odds, weighed, say of each row.
        func odds(_ member: ClassShares) -> [Double] {
            (0..<member.rowCount).map { row in
                NaturalLogarithm.of(Double(member.shares[row * 3] / member.shares[row * 3 + 1]))
            }
        }
        let (first, second) = (odds(two[0]), odds(two[1]))
        func loss(_ a: Double, _ b: Double) -> Double {
            zip(truth, zip(first, second)).reduce(0) { sum, row in
                let margin = (row.0 == "a" ? 1 : -1) * (a * row.1.0 + b * row.1.1)
                return sum + NaturalLogarithm.ofOnePlus(NaturalLogarithm.inverse(of: -margin))
            }
        }
        let grid = (0...200).flatMap { a in (0...200).map { (Double(a) / 50, Double($0) / 50) } }
        let best = try #require(grid.min { loss($0.0, $0.1) < loss($1.0, $1.1) })
        let share = best.0 / (best.0 + best.1)
        #expect(abs(found[0] - (best.1 < 0.1 * best.0 ? 1 : share)) < 0.03, "\(found) \(best)")
    }

    @Test("labels alone, and rows of no known class, have no likelihood")
    func noLikelihood() throws {
        let (labels, shares, truth) = try library(rows: 20)
        let found = [
            likelihoodWeights(labels, [nil, nil, nil], truth: truth, limit: 3),
            likelihoodWeights(labels, [], truth: truth, limit: 3),
            likelihoodWeights(labels, shares, truth: ["z"] + truth.dropFirst(), limit: 3),
        ]
        #expect(found == [nil, nil, nil])
    }
}
