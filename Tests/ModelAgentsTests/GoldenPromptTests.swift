import Foundation
import LanguageModels
import ModelAgents
import Search
import Testing
import Vocabulary

/// Every prompt, rendered for a small task, is kept under `Golden/`. After a wanted change:
/// `MLESTAR_WRITE_GOLDEN=1 swift test --filter GoldenPromptTests`.
@Suite("Rendered prompts", .timeLimit(.minutes(5)))
struct GoldenPromptTests {
    private static let script = Script(Stage.script)
    private static let study = AblationStudy(
        baseline: .scored(score(3.25)),
        variants: [
            .init(
                edit: NamedEdit(name: "no mean", block: "mean = 1", replacement: "mean = 0"),
                standing: .scored(score(4.5)), harm: 1.25),
            .init(
                edit: NamedEdit(name: "big", block: "a", replacement: "b"),
                standing: .failed(Failure(ending: .timeout, message: "")), harm: nil),
        ], summary: "The mean matters most.")

    private static func score(_ value: Double) -> Score {
        guard let score = Score(value, standardError: 0.1, rowCount: 100, evaluation: .hidden) else {
            preconditionFailure("a finite number is a score")
        }
        return score
    }

    private static let requests: [(name: String, request: any RoleRequest)] = [
        ("task-summarizer", SummarizeTask()),
        ("retriever", RetrieveModels(count: 3, solution: 2, summary: "A table of homes.")),
        ("candidate-coder", WriteCandidate(card: Stage.card)),
        ("merger", MergeSolutions(base: script, reference: Script("print(2)"))),
        ("data-usage-checker", CheckDataUsage(script: script)),
        ("ablation-coder", PlanAblation(script: script, studies: [study], count: 3)),
        ("ablation-script", WriteAblation(script: script, studies: ["The mean matters."])),
        ("ablation-summarizer", SummarizeAblation(study: study)),
        (
            "ablation-output",
            SummarizeAblationOutput(script: script, output: "ABLATION {\"name\": \"base\"}", failure: nil)
        ),
        ("extractor", ExtractTarget(script: script, study: study, refined: ["mean = 1"])),
        ("extractor-instructed", ExtractTarget(script: script, study: nil, refined: [], instruction: "Better trees.")),
        ("coder", RefineBlock(block: "mean = 1", plan: "Use the median.")),
        (
            "planner",
            PlanRefinement(
                block: "mean = 1",
                history: [
                    RefinementTry(plan: "Use the median.", improvement: -0.5, failure: nil, wall: .seconds(12)),
                    RefinementTry(plan: "Use a forest.", improvement: nil, failure: "time limit", wall: .seconds(600)),
                ], count: 1)
        ),
        (
            "planner-several",
            PlanRefinement(
                block: "mean = 1", history: [], count: 3,
                findings: [Finding(block: "scale = 1", plan: "Scale the numbers.", improvement: 0.25)])
        ),
        (
            "ensemble-planner-first",
            PlanEnsemble(scripts: [script, Script("print(2)")], history: [], direction: .lowerIsBetter)
        ),
        (
            "ensemble-planner",
            PlanEnsemble(
                scripts: [script, Script("print(2)")],
                history: [EnsembleTry(plan: "Take the mean.", score: 3.5, failure: nil)], direction: .lowerIsBetter)
        ),
        ("ensembler", WriteEnsemble(scripts: [script, Script("print(2)")], plan: "Take the mean.")),
        (
            "debugger",
            DebugScript(script: script, failure: Failure(ending: .missingPackage("tabnet"), message: "No module"))
        ),
        (
            "bug-summarizer",
            SummarizeFailure(
                script: script,
                failure: Failure(
                    ending: .exception("ValueError"), message: String(repeating: "frame\n", count: 300)))
        ),
        ("leakage-detector", DetectLeakage(script: script)),
        ("leakage-fixer", FixLeakage(script: script, block: "mean = 1")),
        ("submission-writer", WriteSubmission(script: script)),
        ("subsampling-locator", LocateSubsampling(script: script)),
        ("subsampling-remover", RemoveSubsampling(script: script, block: "mean = 1")),
    ]

    @Test("every prompt reads as it is kept", arguments: requests.map(\.name), [true, false])
    func golden(name: String, isHidden: Bool) async throws {
        let stage = try Stage()
        let source = ScriptedSource([])
        let request = try #require(Self.requests.first { $0.name == name }?.request)
        try await ask(request, stage.agents(source, isHidden: isHidden, retries: 0))
        let prompt = try #require(source.asked.first?.prompt)
        let text = prompt.system + "\n\n=====\n\n" + prompt.text + "\n"
        let file = "\(name).\(isHidden ? "hidden" : "self-reported").txt"
        let kept = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Golden/\(file)")
        if ProcessInfo.processInfo.environment["MLESTAR_WRITE_GOLDEN"] != nil {
            try Data(text.utf8).write(to: kept)
        }
        #expect(try String(contentsOf: kept, encoding: .utf8) == text, "\(file)")
    }

    private func ask(_ request: some RoleRequest, _ agents: any RoleAgents) async throws {
        _ = try await request.answer(by: agents)
    }

    @Test("class probabilities are asked for where a hidden row gets one label", arguments: [true, false])
    func probabilities(isHidden: Bool) async throws {
        let kinds = TaskSpecification(
            name: "kinds", description: "Name the kind.", kind: .multiclassClassification, metric: .accuracy,
            targets: ["kind"], classes: ["a", "b"],
            submission: SubmissionSchema(
                idColumn: "id", columns: [.init(name: "kind", target: "kind", content: .label)]))
        for (task, isAsked) in [(kinds, isHidden), (Stage.homes, false)] {
            let source = ScriptedSource([])
            let agents = try Stage().agents(source, isHidden: isHidden, retries: 0, task: task)
            try await ask(WriteCandidate(card: Stage.card), agents)
            let text = try #require(source.asked.first?.prompt.text)
            #expect(text.contains("./final/probabilities.csv") == isAsked)
        }
    }

    @Test("no value is left without its place and every place has its value")
    func braces() async throws {
        for (name, request) in Self.requests {
            let stage = try Stage()
            let source = ScriptedSource([])
            try await ask(request, stage.agents(source, retries: 0))
            let text = try #require(source.asked.first?.prompt.text)
            #expect(!text.contains("{{") && !text.contains("}}"), "\(name)")
            #expect(!text.contains("\n\n\n"), "\(name) has a hole")
        }
    }
}
