import Search
import Vocabulary

@testable import Agents

/// Tasks and profiles that tests ask the playbook about.
enum Samples {
    static let mixedColumns: [(String, DataProfile.Content)] = [
        ("id", .number), ("answer", .category), ("size [mm]", .number), ("a-b, \"c\"", .number), ("colour", .category),
        ("seen", .date), ("same", .constant),
    ]

    static func profile(
        _ columns: [(String, DataProfile.Content)] = mixedColumns, rows: Int = 5_000, target: String = "answer"
    ) -> DataProfile {
        DataProfile(
            trainingRowCount: rows, testRowCount: 100,
            columns: columns.map { name, content in
                DataProfile.Column(
                    name: name, content: content, distinctCount: content == .constant ? 1 : 40, missingShare: 0.1,
                    isInTest: name != target)
            })
    }

    static func task(
        _ kind: TaskKind, _ metric: Metric, classes: [String] = [], content: PredictionContent,
        targets: [String] = ["answer"]
    ) -> TaskSpecification {
        let positive = content == .probability && kind == .binaryClassification ? classes.last : nil
        let columns =
            content == .probability && kind == .multiclassClassification
            ? classes.map {
                SubmissionSchema.Column(name: "p_\($0)", target: "answer", positiveClass: $0, content: content)
            }
            : targets.map {
                SubmissionSchema.Column(name: $0, target: $0, positiveClass: positive, content: content)
            }
        return TaskSpecification(
            name: "sample", description: "", kind: kind, metric: metric, targets: targets, classes: classes,
            submission: SubmissionSchema(idColumn: "id", columns: columns))
    }

    static let binary = task(.binaryClassification, .auc, classes: ["no", "yes"], content: .probability)
    static let threshold = task(.binaryClassification, .macroF1, classes: ["01", "nan"], content: .label)
    static let multiclass = task(.multiclassClassification, .macroF1, classes: ["a", "b", "c"], content: .label)
    static let logLoss = task(.multiclassClassification, .logLoss, classes: ["a", "b", "c"], content: .probability)
    static let grades = task(
        .multiclassClassification, .quadraticWeightedKappa, classes: ["1", "10", "2", "3"], content: .label)
    static let guesses = task(
        .multiclassClassification, .meanAveragePrecision(at: 3), classes: ["a", "b", "c", "d"], content: .text)
    static let regression = task(.regression, .rootMeanSquaredError, content: .number)
    static let positive = task(.regression, .rootMeanSquaredLogarithmicError, content: .nonNegativeNumber)
    static let absolute = task(.regression, .meanAbsoluteError, content: .number)
    static let wholeNumbers = task(.regression, .quadraticWeightedKappa, content: .label)

    static let all = [
        binary, threshold, multiclass, logLoss, grades, guesses, regression, positive, absolute, wholeNumbers,
    ]

    static func playbook(_ task: TaskSpecification, _ profile: DataProfile = Samples.profile()) -> Playbook {
        Playbook(task: task, profile: profile, seed: 11)
    }

    /// One task of each kind.
    static let kinds = [binary, multiclass, regression]

    /// The first scripts of all recipes that suit the task, by recipe.
    static func scripts(of playbook: Playbook) async throws -> [(recipe: Recipe, script: Script)] {
        var scripts: [(Recipe, Script)] = []
        for recipe in playbook.catalogue.recipes where recipe.condition.holds(for: playbook.traits) {
            let card = ModelCard(name: recipe.title, exampleCode: "…", source: "catalogue")
            if let script = try await playbook.writeCandidate(WriteCandidate(card: card)).answer {
                scripts.append((recipe, script))
            }
        }
        return scripts
    }

    /// The script of one recipe.
    static func script(_ title: String, by playbook: Playbook) async throws -> Script? {
        try await scripts(of: playbook).first { $0.recipe.title == title }?.script
    }

    /// The columns of a task with texts.
    static let textColumns: [(String, DataProfile.Content)] = mixedColumns + [("review", .text)]

    static func tried(_ plan: String, _ improvement: Double?, failure: String? = nil) -> RefinementTry {
        RefinementTry(plan: plan, improvement: improvement, failure: failure, wall: .seconds(3))
    }
}

extension TaskSpecification {
    /// What tests are told apart by.
    var label: String { "\(kind.rawValue) \(metric)" }
}
