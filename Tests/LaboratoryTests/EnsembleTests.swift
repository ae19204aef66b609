import Foundation
import Journal
import Scoring
import Search
import Tasks
import TestKit
import Testing
import Vocabulary

@testable import Laboratory

@Suite("Ensembles over a journal", .timeLimit(.minutes(6)))
struct EnsembleTests {
    private let bench: Bench

    init() throws { bench = try Bench() }

    private func request(_ word: String, _ mount: MountChoice = .search) -> RunRequest {
        RunRequest(kind: .candidateEvaluation, script: Script("# \(word)"), mount: mount)
    }

    /// A lab in which the paths `good`, `weak` and `bad` have run.
    private func lab() async throws -> JournaledLab {
        let lab = bench.lab(StubJobs())
        for word in ["good", "weak", "bad"] { _ = try await lab.run(request(word), at: StepPath(word)) }
        return lab
    }

    private static let runs = ["good", "weak", "bad"].map { StepPath($0) }

    @Test("an average gives every run the same share and is scored like a script")
    func average() async throws {
        let combination = try await lab().observe(
            CombineRuns(runs: Self.runs, method: .average, limit: 3), at: StepPath("finish-1/average"))
        let third = 1.0 / 3
        #expect(combination.weights == [third, third, third])
        #expect(combination.standing.score?.evaluation == .hiddenUnprotected)
        let stored = try bench.journal.scores(of: bench.run).first { $0.path == StepPath("finish-1/average") }
        #expect(stored?.score == combination.standing.score && stored?.part == "search")
    }

    @Test("greedy weights leave out what does harm, and rows are predicted by weights chosen without them")
    func weighted() async throws {
        let lab = try await lab()
        let path = StepPath("finish-1/weighted")
        let combination = try await lab.observe(CombineRuns(runs: Self.runs, method: .weighted, limit: 2), at: path)
        #expect(combination.weights[2] == 0)
        #expect(combination.weights.reduce(0, +) == 1)
        #expect(combination.crossFitted.count == 5)
        for shares in combination.crossFitted { #expect(shares.count(where: { $0 > 0 }) <= 2) }
        // What a later sitting reads back is what was scored.
        let later = StoredSubmissions(journal: bench.journal, run: bench.run, examiner: lab.examiner)
        let tables = try later.predictions(of: path)
        #expect(tables.mount == .search)
        #expect(try lab.examiner.score(tables.tables, on: .search) == combination.standing.score)
        #expect(try later.deliverable(at: path).rowCount == 40)
    }

    @Test("cross-fitted rows differ from those of the weights chosen on all rows, and only on the search part")
    func crossFitted() async throws {
        let lab = try await lab()
        let members = try lab.submissions.members(Self.runs)
        let whole = EnsembleWeights(weights: [1, 0, 0], crossFitted: [])
        let parts = EnsembleWeights(weights: [1, 0, 0], crossFitted: [[0, 1, 0], [0, 0, 1]])
        let plain = try lab.examiner.combined(members, by: whole)[0]
        let fitted = try lab.examiner.combined(members, by: parts)[0]
        let places = Set(bench.evaluation.places(of: .search, fold: 0))
        for row in 0..<plain.rowCount {
            let isSame = plain.columns[1][row] == fitted.columns[1][row]
            if !places.contains(row) { #expect(isSame) }
        }
        let order = bench.evaluation.places(of: .search, fold: 0)
        #expect(fitted.columns[1][order[0]] == members[1].tables[0].columns[1][order[0]])
        #expect(fitted.columns[1][order[1]] == members[2].tables[0].columns[1][order[1]])
    }

    @Test("final shares are chosen on the rows of both parts, and the script has those alone that have one")
    func reweighed() async throws {
        let lab = try await lab()
        let members = try lab.submissions.members(Self.runs)
        let shares = try await lab.observe(ReweighMembers(members: Self.runs), at: StepPath("finish-1/shares"))
        #expect(shares.weights == (try lab.examiner.finalWeights(of: members)))
        #expect(shares.weights[0] > 0 && shares.weights[2] == 0 && shares.weights.reduce(0, +) == 1)
        #expect(shares.script.text.contains("# good") && !shares.script.text.contains("# bad"))
        // A member that errs on the judge part alone: by the search part it is as good as the best.
        let judge = Set(bench.evaluation.places(of: .judge, fold: 0))
        let right = members[0].tables[0]
        let columns = zip(right.columns, members[2].tables[0].columns).map { right, wrong in
            right.indices.map { judge.contains($0) ? wrong[$0] : right[$0] }
        }
        let lucky = EnsembleMember(tables: [Table(names: right.names, columns: columns)], classShares: [nil])
        let seen = try lab.examiner.weights(of: [lucky, members[0]], by: .weighted, limit: 2).weights
        let final = try lab.examiner.finalWeights(of: [lucky, members[0]])
        #expect(seen[0] >= 0.5 && final[0] < 0.5, "\(seen), \(final)")
        #expect(try bench.journal.scores(of: bench.run).allSatisfy { $0.path != StepPath("finish-1/shares") })
    }

    @Test("refits of the members are combined with their shares into the submission")
    func blend() async throws {
        let lab = try await lab()
        let members = ["finish-1/refit/member-1", "finish-1/refit/member-2"].map { StepPath($0) }
        for (path, word) in zip(members, ["good", "bad"]) { _ = try await lab.run(request(word, .full), at: path) }
        let path = StepPath("finish-1/refit")
        _ = try await lab.observe(BlendRefits(blending: Blending(members: members, weights: [1, 0])), at: path)
        #expect(try lab.submissions.deliverable(at: path) == lab.submissions.deliverable(at: members[0]))
    }

    @Test("the script of an ensemble holds its members and does in Python what Blend does")
    func script() async throws {
        let combination = try await lab().observe(
            CombineRuns(runs: Self.runs, method: .average, limit: 3), at: StepPath("finish-1/average"))
        let text = combination.script.text
        for word in ["good", "weak", "bad"] { #expect(text.contains("# \(word)")) }
        #expect(!text.contains("__"), "a constant was left open")
        #expect(text.contains(#"COLUMNS = {"y": "ranks"}"#))
    }

    @Test("what other solutions accepted is found with its block and plan; one's own is not")
    func findings() async throws {
        let lab = bench.lab(StubJobs())
        let here = StepPath("solution-2/outer-1")
        let attempt = here / "inner-1" / "try-1"
        _ = try await lab.ask(RefineBlock(block: "setup", plan: "make it good"), at: attempt / "block")
        _ = try await lab.run(request("good"), at: attempt / "evaluate")
        _ = try await lab.run(request("bad"), at: StepPath("base"))
        let comparison = CompareRuns(candidate: attempt / "evaluate", base: StepPath("base"))
        let evidence = try await lab.observe(comparison, at: here / "comparison")
        try await lab.note(Decision(.accepted, reason: "better", evidence: evidence), at: here / "decision")
        let seen = try await lab.observe(GatherFindings(solution: 1), at: StepPath("solution-1/outer-1/findings"))
        #expect(seen == [Finding(block: "setup", plan: "make it good", improvement: evidence.improvement)])
        #expect(try await lab.observe(GatherFindings(solution: 2), at: StepPath("solution-2/outer-2/findings")).isEmpty)
    }

    @Test("no more scripts of the search are run than allowed, over all sittings; the final steps are not counted")
    func evaluations() async throws {
        var settings = Bench.settings
        settings.evaluations = 2
        let lab = bench.lab(StubJobs(), settings: settings)
        for path in ["a", "b"] { _ = try await lab.run(request("good"), at: StepPath(path)) }
        await #expect(throws: Signal.outOfBudget) { try await lab.run(request("weak"), at: StepPath("c")) }
        _ = try await lab.run(request("good", .full), at: StepPath("finish-1/refit"))
        let later = bench.lab(StubJobs(), settings: settings)
        await #expect(throws: Signal.outOfBudget) { try await later.run(request("weak"), at: StepPath("c")) }
        #expect(try await later.run(request("good"), at: StepPath("a")).score != nil)
    }
}
