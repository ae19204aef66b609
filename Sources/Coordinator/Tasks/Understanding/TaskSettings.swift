import Vocabulary

/// What `task.yaml` says. Every key is optional; what is left out is found in the other files.
struct TaskSettings: Sendable {
    var name: String?
    var description: String?
    var metric: Metric?
    var direction: Direction?
    var kind: TaskKind?
    var id: String?
    var targets: [String]?
    var classes: [String]?
    var trainFile: String?
    var testFile: String?
    var sampleFile: String?
    var split: SplitAdvice.Kind?
    var submission: [SubmissionRule] = []
    var isHidden: Bool?

    /// What `submission:` says about one column.
    struct SubmissionRule: Sendable {
        let column: String
        var target: String?
        var positive: String?
        var content: PredictionContent?
    }

    static let fileName = "task.yaml"
}
