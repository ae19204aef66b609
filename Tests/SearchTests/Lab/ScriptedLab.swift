import Foundation
import Search
import Synchronization
import Vocabulary

/// A lab that plays a script, remembers every step and can begin again from what it remembers.
final class ScriptedLab: Lab {
    /// A step: what kind it is, and what was asked, in canonical text.
    struct Step: Hashable, Sendable {
        let kind: String
        let request: String
    }

    /// What was asked and answered: all that is left of a lab when its process ends.
    struct Record: Sendable {
        fileprivate(set) var steps: [StepPath: Step] = [:]
        fileprivate(set) var answers: [StepPath: any Sendable] = [:]
        /// The paths in the order in which they were answered.
        fileprivate(set) var order: [StepPath] = []
    }

    /// A step asked twice, or asked differently after a restart.
    struct Conflict: Error, Hashable { let path: String }

    /// Which new steps meet a signal, by the number of new steps that were asked for before.
    typealias Signals = @Sendable (_ index: Int, _ path: StepPath) -> Signal?

    private struct State {
        var record: Record
        var asked: Set<StepPath> = []
        var newSteps = 0
        var running = 0
        var mostRunning = 0
    }

    private let play: Play
    private let clockwork: Clockwork
    private let signals: Signals
    private let state: Mutex<State>

    init(
        _ play: Play, clockwork: Clockwork, from record: Record = Record(), signals: @escaping Signals = { _, _ in nil }
    ) {
        self.play = play
        self.clockwork = clockwork
        self.signals = signals
        state = Mutex(State(record: record))
    }

    /// What has been asked and answered so far.
    var record: Record { state.withLock { $0.record } }

    /// The largest number of scripts that ran at once.
    var mostRunning: Int { state.withLock { $0.mostRunning } }

    /// How many steps were asked for that no record answered.
    var newSteps: Int { state.withLock { $0.newSteps } }

    func ask<Request: RoleRequest>(
        _ request: Request, at path: StepPath
    ) async throws -> RoleReply<Request.Answer> {
        try await step("ask \(Request.role.rawValue)", request, at: path) {
            if let reply = play.replies[path.description] as? RoleReply<Request.Answer> {
                return checked(reply, by: request)
            }
            if let reason = play.refusal(path) { return .notApplicable(reason) }
            return checked(try await request.answer(by: PlayAgents(path: path)), by: request)
        }
    }

    func run(_ request: RunRequest, at path: StepPath) async throws -> RunReport {
        state.withLock {
            $0.running += 1
            $0.mostRunning = max($0.mostRunning, $0.running)
        }
        defer { state.withLock { $0.running -= 1 } }
        return try await step("run", request, at: path) {
            Play.report(
                play.ends[path.description] ?? play.usualEnd(path, request), mount: request.mount,
                suspicion: play.suspicions[path.description])
        }
    }

    func observe<Observed: Observation>(
        _ observation: Observed, at path: StepPath
    ) async throws -> Observed.Value {
        try await step("observe", observation, at: path) { try await observation.made(by: self) }
    }

    func note(_ decision: Decision, at path: StepPath) async throws {
        let _: Bool = try await step("note", decision, at: path) { true }
    }

    func finishPath(for finalists: [StepPath]) async throws -> StepPath {
        for number in 1...99 {
            let path = StepPath.root / "finish-\(number)"
            let decision = Decision(.chosen, reason: "finalists: \(finalists)")
            let known = state.withLock { $0.record.steps[path / "finalists"] }
            if let known, known.request != Self.canonical(decision) { continue }
            try await note(decision, at: path / "finalists")
            return path
        }
        throw Conflict(path: "finish")
    }

    private func checked<Request: RoleRequest>(
        _ reply: RoleReply<Request.Answer>, by request: Request
    ) -> RoleReply<Request.Answer> {
        guard let answer = reply.answer, let defect = request.defect(in: answer) else { return reply }
        return .invalid(defect)
    }

    private func step<Answer: Sendable>(
        _ kind: String, _ request: some Encodable, at path: StepPath, _ effect: () async throws -> Answer
    ) async throws -> Answer {
        let asked = Step(kind: kind, request: Self.canonical(request))
        let known: Answer? = try state.withLock { state in
            guard state.asked.insert(path).inserted else { throw Conflict(path: "\(path), asked twice") }
            guard let step = state.record.steps[path] else {
                defer { state.newSteps += 1 }
                if let signal = signals(state.newSteps, path) { throw signal }
                return nil
            }
            guard step == asked, let answer = state.record.answers[path] as? Answer else {
                throw Conflict(path: "\(path), asked \(asked) after \(step)")
            }
            return answer
        }
        if let known { return known }
        await clockwork.turn(isPatient: kind == "run" && play.runsTakeLong)
        let answer = try await effect()
        state.withLock {
            $0.record.steps[path] = asked
            $0.record.answers[path] = answer
            $0.record.order.append(path)
        }
        return answer
    }

    private static let encoder: JSONEncoder = {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }()

    private static func canonical(_ request: some Encodable) -> String {
        guard let bytes = try? encoder.encode(request) else { return "not encodable" }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension ScriptedLab: Observer {
    func compare(_ observation: CompareRuns) async throws -> PairedComparison {
        let judged = observation.parts.contains(.judge)
        let candidate = judged ? judgeScore(observation.candidate) : score(observation.candidate)
        let base = judged ? judgeScore(observation.base) : score(observation.base)
        guard let candidate, let base else { throw Conflict(path: "\(observation.candidate) has no score to compare") }
        let improvement = play.direction.improvement(of: candidate, over: base)
        let probability = improvement > 0 ? play.certainty : improvement == 0 ? 0.5 : 1 - play.certainty
        let onAllRows = observation.parts.count > 1 ? play.probabilitiesOnAllRows["\(observation.candidate)"] : nil
        let told = onAllRows ?? play.probabilities["\(observation.candidate)"]
        return PairedComparison(
            probabilityBetter: told ?? probability, improvement: improvement,
            standardError: 0, rowCount: 100)
    }

    func judge(_ observation: JudgeRuns) async throws -> [Standing] {
        observation.finalists.map { path in
            let end = play.judged[path.description] ?? score(path).map(Play.RunEnd.scored) ?? .unscored
            return Play.report(end, mount: .search).standing
        }
    }

    func output(_ observation: ReadOutput) async throws -> String { "printed by \(observation.run)" }

    func combine(_ observation: CombineRuns) async throws -> Combination {
        let share = 1 / Double(observation.runs.count)
        let script = Script("# \(observation.method) of \(observation.runs)")
        let end = play.combinations[observation.method.rawValue] ?? .unscored
        return Combination(
            runs: observation.runs, weights: observation.runs.map { _ in share }, crossFitted: [],
            standing: Play.report(end, mount: .search).standing, script: script)
    }

    func reweigh(_ observation: ReweighMembers) async throws -> MemberShares {
        let weights =
            play.finalWeights ?? observation.members.map { _ in 1 / Double(observation.members.count) }
        return MemberShares(weights: weights, script: Script("# shares \(weights) of \(observation.members)"))
    }

    func blend(_ observation: BlendRefits) async throws -> Blending { observation.blending }

    func findings(_ observation: GatherFindings) async throws -> [Finding] { play.findings }

    func agreement(_ observation: MeasureAgreement) async throws -> Double? { play.agreement }

    private func score(_ path: StepPath) -> Double? {
        let answer = record.answers[path]
        return ((answer as? RunReport)?.score ?? (answer as? Combination)?.standing.score)?.value
    }

    private func judgeScore(_ path: StepPath) -> Double? {
        guard let end = play.judged[path.description] else { return score(path) }
        return Play.report(end, mount: .search).standing.score?.value
    }
}

extension ScriptedLab.Record {
    /// What came of every run.
    var reports: [(path: StepPath, report: RunReport)] {
        answers.compactMap { path, answer in (answer as? RunReport).map { (path, $0) } }
    }
}
