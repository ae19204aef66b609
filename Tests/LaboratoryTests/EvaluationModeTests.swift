import Journal
import Search
import Tasks
import TestKit
import Testing
import Vocabulary

@testable import Laboratory

@Suite("Ways to score", .timeLimit(.minutes(5)))
struct EvaluationModeTests {
    private let bench: Bench
    private let path = StepPath("solution-1/candidate-1/evaluate")

    init() throws { bench = try Bench() }

    private func request(_ word: String) -> RunRequest {
        RunRequest(kind: .candidateEvaluation, script: Script(word))
    }

    @Test("with folds a script runs once per fold, and its score is the mean with a smaller error")
    func folds() async throws {
        let settings = SplitSettings(seed: 1, folds: 3)
        let evaluation = try HiddenEvaluation.prepare(bench.task, settings: settings, in: "\(bench.folder.path)/folds")
        let jobs = StubJobs()
        let lab = bench.lab(jobs, basis: .hidden(evaluation, isProtected: true))
        let report = try await lab.run(request("good"), at: path)
        #expect(jobs.runs.count == 3 && Set(jobs.runs.keys.map(\.rawValue)).contains("r:\(path)/fold-2"))
        #expect(
            try bench.journal.finishedRun(at: path, of: bench.run)?.walls == [.seconds(1), .seconds(1), .seconds(1)])
        let score = try #require(report.score)
        let single = try await bench.lab(StubJobs(), run: try bench.anotherRun()).run(request("good"), at: path)
        #expect(score.evaluation == .hidden)
        #expect(try #require(score.standardError) < (try #require(single.score?.standardError)))
        _ = try await lab.run(request("bad"), at: StepPath("b"))
        let evidence = try await lab.observe(CompareRuns(candidate: path, base: StepPath("b")), at: StepPath("c"))
        #expect(evidence.probabilityBetter > 0.95 && evidence.rowCount == score.rowCount)
        let submission = try lab.submissions.deliverable(at: path)
        #expect(submission["id"] == (201...240).map(String.init))
    }

    @Test("self-reported: the printed line is the score, says so, and decides alone")
    func selfReported() async throws {
        let mount = try bench.task.originalMount(in: "\(bench.folder.path)/original")
        let basis = Examiner.Basis.selfReported(mount, testIDs: (201...240).map(String.init))
        let jobs = StubJobs(reporting: ["good": 0.9, "bad": 0.95])
        let lab = bench.lab(jobs, basis: basis)
        let good = try await lab.run(request("good"), at: path)
        #expect(good.score?.value == 0.9 && good.score?.evaluation == .selfReported)
        _ = try await lab.run(request("bad"), at: StepPath("b"))
        let evidence = try await lab.observe(CompareRuns(candidate: StepPath("b"), base: path), at: StepPath("c"))
        #expect(evidence.probabilityBetter == 1)
        #expect(try await lab.observe(JudgeRuns(finalists: [path]), at: StepPath("d")).first?.score == good.score)
    }

    @Test("a false line gains nothing: the score is hidden, the script is suspected and loses to an honest one")
    func falseLine() async throws {
        let lab = bench.lab(StubJobs(reporting: ["bad": 0.9999]))
        let lying = try await lab.run(request("bad"), at: path)
        let silent = try await bench.lab(StubJobs(), run: try bench.anotherRun()).run(request("bad"), at: path)
        #expect(lying.score == silent.score && silent.suspicion == nil)
        #expect(lying.suspicion?.contains("leakage is suspected") == true)
        let honest = try await lab.run(request("good"), at: StepPath("honest"))
        #expect(honest.standing.isBetter(than: lying.standing, by: .higherIsBetter))
        let evidence = try await lab.observe(
            CompareRuns(candidate: path, base: StepPath("honest")), at: StepPath("comparison"))
        #expect(evidence.probabilityBetter < 0.01)
    }

    @Test("in a whole search the honest script wins, whatever the others report")
    func falseLineLoses() async throws {
        let lab = bench.lab(StubJobs(reporting: ["bad": 0.9999, "weak": 0.9999]))
        let finish = try #require(try await bench.search(lab).search())
        #expect(finish.solution.script.text.contains("good"))
        let liar = try await lab.run(request("bad"), at: StepPath("liar"))
        #expect(finish.solution.standing.isBetter(than: liar.standing, by: .higherIsBetter))
    }

    @Test(
        "leakage is suspected beyond six standard errors, and only where the report is the better one",
        arguments: [
            (Metric.auc, 0.7 + 0.0599, false), (.auc, 0.7 + 0.0601, true), (.auc, 0.1, false),
            (.rootMeanSquaredError, 0.7 - 0.0599, false), (.rootMeanSquaredError, 0.7 - 0.0601, true),
            (.rootMeanSquaredError, 0.99, false),
        ])
    func suspicionBound(metric: Metric, reported: Double, isSuspected: Bool) throws {
        let task = TaskSpecification(
            name: "t", description: "", kind: .regression, metric: metric, targets: ["y"], classes: [],
            submission: bench.task.specification.submission)
        let examiner = Examiner(task: task, basis: .hidden(bench.evaluation, isProtected: true))
        let score = try #require(Score(0.7, standardError: 0.01, rowCount: 100, evaluation: .hidden))
        #expect((examiner.suspicion(selfReported: reported, score) != nil) == isSuspected)
        let unknown = Score(0.7, rowCount: 100, evaluation: .hidden)
        #expect(examiner.suspicion(selfReported: reported, unknown) == nil, "no error is known")
        #expect(examiner.suspicion(selfReported: nil, score) == nil)
        #expect(examiner.suspicion(selfReported: reported, nil) == nil)
    }

    @Test("ids, row order and formatting tell nothing about the labels")
    func cheating() async throws {
        let evaluation = bench.evaluation
        let mount = evaluation.searchMounts[0]
        let test = try CSVFile(path: "\(mount.path)/test.csv").table()
        let ids = test["id"] ?? []
        let order = Dictionary(uniqueKeysWithValues: ids.enumerated().map { ($1, Double($0)) })
        let tricks: [(String, (String) -> Double)] = [
            ("the id as a number", { Double($0) ?? 0 }), ("the place in the file", { order[$0] ?? 0 }),
            ("whether the id is even", { (Int($0) ?? 0).isMultiple(of: 2) ? 1 : 0 }),
        ]
        let examiner = Examiner(task: bench.task.specification, basis: .hidden(evaluation, isProtected: false))
        for (name, trick) in tricks {
            let lines = ids.map { "\($0),\(1 / (1 + trick($0)))" }
            let bytes = Array((["id,y"] + lines).joined(separator: "\n").utf8)
            let predictions = try examiner.check(bytes, .search, fold: 0)
            let score = try #require(try examiner.score([predictions], on: .search))
            let error = try #require(score.standardError)
            #expect(abs(score.value - 0.5) < 4 * error, "\(name) scores \(score.value) ± \(error)")
        }
    }

    @Test("a submission by the place of the rows, or with the original ids, is refused")
    func byPosition() throws {
        let examiner = Examiner(task: bench.task.specification, basis: .hidden(bench.evaluation, isProtected: false))
        for ids in [Array(1...80), Array(161...240)] {
            let bytes = Array((["id,y"] + ids.map { "\($0),0.5" }).joined(separator: "\n").utf8)
            #expect(throws: (any Error).self) { try examiner.check(bytes, .search, fold: 0) }
        }
    }

    @Test("no file of a search mount holds a held-out label, and the key is for its owner alone")
    func mounts() throws {
        let mount = bench.evaluation.searchMounts[0]
        let test = try CSVFile(path: "\(mount.path)/test.csv").table()
        #expect(test.names == ["id", "x"] && test.rowCount == 80)
        let train = try CSVFile(path: "\(mount.path)/train.csv").table()
        #expect(train.rowCount == 160)
        #expect(Set(train["id"] ?? []).isDisjoint(with: test["id"] ?? []))
        let sample = try CSVFile(path: "\(mount.path)/sample_submission.csv").table()
        #expect(Set(sample["y"] ?? []).count == 1)
    }
}
