import Foundation
import Subprocess
import SystemPackage
import Testing
import TestKit

@Suite(
    "A run with a language model, as its user runs it", .serialized, .timeLimit(.minutes(10)),
    .enabled(if: Program.trains))
struct ModelRunTests {
    private let bench: ModelBench

    init() async throws { bench = try await ModelBench() }

    @Test("a whole default run survives every kind of bad answer, ends with a submission, and tells what happened")
    func everyFault() async throws {
        func fault(_ role: String, _ call: Int, _ fault: String) -> ScriptedServer.Fault {
            .init(role: role, call: call, fault: fault)
        }
        let server = try ScriptedServer(
            in: bench.folder,
            faults: [
                fault("retriever", 1, "json"), fault("candidate-coder", 1, "syntax"),
                fault("candidate-coder", 2, "prose"), fault("candidate-coder", 3, "crash"),
                fault("candidate-coder", 4, "leak"), fault("candidate-coder", 5, "slow"),
                fault("merger", 1, "unused"), fault("merger", 2, "leaves"), fault("ablation-coder", 1, "json"),
                fault("ablation-coder", 2, "empty"), fault("extractor", 1, "json"), fault("coder", 1, "empty"),
                fault("planner", 1, "refusal"), fault("planner", 2, "http-500"), fault("coder", 3, "cut"),
                fault("leakage-detector", 2, "empty"), fault("ablation-summarizer", 2, "length"),
            ])
        defer { server.stop() }
        let result = try await bench.run(server, configuration: "execution: {wall_limit: 60s}\n", budget: "9m")
        #expect(result.exitCode == 0, "\(result.errors)")
        try bench.checkSubmission()
        let report = try String(contentsOfFile: "\(bench.out)/report.md", encoding: .utf8)
        for words in [
            "refused: the answer is not valid JSON", "refused: the script does not compile", "exception ValueError",
            "time limit", "the script ends the interpreter in line 2", "contentFilter", "contextLength", "cut off",
            "calls of language models", "| initial | candidate-coder |", "| refinement | planner |",
            "Logistic regression, https://example.org/m", "price unknown",
        ] {
            #expect(report.contains(words), "the report does not tell: \(words)")
        }
        #expect(try await bench.count("SELECT count(*) FROM calls WHERE state = 'asked'") == 0)
        #expect(try await bench.count("SELECT count(*) FROM steps WHERE path LIKE '%leakage/block'") >= 1)
        let run = try await bench.runName()
        let status = try await Program.run("mlestar", ["status", run, "--state", bench.state])
        #expect(status.output.contains("| initial | retriever |"))
    }

    @Test("a card written by hand is tried; without its package it fails with that, typed, and the run goes on")
    func cardWithoutPackage() async throws {
        let server = try ScriptedServer(in: bench.folder)
        defer { server.stop() }
        let result = try await bench.run(
            server, configuration: ModelBench.small, arguments: ["--model-card", try bench.realMLP()])
        #expect(result.exitCode == 0, "\(result.errors)")
        let path = "solution-1/candidate-3/evaluate"
        #expect(
            try await bench.count(
                "SELECT count(*) FROM outcomes WHERE job LIKE '%:\(path)%' AND ending LIKE '%missingPackage%pytabkit%'")
                >= 1)
        #expect(server.calls.contains("debugger -"))
        try bench.checkSubmission()
    }

    @Test(
        "a RealMLP card written by hand is evaluated and merged",
        .enabled(
            if: ModelBench.tabular != nil,
            "set MLESTAR_PYTABKIT_PYTHON to a Python with pytabkit besides the packages of the core environment"))
    func cardWithPackage() async throws {
        let server = try ScriptedServer(in: bench.folder)
        defer { server.stop() }
        let result = try await bench.run(
            server, configuration: ModelBench.small,
            arguments: [
                "--model-card", try bench.realMLP(), "--python", try #require(ModelBench.tabular),
            ])
        #expect(result.exitCode == 0, "\(result.errors)")
        #expect(
            try await bench.count("SELECT count(*) FROM scores WHERE path = 'solution-1/candidate-3/evaluate'") == 1)
        let merges = "path LIKE 'solution-1/merge-%/script' AND answer LIKE '%RealMLP_TD_Classifier%'"
        #expect(try await bench.count("SELECT count(*) FROM steps WHERE \(merges)") >= 1)
    }

    @Test("the paper's configuration with a perfect model asks and runs exactly as often as the paper's algorithms do")
    func paper() async throws {
        let server = try ScriptedServer(in: bench.folder, options: ["--trivial"])
        defer { server.stop() }
        let result = try await bench.run(
            server, configuration: try bench.configuration(named: "paper"), budget: "8m")
        #expect(result.exitCode == 0, "\(result.errors)")
        func calls(_ path: String) async throws -> Int {
            try await bench.count(
                "SELECT count(*) FROM calls WHERE path LIKE '\(path)' AND role NOT LIKE 'leakage-%' AND role <> 'model-search'"
            )
        }
        #expect(try await calls("solution-%") == 98)
        #expect(try await calls("ensemble%") == 10)
        #expect(try await calls("finish-%") == 3)
        func runs(_ path: String) async throws -> Int {
            try await bench.count("SELECT count(*) FROM steps WHERE kind = 'run' AND path LIKE '\(path)'")
        }
        #expect(try await runs("solution-1/%") == 27)
        #expect(try await runs("solution-2/%") == 27)
        #expect(try await runs("ensemble%") == 5)
        #expect(try await runs("finish-%") == 1)
        #expect(try await bench.count("SELECT count(*) FROM calls WHERE defect IS NOT NULL OR error IS NOT NULL") == 0)
    }

    @Test("a model that is busy three times in a row is asked again, and the run comes to the same tree")
    func busyModel() async throws {
        func tree(_ faults: [ScriptedServer.Fault]) async throws -> ([String], asked: Int) {
            let bench = try await ModelBench()
            let server = try ScriptedServer(in: bench.folder, faults: faults, options: ["--trivial"])
            defer { server.stop() }
            let result = try await bench.run(
                server, configuration: ModelBench.small + "evaluation: {mode: self-reported}\n")
            #expect(result.exitCode == 0, "\(result.errors)")
            return (try await bench.tree(), server.calls.count)
        }
        let plain = try await tree([])
        let busy = try await tree((1...3).map { .init(role: "extractor", call: $0, fault: "http-429") })
        #expect(busy.asked == plain.asked + 3)
        #expect(busy.0 == plain.0)
    }

    @Test("a recorded run is repeated to the same tree and scores, without provider or training")
    func replay() async throws {
        let record = "\(bench.folder)/run.jsonl"
        let first: [String]
        do {
            let server = try ScriptedServer(
                in: bench.folder,
                faults: [
                    .init(role: "candidate-coder", call: 1, fault: "crash"),
                    .init(role: "coder", call: 1, fault: "refusal"),
                ])
            defer { server.stop() }
            let result = try await bench.run(
                server, configuration: ModelBench.small, arguments: ["--record", record])
            #expect(result.exitCode == 0, "\(result.errors)")
            first = try await bench.tree()
        }
        let submission = try String(contentsOfFile: "\(bench.out)/submission.csv", encoding: .utf8)
        let again = try await ModelBench()
        let result = try await again.mlestar(
            "run", bench.task, "--state", again.state, "--out", again.out, "--replay", record, "--budget", "5m")
        #expect(result.exitCode == 0, "\(result.errors)")
        #expect(try await again.tree() == first)
        #expect(try await again.count("SELECT count(*) FROM attempts") == 0, "something was trained")
        #expect(try String(contentsOfFile: "\(again.out)/submission.csv", encoding: .utf8) == submission)

        let other = try await ModelBench()
        let trained = try await other.mlestar(
            "run", bench.task, "--state", other.state, "--out", other.out, "--replay-model", record, "--budget", "5m",
            "--workers", "2", "--config", "\(bench.folder)/configuration.yaml", "--seed", "1")
        #expect(trained.exitCode == 0, "\(trained.errors)")
        #expect(try await other.count("SELECT count(*) FROM attempts") > 0)
        #expect(try await other.count("SELECT coalesce(sum(input_tokens), 0) FROM calls") == 0)
        #expect(trained.errors.contains("differs from the recorded one"), "another seed gives other scores")
    }

    @Test("killed with -9 during a call and resumed, no answer is paid for twice")
    func killedDuringCall() async throws {
        // All first scripts, asked once or again, leave most columns unused, which the data-usage check has to find.
        let server = try ScriptedServer(
            in: bench.folder,
            faults: (1...4).map { .init(role: "candidate-coder", call: $0, fault: "unused") },
            options: ["--delay", "0.4"])
        defer { server.stop() }
        try await bench.runUntil(
            server, configuration: ModelBench.small,
            "SELECT count(*) >= 6 AND sum(state = 'asked') > 0 FROM calls", signal: .kill)
        let answered = try await bench.count("SELECT count(*) FROM calls WHERE state = 'answered'")
        let asked = server.calls.count
        #expect(answered >= 4)
        let run = try await bench.runName()
        let result = try await bench.mlestar("resume", run, "--state", bench.state, "--workers", "2")
        #expect(result.exitCode == 0, "\(result.errors)")
        let used = try await bench.count("SELECT count(*) FROM steps WHERE path = 'solution-1/data-usage/evaluate'")
        let tree = try await bench.tree().joined(separator: "\n")
        #expect(used == 1, "\(tree)")
        let repeated = """
            SELECT count(*) FROM (SELECT 1 FROM calls WHERE state = 'answered' GROUP BY path, role, attempt \
            HAVING count(*) > 1)
            """
        #expect(try await bench.count(repeated) == 0)
        let lost = try await bench.count("SELECT count(*) FROM calls WHERE state = 'lost'")
        #expect(lost >= 1)
        let calls = try await bench.count("SELECT count(*) FROM calls")
        #expect(asked > 0 && server.calls.count <= calls)
        try bench.checkSubmission()
    }

    @Test("an allowance that is used up pauses the run; hints given meanwhile are followed when it goes on")
    func pausedWithHints() async throws {
        let server = try ScriptedServer(
            in: bench.folder, faults: [.init(role: "data-usage-checker", call: 1, fault: "quota")])
        defer { server.stop() }
        let result = try await bench.run(server, configuration: ModelBench.small)
        #expect(result.exitCode == 5, "\(result.errors)")
        #expect(result.errors.contains("paused:") && result.errors.contains("quota"))
        let run = try await bench.runName()
        let plan = "Bound every input between its quartiles. Attempt number 3."
        let card = "\(bench.folder)/card.md"
        try "# Nearest neighbours\n\n```python\nmodel = KNeighborsClassifier(n_neighbors=9)\n```\n"
            .write(toFile: card, atomically: true, encoding: .utf8)
        let hint = try await bench.mlestar(
            "hint", run, "--state", bench.state, "--plan", plan, "--target", "the scaling of the inputs",
            "--model-card", card)
        #expect(hint.exitCode == 0, "\(hint.errors)")
        let resumed = try await bench.mlestar("resume", run, "--state", bench.state, "--workers", "2")
        #expect(resumed.exitCode == 0, "\(resumed.errors)")
        let tree = try await bench.tree().joined(separator: "\n")
        #expect(tree.contains("hinted-1") && tree.contains("instructed-target"))
        #expect(
            try await bench.count(
                "SELECT count(*) FROM steps WHERE path LIKE '%try-1/block' AND request LIKE '%\(plan)%'")
                == 1)
    }

    @Test("a run never costs more than it may, and ends with the best so far")
    func cap() async throws {
        let server = try ScriptedServer(in: bench.folder)
        defer { server.stop() }
        let unpriced = try await bench.run(server, configuration: ModelBench.small, arguments: ["--max-cost", "1"])
        #expect(unpriced.exitCode != 0 && unpriced.errors.contains("no price is known"))
        let prices = "\(bench.folder)/prices.yaml"
        try "as_of: 2026-01-01\nprices:\n  - {provider: compatible, models: [scripted], input: 10, output: 5}\n"
            .write(toFile: prices, atomically: true, encoding: .utf8)
        let other = try await ModelBench()
        // Longer than the money lasts.
        let search = "search: {solutions: 1, candidates: 2, outer_steps: 6, inner_steps: 2, ablation_variants: 2}\n"
        let result = try await other.run(
            server, configuration: search + "models: {prices: \(prices)}\n",
            arguments: ["--max-cost", "0.6"])
        #expect(result.exitCode == 0, "\(result.errors)")
        try other.checkSubmission()
        let spent = try await other.count("SELECT sum(picodollars) FROM calls")
        #expect(spent > 100_000_000_000 && spent <= 600_000_000_000, "\(spent) picodollars")
        #expect(
            try await other.count("SELECT count(*) FROM calls WHERE error LIKE '%raise the budget to go on%'") >= 1)
        let report = try String(contentsOfFile: "\(other.out)/report.md", encoding: .utf8)
        #expect(report.contains("$0."))
    }

    @Test("a key is found nowhere in anything that is written, and no script can see it")
    func key() async throws {
        let key = "sk-planted-\(UUID().uuidString)"
        let server = try ScriptedServer(
            in: bench.folder, faults: [.init(role: "candidate-coder", call: 1, fault: "spill")],
            options: ["--key", key])
        let keys = ["MLESTAR_COMPATIBLE_KEY": key, "OPENAI_API_KEY": key + "-other"]
        defer { server.stop() }
        let result = try await bench.run(
            server, configuration: ModelBench.small, arguments: ["--record", "\(bench.folder)/record.jsonl"],
            environment: keys)
        #expect(result.exitCode == 0, "\(result.errors)")
        let wrong = try await bench.run(
            server, configuration: ModelBench.small, environment: ["MLESTAR_COMPATIBLE_KEY": key + "-wrong"])
        #expect(wrong.exitCode == 5 && wrong.errors.contains("authentication"))
        #expect(try await bench.count("SELECT count(*) FROM outcomes WHERE log LIKE '%MLESTAR_SEED%'") >= 1)
        for output in [result.output, result.errors, wrong.output, wrong.errors] { #expect(!output.contains(key)) }
        let found = try await Subprocess.run(
            .path("/usr/bin/grep"), arguments: ["-rlaF", "sk-planted-", bench.folder], output: .string(limit: 1 << 16),
            error: .discarded)
        #expect(found.standardOutput.isEmpty, "\(found.standardOutput)")
    }
}
