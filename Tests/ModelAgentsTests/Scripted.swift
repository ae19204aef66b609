import Foundation
import Journal
import LanguageModels
import ModelAgents
import Search
import Synchronization
import TestKit
import Vocabulary

/// A source of answers that reads from a list, and remembers what it was asked.
final class ScriptedSource: CallSource {
    enum Line: Sendable {
        case says(String)
        case isCutOff(String)
        case fails(ModelError.Code)
    }

    private let state: Mutex<(lines: [Line], asked: [(prompt: ModelPrompt, place: CallPlace)])>
    let canSearch: Bool

    init(_ lines: [Line], canSearch: Bool = false) {
        state = Mutex((lines, []))
        self.canSearch = canSearch
    }

    convenience init(saying texts: String...) { self.init(texts.map { .says($0) }) }

    var asked: [(prompt: ModelPrompt, place: CallPlace)] { state.withLock { $0.asked } }

    func model(for role: Role) -> String { "scripted" }
    func searchesWeb(_ role: Role) -> Bool { canSearch }
    func prepared(_ prompt: ModelPrompt, for role: Role) -> ModelPrompt { prompt }

    func answer(_ prompt: ModelPrompt, for role: Role, at place: CallPlace) async throws(ModelError) -> ModelAnswer {
        let line = state.withLock { state in
            state.asked.append((prompt, place))
            return state.lines.isEmpty ? Line.says("I have nothing to say.") : state.lines.removeFirst()
        }
        let usage = TokenUsage(input: 100, output: 10)
        switch line {
        case .says(let text): return ModelAnswer(text: text, usage: usage, cost: Money(picodollars: 7))
        case .isCutOff(let text): return ModelAnswer(text: text, stop: .maximumOutput, usage: usage)
        case .fails(let code):
            throw ModelError(code, provider: "scripted", model: "m", message: "This is what happened.")
        }
    }
}

/// A journal with one run, and agents that play from a list.
struct Stage {
    let folder: TemporaryFolder
    let journal: Journal
    let run = RunID("r")

    init() throws {
        folder = try TemporaryFolder()
        journal = try Journal(folder: "\(folder.path)/state")
        try journal.enter(
            NewRun(
                id: run, taskName: "homes", taskPath: "/t", taskFingerprint: ContentHash("ab"), settings: "{}",
                strategy: "s", budget: .seconds(60), outPath: "/out"), as: .running)
    }

    func agents(
        _ source: any CallSource, isHidden: Bool = true, sources: (any ModelSources)? = nil, retries: Int = 3,
        at path: StepPath = StepPath("solution-1/candidate-1/script"), task: TaskSpecification = Self.homes
    ) -> any RoleAgents {
        ModelAgents(
            context: Self.context(isHidden: isHidden, task: task),
            desk: CallDesk(run: run, journal: journal, source: source),
            inspector: PythonInspector(interpreter: "/usr/bin/python3"), sources: sources, retries: retries
        ).playing(at: path)
    }

    static let homes = TaskSpecification(
        name: "homes", description: "# Homes\n\nPredict the price of a home.\n\n## Evaluation\n\nRMSE.",
        kind: .regression, metric: .rootMeanSquaredError, targets: ["price"], classes: [],
        submission: SubmissionSchema(
            idColumn: "id", columns: [.init(name: "price", target: "price", content: .number)]))

    static func context(isHidden: Bool, task: TaskSpecification = homes) -> AgentContext {
        AgentContext(
            task: task, isHidden: isHidden, preview: "`train.csv`: 800 rows, 3 columns", trainingRowCount: 800,
            machine: .init(
                packages: ["numpy==2.3.1", "scikit-learn==1.7.0"], cores: 2, gpu: nil,
                limits: Limits(wall: .seconds(600), memoryBytes: 8192 << 20, outputBytes: 1 << 20)))
    }

    static let card = ModelCard(name: "Ridge", exampleCode: "model = Ridge()", source: "catalogue")

    /// A script that keeps the rules of both kinds of evaluation.
    static let script = """
        import pandas as pd

        train = pd.read_csv("input/train.csv")
        mean = train["price"].mean()
        print(f"Final Validation Performance: {mean}")
        pd.DataFrame({"id": [1], "price": [mean]}).to_csv("final/submission.csv", index=False)

        """

    static func fenced(_ code: String) -> String { "```python\n\(code)\n```" }
}
