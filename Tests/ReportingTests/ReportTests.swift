import Journal
import Laboratory
import Search
import Testing
import Vocabulary

@testable import Reporting

@Suite("The report of a run", .timeLimit(.minutes(5)))
struct ReportTests {
    /// The usual search, made once.
    private static let usual = Task { try await Bench().story() }

    private func line(with words: String, in text: String) throws -> String {
        try #require(text.split(separator: "\n").first { $0.contains(words) }.map(String.init), "\(words)\n\(text)")
    }

    @Test("plans are shown with their scores on the search part, never with those on the judge part")
    func plansWithSearchScores() async throws {
        let story = try await Self.usual.value
        let tried = StepPath("solution-1/outer-1/inner-1/try-1")
        let scores = story.scores.filter { $0.path == tried / "evaluate" }
        let search = try #require(scores.first { $0.part == "search" }?.score)
        let judge = try #require(scores.first { $0.part == "judge" }?.score)
        let line = try line(with: "| `inner-1/try-1` |", in: Report(story).text)
        #expect(line.contains(Report.value(search)) && !line.contains(Report.value(judge)), "\(line)")
    }

    @Test("first scripts and merges are told by the names of their models")
    func models() async throws {
        let text = Report(try await Self.usual.value).text
        let candidate = try line(with: "| `solution-1/candidate-1` |", in: text)
        #expect(candidate.contains("| Trees | made up |") && candidate.hasSuffix("| hidden | 1.0 |"))
        let merge = try line(with: "| `solution-1/merge-1` |", in: text)
        #expect(
            merge.contains("| Trees | Neighbours |") && merge.contains(" on the same ")
                && merge.contains("it is better with probability"))
        #expect(text.contains("| `solution-1/merge-1/evaluate` | Trees + Neighbours | parallel-solution |"))
        #expect(text.contains("| `solution-1/outer-1/ablation/variant-1/evaluate` | features: nothing | ablation |"))
    }

    @Test("an accepted merge is told with what it changed")
    func mergeChange() async throws {
        let text = Report(try await Self.usual.value).text
        let change = try #require(text.firstRange(of: "### `solution-1/merge-1`\n\n```diff\n"))
        #expect(text[change.upperBound...].prefix { $0 != "`" }.contains("+# merged\n+noise=0.65"))
        #expect(!text.contains("### `solution-1/merge-2`"))
    }

    @Test("what a script left unused is told: the comparison, the change, and that later scripts grew from it")
    func dataUsage() async throws {
        let usual = Report(try await Self.usual.value).text
        #expect(usual.contains("## Data usage"))
        #expect(usual.contains("| `solution-1/data-usage` | the script uses everything | – | – |"))
        var bench = try Bench()
        bench.leavesDataUnused = true
        let text = Report(try await bench.story()).text
        let line = try line(with: "| `solution-1/data-usage` |", in: text)
        #expect(line.contains("| the script left something unused |") && line.contains("| accepted: better by "))
        #expect(line.contains(" on the same ") && text.contains("### `solution-1/data-usage`\n\n```diff\n"))
        #expect(text.contains("+# the rest\n+noise=0.63"))
        let lineage = "Trees + Neighbours → with data that was left unused → features: Take out most of the noise."
        #expect(text.contains("(\(lineage))"))
    }

    @Test("the time of scripts is that of all their folds")
    func foldTime() async throws {
        let story = try await Bench(folds: 3).story()
        let onFolds = story.trials.count { !$0.path.isFinal && $0.report.failure == nil }
        let all = story.trials.reduce(0) { $0 + $1.walls.count }
        #expect(all > story.trials.count && story.trials.filter { $0.walls.count == 3 }.count >= onFolds)
        #expect(Report(story).text.contains("\(story.trials.count) scripts ran in \(all) jobs, for \(all)"))
    }

    @Test("a run that went on after its end tells the finalists of the last one, and how often the judge part was used")
    func resumed() async throws {
        #expect(Report(try await Self.usual.value).text.contains("The judge part was used once, for the last choice."))
        var bench = try Bench(evaluations: 3)
        let before = try await bench.story()
        let first = before.judged(at: StepPath("finish-1"))
        bench.settings.evaluations = nil
        let story = try await bench.story()
        #expect(story.lastFinish == StepPath("finish-2") && !first.isEmpty)
        let text = Report(story).text
        #expect(text.contains("The judge part was used 2 times"))
        let table =
            text.firstRange(of: "## Finalists").map { text[$0.upperBound...] }?.split(separator: "\n## ")[0] ?? ""
        #expect(table.contains("| `finish-2/weighted` |") && !table.contains("| `finish-1/"))
        for path in Set(first).subtracting(story.judged(at: StepPath("finish-2"))) {
            #expect(!table.contains("| `\(path)` |"))
        }
    }

    @Test("a script that was mended is told with the score it then had, a merge that was not made with the reason")
    func mended() async throws {
        let story = try await Self.usual.value
        let mended = StepPath("solution-1/candidate-4/debug-1/evaluate")
        let score = try #require(story.trials.first { $0.path == mended }?.report.score)
        let text = Report(story).text
        #expect(
            try line(with: "| `solution-1/candidate-4` |", in: text).contains(
                "| Bushes | made up | \(Report.value(score)) |"))
        #expect(text.contains("| `\(mended)` | Bushes, mended |"))
        let merge = try line(with: "| `solution-1/merge-2` |", in: text)
        #expect(merge.contains("| Trees + Neighbours | Bushes, mended | – | not made: bushes are trees |"))
    }

    @Test("a refinement tells its block, every plan with score and verdict, and the change that was accepted")
    func refinement() async throws {
        let text = Report(try await Self.usual.value).text
        #expect(text.contains("### `solution-1/outer-1`\n\nBlock `features`, chosen by the ablation."))
        let best = try line(with: "| `inner-1/try-1` |", in: text)
        #expect(best.contains("| Take out most of the noise. |") && best.hasSuffix("| accepted |"))
        let other = try line(with: "| `inner-2/try-1` |", in: text)
        #expect(other.contains("| Take out a little, 1 times. |") && other.hasSuffix("| not the best |"))
        #expect(text.contains("Accepted: better by ") && text.contains("rows; it is better with probability "))
        #expect(text.contains("+noise=0.1"))
        #expect(
            text.contains("(Trees + Neighbours → features: Take out most of the noise.)"), "what a member grew from")
        #expect(text.contains("Skipped: no block to refine was found: every block was refined."))
    }

    @Test("what nobody could answer is told with the reason, in the report and in the tree")
    func refusals() async throws {
        let story = try await Bench(target: "make the clouds purple").story()
        let text = Report(story).text
        #expect(text.contains("| Clouds | made up | no script: nobody knows how to write Clouds | – | – |"))
        #expect(text.contains("could not be followed: the instruction names no block."))
        #expect(
            text.contains(
                "- extractor: the instruction names no block (`solution-1/outer-1/instructed-target` and 1 more)"))
        let tree = StepTree(story).lines.joined(separator: "\n")
        #expect(tree.contains("instructed-target  no answer: the instruction names no block"))
        #expect(tree.contains("candidate-1 (Trees)") && tree.contains("script  answered"))
    }

    @Test("scores are cut to the digits that their errors allow")
    func digits() async throws {
        let story = try await Self.usual.value
        let long = (Report(story).text + StepTree(story).lines.joined(separator: "\n"))
            .matches(of: #/[1-9]\.?\d{5,}|0\.0*[1-9]\d{5,}/#).map { String($0.output) }
        #expect(long == [])
        #expect(Numbers.rounded(0.7958214, error: 0.0361) == "0.796 ± 0.036")
        #expect(Numbers.rounded(13.25, error: 12.3) == "13 ± 12")
        #expect(Numbers.rounded(0.3221285211747996, error: nil) == "0.32213")
        #expect(Numbers.rounded(0.5, error: 0) == "0.5")
        #expect(Numbers.rounded(in: "scores 0.3221285211747996, of 3 with 0.794") == "scores 0.32213, of 3 with 0.794")
        #expect(Numbers.probability(1) == "more than 0.99" && Numbers.probability(0.7925) == "0.79")
    }

    @Test("self-reported scores are told without rows, errors or a judge")
    func selfReported() async throws {
        let text = Report(try await Bench(mode: .selfReported).story()).text
        #expect(text.contains("(self-reported) |") && text.contains("nobody has checked it"))
        for words in ["0 rows", "± 0", "judge", "probability", "search part"] {
            #expect(!text.contains(words), "\(words)")
        }
        #expect(text.contains("Accepted: better by 0.18333, by its own report."))
        #expect(text.contains("| step | what | score | how obtained | members |"))
    }

    @Test("several plans from one history are told as a variant of the algorithm, in the report and its record")
    func variant() async throws {
        var plan = Bench.plan
        plan.plansAtOnce = 3
        let story = try await Bench(plan: plan).story()
        let words = "variant of the algorithm: up to 3 plans from one history in each refinement step"
        #expect(Report(story).text.contains("A \(words)"))
        #expect(story.finish?.variant?.hasPrefix("a \(words)") == true)
        #expect(try await Self.usual.value.finish?.variant == nil)
    }

    @Test("shares chosen again for members trained on all rows are told where the submission is made with them")
    func finalShares() async throws {
        var bench = try Bench()
        bench.errsApart = true
        let story = try await bench.story()
        let finish = try #require(story.finish)
        #expect(finish.submission == "finish-1/refit" && (finish.members?.count ?? 0) > 1)
        let line = try line(with: "have shares chosen again on all held-out rows: ", in: Report(story).text)
        for member in try #require(finish.members) {
            #expect(line.contains("`\(StepPath(member.solution).parent)`"))
        }
        #expect(StepTree(story).lines.contains { $0.hasSuffix("shares  \(finish.members?.count ?? 0) members") })
    }

    @Test("a missing model is told: predict.sh trains anew")
    func missingModel() async throws {
        #expect(
            Report(try await Self.usual.value).text.contains(
                "No model was kept (there is no model.tar.gz): predict.sh trains"))
        let kept = try await Bench().story(keepsModel: true)
        #expect(!Report(kept).text.contains("predict.sh"))
    }

    @Test("an ensemble that wins with a lower score than the best script says why the two do not compare")
    func luckierScript() async throws {
        let story = try await Self.usual.value
        let best = try #require(story.trials.compactMap(\.report.score).max { $0.value < $1.value })
        func told(_ winner: Double, of story: RunStory) throws -> String {
            let score = try #require(Score(winner, rowCount: 50, evaluation: .hidden))
            let path = StepPath("finish-1/weighted")
            let solution = Solution(script: Script("x"), standing: .scored(score), path: path, wall: .zero)
            let finish = Finish(
                solution: solution, judged: nil, submission: path, reason: "",
                blending: Blending(members: [StepPath("a"), StepPath("b")], weights: [0.5, 0.5]))
            return Remarks(on: finish, of: story, direction: .higherIsBetter, keepsModel: true).sentences.joined()
        }
        let words = try told(best.value - 0.01, of: story)
        #expect(words.contains("is the best of") && words.contains("predicted with shares chosen without them"))
        #expect(try told(best.value + 0.01, of: story) == "")
        var bench = try Bench()
        bench.boast = 2
        let suspected = try await bench.story()
        #expect(suspected.trials.contains { $0.report.suspicion != nil })
        #expect(try told(0.01, of: suspected) == "", "a leak is no luck")
    }

    @Test("a change accepted after the budget ended in the middle of an outer step is told with diff and lineage")
    func late() async throws {
        let end = StepPath("solution-1/outer-1/inner-2")
        let usual = try await Self.usual.value
        let scripts = usual.trials.count { !$0.path.isFinal && $0.path < end }
        var plan = Bench.plan
        plan.ensemble = .none
        let story = try await Bench(plan: plan, evaluations: scripts).story()
        #expect(!story.steps.contains { $0.path == end.parent / "decision" })
        let text = Report(story).text
        let verdict = try line(with: "decided at `finish-1/late-1`", in: text)
        #expect(verdict.hasPrefix("Accepted: better by ") && verdict.contains("the budget ended"))
        #expect(try line(with: "| `inner-1/try-1` |", in: text).hasSuffix("| accepted |"))
        #expect(text.contains("+noise=0.1") && !text.contains("No decision was reached"))
        let winner = try line(with: "| solution |", in: text)
        #expect(winner.contains("Trees + Neighbours → features: Take out most of the noise."), "\(winner)")
    }
}
