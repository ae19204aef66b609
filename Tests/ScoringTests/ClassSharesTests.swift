import Scoring
import Testing
import Vocabulary

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
}
