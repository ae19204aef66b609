import Scoring
import Testing
import Vocabulary

@Suite("Blends", .timeLimit(.minutes(5)))
struct BlendTests {
    private func combined(
        _ example: Example, _ members: [[String]], weights: [Double]
    ) throws -> [String] {
        let table = try Blend.combine(
            members: members.map(example.predictions), weights: weights, scorer: example.scorer)
        #expect(table.names == ["id", "answer"])
        #expect(table["id"] == members[0].indices.map { "\($0)" })
        return try #require(table["answer"])
    }

    private func average(_ example: Example, _ members: [[String]]) throws -> [String] {
        try #require(
            Blend.average(members.map(example.predictions), scorer: example.scorer)["answer"])
    }

    @Test("numbers are averaged", arguments: [Metric.rootMeanSquaredError, .logLoss, .spearman])
    func mean(_ metric: Metric) throws {
        let example = Example(metric, metric == .logLoss ? .probability : .number, positive: "1")
        #expect(try average(example, [["0.25", "1"], ["0.75", "0.5"]]) == ["0.5", "0.75"])
        #expect(try combined(example, [["0.25", "1"], ["0.75", "0"]], weights: [3, 1]) == ["0.375", "0.75"])
    }

    @Test("only the ratios of the weights count")
    func ratios() throws {
        let example = Example(.rootMeanSquaredError, .number)
        let members = [["1", "2"], ["3", "5"], ["9", "9"]]
        #expect(
            try combined(example, members, weights: [2, 6, 0])
                == combined(example, members, weights: [0.25, 0.75, 0]))
    }

    @Test("for AUC ranks are averaged, so that the scale of a member does not matter")
    func ranks() throws {
        let example = Example(.auc, .number, positive: "1")
        let small = ["0.001", "0.002", "0.003", "0.004"]
        let large = ["400", "100", "100", "300"]
        // Ranks less a half over 4: 0.125 … 0.875 and 0.875, 0.25, 0.25, 0.625.
        #expect(try average(example, [small, large]) == ["0.5", "0.3125", "0.4375", "0.75"])
        #expect(
            try average(example, [small, large.map { "\((Double($0) ?? 0) / 1e6)" }])
                == average(
                    example, [small, large]))
    }

    @Test("a mean of probabilities is a probability")
    func probabilities() throws {
        let example = Example(.logLoss, .probability, positive: "1")
        var generator = TestGenerator(seed: 29)
        // Shares that add up to a little more than 1 are among these.
        for _ in 0..<100 {
            let weights = (0..<7).map { _ in Double.random(in: 0...1, using: &generator) }
            for field in try combined(example, weights.map { _ in ["1", "0"] }, weights: weights) {
                #expect((0...1).contains(try #require(Double(field))))
            }
        }
    }

    @Test("labels are elected, and equal votes go to the earlier member's", arguments: [Metric.accuracy, .macroF1])
    func votes(_ metric: Metric) throws {
        let example = Example(metric, .label, classes: ["a", "b", "c"])
        let members = [["b", "a", "c"], ["a", "a", "b"], ["a", "c", "a"]]
        #expect(try average(example, members) == ["a", "a", "c"])
        #expect(try combined(example, members, weights: [2, 1, 1]) == ["b", "a", "c"])
        #expect(try combined(example, members, weights: [0, 1, 1]) == ["a", "a", "b"])
    }

    @Test("votes of equal weight tie whatever the rounding of their sums")
    func roundedVotes() throws {
        let example = Example(.accuracy, .label, classes: ["a", "b"])
        // In floats 0.1 + 0.2 is more than 0.3.
        #expect(try combined(example, [["b"], ["a"], ["a"]], weights: [0.3, 0.1, 0.2]) == ["b"])
    }

    @Test("spellings of one label vote together")
    func spellings() throws {
        let example = Example(.accuracy, .label, classes: ["1", "2"])
        #expect(try average(example, [["2"], ["1"], ["1.0"]]) == ["1"])
    }

    @Test("grades written as labels are elected, as numbers averaged")
    func grades() throws {
        let members = [["1"], ["5"], ["5"]]
        #expect(
            try average(Example(.quadraticWeightedKappa, .label, classes: ["1", "5"]), members) == ["5"])
        #expect(
            try average(Example(.quadraticWeightedKappa, .number), [["1"], ["2"]]) == ["1.5"])
    }

    @Test("texts are elected by their exact spelling")
    func texts() throws {
        let example = Example(.phonemeErrorRate, .text)
        #expect(try average(example, [["1.0", "K"], ["1", "AH"], ["1", "K"]]) == ["1", "K"])
    }

    @Test("guesses are ordered by their summed reciprocal places")
    func guesses() throws {
        let example = Example(.meanAveragePrecision(at: 3), .text)
        // a: 1 + 1/2, b: 1/2 + 1, c: 1/3, d: 1/3; equal sums in the order they are met.
        #expect(try average(example, [["a b c", ""], ["b a d", "x"]]) == ["a b c", "x"])
        #expect(try combined(example, [["a b c", ""], ["b a d", "x"]], weights: [1, 2]) == ["b a d", "x"])
    }

    @Test("one member with all the weight comes back unchanged", arguments: [Metric.auc, .rootMeanSquaredError])
    func single(_ metric: Metric) throws {
        let example = Example(metric, .number, positive: "1")
        let members = [["1", "2"], ["0.30", "7e3"]]
        #expect(try combined(example, members, weights: [0, 0.2]) == ["0.30", "7e3"])
    }

    @Test("several columns are combined each for itself")
    func columns() throws {
        let columns = ["a", "b"].map { SubmissionSchema.Column(name: $0, target: $0, content: .number) }
        let scorer = Scorer(
            metric: .meanAbsoluteError, schema: SubmissionSchema(idColumn: "id", columns: columns), classes: [])
        let members = [[["1"], ["10"]], [["2"], ["30"]]].map { fields in
            Table(names: ["id", "a", "b"], columns: [["x"]] + fields)
        }
        #expect(
            try Blend.average(members, scorer: scorer)
                == Table(names: ["id", "a", "b"], columns: [["x"], ["1.5"], ["20.0"]]))
    }

    @Test(
        "weights must be one for each member, none negative, not all zero",
        arguments: [[], [1], [0, 0], [1, -1], [1, .nan], [1, .infinity], [1, 1, 1]] as [[Double]])
    func badWeights(_ weights: [Double]) throws {
        let example = Example(.accuracy, .label)
        let members = [["a"], ["b"]].map(example.predictions)
        #expect(throws: ScoringError.self) {
            try Blend.combine(members: members, weights: weights, scorer: example.scorer)
        }
    }

    @Test("a blend needs members with the same ids")
    func otherIDs() throws {
        let example = Example(.accuracy, .label)
        #expect(throws: ScoringError.self) { try Blend.average([], scorer: example.scorer) }
        let members = ["x", "y"].map { Table(names: ["id", "answer"], columns: [[$0], ["a"]]) }
        #expect(throws: ScoringError.self) { try Blend.average(members, scorer: example.scorer) }
    }
}
