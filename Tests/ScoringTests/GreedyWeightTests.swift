import Scoring
import Testing
import Vocabulary

@Suite("Greedy weights", .timeLimit(.minutes(5)))
struct GreedyWeightTests {
    private func weights(
        _ example: Example, truth: [String], _ members: [[String]], rounds: Int = 30
    ) -> [Double] {
        Blend.greedyWeights(
            members: members.map(example.predictions), truth: example.truth(truth), scorer: example.scorer,
            rounds: rounds)
    }

    private func score(
        _ example: Example, truth: [String], _ members: [[String]], _ weights: [Double]
    ) throws -> Double {
        let blend = try Blend.combine(
            members: members.map(example.predictions), weights: weights, scorer: example.scorer)
        return try example.scorer.value(of: example.scorer.rows(truth: example.truth(truth), predictions: blend))
    }

    @Test("errors in opposite directions are balanced by the weights")
    func balance() {
        // Errors +3 and -1: a quarter and three quarters cancel them.
        let found = weights(
            Example(.rootMeanSquaredError, .number), truth: ["0", "10"], [["3", "13"], ["-1", "9"], ["50", "-50"]])
        #expect(found == [0.25, 0.75, 0])
    }

    @Test("a member that is best alone and gains nothing gets all the weight")
    func bestAlone() {
        let found = weights(
            Example(.meanAbsoluteError, .number), truth: ["1", "2", "3"],
            [["2", "3", "4"], ["1", "2", "3"], ["1", "2", "4"]])
        #expect(found == [0, 1, 0])
    }

    @Test("of equal members the earlier one is taken")
    func tie() {
        let truth = ["a", "b", "a", "b"]
        let member = ["a", "b", "b", "b"]
        #expect(
            weights(Example(.accuracy, .label), truth: truth, [["b", "b", "b", "b"], member, member]) == [0, 1, 0])
    }

    @Test("voters that are wrong on different rows are right together, wherever the best of them stands")
    func voters() throws {
        let example = Example(.accuracy, .label)
        let truth = ["a", "a", "a", "b", "b", "b"]
        let best = ["b", "a", "a", "b", "b", "b"]
        let others = [["a", "b", "a", "b", "a", "b"], ["a", "a", "b", "b", "b", "a"]]
        for place in 0...2 {
            var members = others
            members.insert(best, at: place)
            let found = weights(example, truth: truth, members)
            #expect(try score(example, truth: truth, members, found) == 1, "\(found)")
            #expect(isClose(found.reduce(0, +), 1))
        }
    }

    @Test("the blend is never worse than the best member", arguments: ["auc", "logloss", "rmse", "spearman"])
    func neverWorse(_ name: String) throws {
        let metric = try #require(Metric(name: name))
        let example = Example(metric, name == "rmse" || name == "spearman" ? .number : .probability, positive: "1")
        var generator = TestGenerator(seed: 23)
        let truth = (0..<80).map { _ in Int.random(in: 0...1, using: &generator) }
        let members = [0.6, 0.8, 1.2].map { noise in
            truth.map {
                let moved = Double($0) + noise * Double.random(in: -1...1, using: &generator)
                return "\(min(max(moved, 0.01), 0.99))"
            }
        }
        let labels = truth.map(String.init)
        let found = weights(example, truth: labels, members)
        let blend = try score(example, truth: labels, members, found)
        for member in members {
            #expect(!metric.direction.isBetter(try example.value(labels, member), than: blend))
        }
        #expect(isClose(found.reduce(0, +), 1))
        #expect(found.count { $0 > 0 } > 1)
    }

    @Test("one round takes the best member alone")
    func oneRound() {
        let found = weights(
            Example(.rootMeanSquaredError, .number), truth: ["0", "10"], [["3", "13"], ["-1", "9"]], rounds: 1)
        #expect(found == [0, 1])
    }

    @Test("a member on which the metric is undefined gets no weight")
    func undefinedMember() {
        let found = weights(
            Example(.spearman, .number), truth: ["1", "2", "3"], [["5", "5", "5"], ["1", "3", "2"]])
        #expect(found[1] > 0)
        // The constant adds nothing to the order.
        #expect(found == [0, 1])
    }

    @Test("where nothing can be scored all weights are equal")
    func nothingScored() {
        let auc = Example(.auc, .probability, positive: "1")
        #expect(weights(auc, truth: ["1", "1"], [["0.1", "0.2"], ["0.3", "0.4"]]) == [0.5, 0.5])
        #expect(weights(auc, truth: ["1"], [["0.1", "0.2"], ["0.3", "0.4"]]) == [0.5, 0.5])
        #expect(weights(auc, truth: ["1", "0"], []).isEmpty)
    }

    @Test("weights from resampled rows are few, add up to one and are the same for a seed")
    func bagged() {
        let example = Example(.rootMeanSquaredError, .number)
        var generator = TestGenerator(seed: 3)
        let truth = (0..<60).map { _ in Double.random(in: 0...1, using: &generator) }
        let members = (0..<6).map { member in
            truth.map { "\($0 + Double.random(in: -1...1, using: &generator) * (member == 5 ? 20 : 0.3))" }
        }
        func weights(seed: UInt64) -> [Double] {
            Blend.baggedWeights(
                members: members.map(example.predictions), truth: example.truth(truth.map { "\($0)" }),
                scorer: example.scorer, limit: 4, resamples: 6, seed: seed)
        }
        let found = weights(seed: 1)
        #expect(found.count { $0 > 0 } == 4 && found[5] == 0)
        #expect(isClose(found.reduce(0, +), 1))
        #expect(found == weights(seed: 1) && found != weights(seed: 2))
    }

    @Test("a member below a tenth of the largest weight is left out")
    func triflingMember() {
        let example = Example(.rootMeanSquaredError, .number)
        let truth = (0..<30).map(Double.init)
        // The second is right in the first row alone: of some resamples it gets a small share.
        let members = [[1] + truth.dropFirst(), [0] + truth.dropFirst().map { $0 + 1 }]
        func weights(resamples: Int) -> [Double] {
            Blend.baggedWeights(
                members: members.map { example.predictions($0.map { "\($0)" }) },
                truth: example.truth(truth.map { "\($0)" }), scorer: example.scorer, limit: 2, resamples: resamples,
                seed: 1)
        }
        #expect((1...8).allSatisfy { weights(resamples: $0) == [1, 0] })
    }

    @Test("resamples without a score, and none at all, leave the weights of all rows")
    func unscored() {
        let example = Example(.auc, .probability, classes: ["0", "1"], positive: "1")
        func weights(_ truth: [String], resamples: Int) -> [Double] {
            let members = [["0.1", "0.9"], ["0.9", "0.1"]].map(example.predictions)
            return Blend.baggedWeights(
                members: members, truth: example.truth(truth), scorer: example.scorer, limit: 2,
                resamples: resamples, seed: 1)
        }
        #expect(weights(["1", "1"], resamples: 4) == [0.5, 0.5])
        #expect(weights(["0", "1"], resamples: 0) == [1, 0])
        #expect(weights(["0", "1"], resamples: 9) == [1, 0], "resamples of one class are passed over")
    }
}
