import Search
import Testing
import Vocabulary

@Suite("Evaluating a script", .timeLimit(.minutes(5)))
struct EvaluationTests {
    private let plan = SearchPlan(solutions: 1, candidates: 2, outerSteps: 1, innerSteps: 1, debugRounds: 2)

    /// The ways to have no score: NaN, no score line, exit code 3, SIGKILL, time limit and the rest.
    static let failures: [Play.RunEnd] = [
        .scored(.nan), .scored(.infinity), .unscored, .failed(.noScore), .failed(.exception("exit code 3")),
        .failed(.killed(signal: 9)), .failed(.timeout), .failed(.outOfMemory), .failed(.outputLimit),
        .failed(.missingSubmission), .failed(.invalidSubmission), .failed(.missingPackage("torch")),
        .failed(.unavailable),
    ]

    @Test("a script without a score never becomes the base, in either direction", arguments: failures)
    func neverBase(end: Play.RunEnd) throws {
        for direction in [Direction.higherIsBetter, .lowerIsBetter] {
            var play = Play()
            play.direction = direction
            play.usualEnd = { path, _ in path.parts.contains("candidate-2") ? .scored(-1e9) : end }
            let performance = try Performance(play, plan)
            #expect(try performance.finish?.solution.path == StepPath("solution-1/candidate-2/evaluate"))
            #expect(performance.paths(of: "ask merger").isEmpty)
        }
    }

    @Test("a bug goes to the debugger, at most so many times", arguments: [0, 1, 3])
    func boundedDebugging(rounds: Int) throws {
        var plan = SearchPlan.single
        plan.debugRounds = rounds
        var play = Play()
        play.usualEnd = { _, _ in .failed(.exception("ValueError")) }
        let performance = try Performance(play, plan)
        #expect(performance.paths(of: "ask debugger").count == rounds)
        #expect(performance.paths(of: "run").count == rounds + 1)
        #expect(try performance.finish == nil)
    }

    @Test(
        "limits, signals and failures of ours are no bugs: the debugger is not asked",
        arguments: [Ending.timeout, .outOfMemory, .killed(signal: 9), .outputLimit, .unavailable, .interrupted])
    func noBug(ending: Ending) throws {
        var play = Play()
        play.usualEnd = { _, _ in .failed(ending) }
        let performance = try Performance(play, .single)
        #expect(performance.paths(of: "ask debugger").isEmpty)
        #expect(performance.paths(of: "run").count == 1)
    }

    @Test("debugging ends when the mended script meets a limit")
    func limitWhileDebugging() throws {
        var play = Play()
        play.ends["solution-1/candidate-1/evaluate"] = .failed(.missingSubmission)
        play.ends["solution-1/candidate-1/debug-1/evaluate"] = .failed(.timeout)
        #expect(try Performance(play, .single).paths(of: "ask debugger").count == 1)
    }

    @Test("a mended script takes the place of the one that failed")
    func mended() throws {
        var play = Play()
        play.ends["solution-1/candidate-1/evaluate"] = .failed(.exception("ValueError"))
        let finish = try Performance(play, .single).finish
        #expect(finish?.solution.path == StepPath("solution-1/candidate-1/debug-1/evaluate"))
        #expect(finish?.solution.script.text.hasSuffix("# mended at solution-1/candidate-1/debug-1/script") == true)
    }

    @Test("a debugger that returns the script unchanged has no answer, and nothing is run for it")
    func unchangedMend() throws {
        var play = Play()
        play.usualEnd = { _, _ in .failed(.exception("ValueError")) }
        play.replies["solution-1/candidate-1/script"] = RoleReply.valid(Script("x = 1"))
        play.replies["solution-1/candidate-1/debug-1/script"] = RoleReply.valid(Script("x = 1"))
        #expect(try Performance(play, .single).paths(of: "run").count == 1)
    }

    @Test("a lower score wins where lower is better, and negative scores rank as numbers")
    func directions() throws {
        let scores = [-0.5, -3.0, -0.25, -1.0]
        for (direction, best) in [(Direction.higherIsBetter, 3), (.lowerIsBetter, 2)] {
            var play = Play()
            play.direction = direction
            for (index, score) in scores.enumerated() {
                play.ends["solution-1/candidate-\(index + 1)/evaluate"] = .scored(score)
            }
            play.ends["solution-1/merge-1/evaluate"] = .failed(.timeout)
            let plan = SearchPlan(solutions: 1, candidates: 4, outerSteps: 0)
            let finish = try Performance(play, plan).finish
            #expect(finish?.solution.path == StepPath("solution-1/candidate-\(best)/evaluate"))
        }
    }
}
