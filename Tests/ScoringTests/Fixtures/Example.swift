import Scoring
import Vocabulary

/// A task with one predicted column `answer` for the target `truth`, rows "0", "1", ….
struct Example {
    let scorer: Scorer

    init(
        _ metric: Metric, _ content: PredictionContent, classes: [String] = [], positive: String? = nil
    ) {
        let column = SubmissionSchema.Column(
            name: "answer", target: "truth", positiveClass: positive, content: content)
        scorer = Scorer(
            metric: metric, schema: SubmissionSchema(idColumn: "id", columns: [column]), classes: classes)
    }

    func truth(_ fields: [String]) -> Table { Table(names: ["truth"], columns: [fields]) }

    func predictions(_ fields: [String]) -> Table {
        Table(names: ["id", "answer"], columns: [fields.indices.map { "\($0)" }, fields])
    }

    func rows(_ truth: [String], _ predicted: [String]) throws -> ScoredRows {
        try scorer.rows(truth: self.truth(truth), predictions: predictions(predicted))
    }

    func value(_ truth: [String], _ predicted: [String]) throws -> Double {
        try scorer.value(of: rows(truth, predicted))
    }
}

/// Pseudo-random numbers of the tests' own: a linear congruential generator (Knuth's MMIX), upper half.
struct TestGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        let high = step()
        return high << 32 | step()
    }

    private mutating func step() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state >> 32
    }
}

/// Whether two numbers agree up to rounding.
func isClose(_ a: Double, _ b: Double, tolerance: Double = 1e-9) -> Bool {
    abs(a - b) <= tolerance * max(1, abs(a), abs(b))
}
