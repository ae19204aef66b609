public import Search
public import Vocabulary

/// Plays the roles of a search from a catalogue of real recipes, without any language model.
///
/// What it cannot answer from the catalogue it declines: it never invents. The same questions get the same answers
/// from the same task, profile, seed and catalogue.
public struct Playbook: RoleAgents {
    let writer: ScriptWriter
    let seed: UInt64
    /// The parallel solution that asks, from 1.
    private(set) var solution = 1
    /// Why no script can be written for the task, in a sentence; `nil` when one can.
    let obstacle: String?

    var catalogue: Catalogue { writer.catalogue }
    var traits: Traits { writer.traits }

    /// A playbook for a task.
    public init(
        task: TaskSpecification, profile: DataProfile, seed: UInt64, catalogue: Catalogue = .builtIn
    ) {
        let columns = FeatureColumns(task: task, profile: profile)
        let traits = Traits(of: task, columns: columns, rowCount: profile.trainingRowCount)
        writer = ScriptWriter(task: task, columns: columns, traits: traits, catalogue: catalogue, seed: seed)
        self.seed = seed
        obstacle = Playbook.obstacle(task: task, columns: columns, traits: traits)
    }

    /// The playbook as it answers one of the parallel solutions.
    public func playing(at path: StepPath) -> any RoleAgents {
        guard let name = path.parts.first, name.hasPrefix("solution-"), let number = Int(name.dropFirst(9)), number > 0
        else { return self }
        var playbook = self
        playbook.solution = min(number, 10)
        return playbook
    }

    private static func obstacle(task: TaskSpecification, columns: FeatureColumns, traits: Traits) -> String? {
        switch task.kind {
        case .textGeneration: return "the playbook has no recipe for tasks that generate text"
        case .multilabelClassification: return "the playbook has no recipe for several labels per row"
        case .regression, .binaryClassification, .multiclassClassification: break
        }
        if task.targets.count != 1 { return "the playbook predicts one target; the task has \(task.targets.count)" }
        if columns.names.isEmpty { return "train.csv and test.csv share no column that a model could learn from" }
        if task.kind != .regression && task.classes.count < 2 { return "the task has fewer than two classes" }
        if !metrics(for: task.kind).contains(where: traits.words.contains) {
            return "the playbook cannot score \(task.kind.rawValue) predictions by \(task.metric)"
        }
        return nil
    }

    /// The traits of metrics that the frame can compute.
    private static func metrics(for kind: TaskKind) -> [String] {
        kind == .regression
            ? ["rmse", "rmsle", "mae", "r2", "spearman", "qwk"]
            : ["auc", "mean_column_auc", "logloss", "accuracy", "micro_f1", "macro_f1", "mcc", "qwk", "map"]
    }
}

/// Sentences with which the playbook declines.
enum Decline {
    static let foreignScript = "the script was not made by the playbook"
    static let foreignBlock = "the block is not one of the playbook's"
}
