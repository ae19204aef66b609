public import Journal
public import Logging
public import Search
import Synchronization
import Tasks
public import Vocabulary

/// The lab of a real run: every call is a step in the journal, and a finished step answers from there.
public final class JournaledLab: Lab {
    let run: RunID
    let journal: Journal
    let agents: any RoleAgents
    let examiner: Examiner
    let jobs: any JobRunning
    let budget: Budget
    let settings: RunSettings
    /// The Python environment of the workers, where it is known: without it no outcome is used again.
    let environment: ContentHash?
    let logger: Logger
    let witness: (any OutcomeWitness)?
    /// What the final steps will take, by what was seen so far.
    private let finalTime: Mutex<FinalTime>
    /// Scripts of the search that have begun, in all sittings.
    private let evaluations: Mutex<Int>
    /// What the steps have handed in.
    public let submissions: StoredSubmissions

    /// A lab for one sitting on one run.
    public init(
        run: RunID, journal: Journal, agents: any RoleAgents, examiner: Examiner, jobs: any JobRunning,
        budget: Budget, settings: RunSettings, environment: ContentHash?, logger: Logger,
        witness: (any OutcomeWitness)? = nil
    ) {
        self.run = run
        self.journal = journal
        self.agents = agents
        self.examiner = examiner
        self.jobs = jobs
        self.budget = budget
        self.settings = settings
        self.environment = environment
        self.logger = logger
        self.witness = witness
        submissions = StoredSubmissions(journal: journal, run: run, examiner: examiner)
        let calls = Self.read("calls", logger, or: []) { try journal.calls(of: run) }
        finalTime = Mutex(FinalTime(of: settings, direction: examiner.task.direction, calls: calls))
        // Earlier sittings have entered the time they took, but not what they were charged.
        budget.charge(Self.read("charged time", logger, or: .zero) { try journal.chargedTime(of: run) })
        let finished = Self.read("steps", logger, or: []) { try journal.steps(of: run) }
        evaluations = Mutex(finished.count { $0.kind == .run && $0.answer != nil && !$0.path.isFinal })
    }

    /// What the journal holds, or a stand-in and a warning where it cannot be read.
    private static func read<Value>(
        _ what: String, _ logger: Logger, or standIn: Value, _ body: () throws -> Value
    ) -> Value {
        do { return try body() } catch {
            logger.warning(
                "what earlier sittings left cannot be read", metadata: ["what": "\(what)", "error": "\(error)"])
            return standIn
        }
    }

    /// The task's files with all rows.
    public var fullMount: Mount { examiner.mounts(.full)[0] }

    /// Asks a role; an answer that fails the request's check is a typed failure and costs this step only.
    public func ask<Request: RoleRequest>(
        _ request: Request, at path: StepPath
    ) async throws -> RoleReply<Request.Answer> {
        try await step(path, .ask, AskedOf(role: Request.role, request: request)) {
            let agents = self.agents.playing(at: path)
            let began = ContinuousClock.now
            let reply = try await self.budget.race(self.phase(of: path)) { try await request.answer(by: agents) }
            self.reserve { $0.answered(after: began.duration(to: .now)) }
            guard let answer = reply.answer, let defect = request.defect(in: answer) else { return (reply, []) }
            self.logger.warning(
                "unusable answer", metadata: ["role": "\(Request.role.rawValue)", "why": "\(defect)"])
            return (.invalid(defect), [])
        }
    }

    /// Runs a script and scores its submission.
    public func run(_ request: RunRequest, at path: StepPath) async throws -> RunReport {
        let finished: FinishedRun = try await step(path, .run, request) {
            try self.countEvaluation(at: path)
            let finished = try await self.execute(request, at: path)
            let scores = finished.report.score.map { [ScoreRecord(path: path, part: "search", score: $0)] } ?? []
            return (finished, scores)
        }
        if request.kind != .ablation { reserve { $0.ran(path, finished.report) } }
        return finished.report
    }

    /// Keeps back what the final steps will take, once there is something to hand in.
    private func reserve(_ see: (inout FinalTime) -> Void) {
        let time = finalTime.withLock { known in
            see(&known)
            return known.time
        }
        if let time { budget.reserve(time) }
    }

    /// Counts a script of the search.
    ///
    /// - Throws: `Signal.outOfBudget` when as many as the run may have were begun before.
    private func countEvaluation(at path: StepPath) throws {
        guard let limit = settings.evaluations, !path.isFinal else { return }
        let isWithin = evaluations.withLock { count in
            defer { count += count < limit ? 1 : 0 }
            return count < limit
        }
        if !isWithin { throw Signal.outOfBudget }
    }

    /// Looks at something; what is seen is the same in every later sitting.
    public func observe<Observed: Observation>(
        _ observation: Observed, at path: StepPath
    ) async throws -> Observed.Value {
        try await step(path, .observe, observation) {
            let value = try await observation.made(by: self)
            return (value, self.scores(of: observation, seen: value, at: path))
        }
    }

    /// Writes a decision down.
    public func note(_ decision: Decision, at path: StepPath) async throws {
        let _: String = try await step(path, .note, decision) { ("noted", []) }
    }

    /// The first `finish-N` that is free or belongs to the same finalists.
    public func finishPath(for finalists: [StepPath]) async throws -> StepPath {
        let steps = try journal.steps(of: run)
        for number in 1... {
            let path = StepPath.root / "finish-\(number)"
            let text = Decision(.chosen, reason: "finalists: \(finalists.map(\.description).joined(separator: ", "))")
            let existing = steps.first { $0.path == path / "finalists" }
            guard let existing else {
                try await note(text, at: path / "finalists")
                return path
            }
            let isSame =
                (try? journal.answer(at: existing.path, of: run, kind: .note, to: text, as: String.self)) ?? nil
            if isSame != nil { return path }
        }
        preconditionFailure("numbers do not end")
    }

    /// One step: answered from the journal, or asked now unless a signal forbids it.
    private func step<Request: Encodable & Sendable, Answer: Codable & Sendable>(
        _ path: StepPath, _ kind: StepKind, _ request: Request,
        _ effect: () async throws -> (Answer, [ScoreRecord])
    ) async throws -> Answer {
        if let known = try journal.answer(at: path, of: run, kind: kind, to: request, as: Answer.self) { return known }
        try await budget.untilUnpaused()
        if let signal = budget.signal(for: phase(of: path)) { throw signal }
        try journal.ask(path, of: run, kind: kind, request: request)
        let (answer, scores) = try await effect()
        try journal.answer(path, of: run, with: answer, scores: scores)
        return answer
    }

    func phase(of path: StepPath) -> Budget.Phase {
        path.isFinal ? .finish : .search
    }

    /// The scores that an observation brings: of finalists on the judge part, of an ensemble on the search part.
    private func scores<Observed: Observation>(
        of observation: Observed, seen value: Observed.Value, at path: StepPath
    ) -> [ScoreRecord] {
        if let combination = value as? Combination {
            return combination.standing.score.map { [ScoreRecord(path: path, part: "search", score: $0)] } ?? []
        }
        guard let judge = observation as? JudgeRuns else { return [] }
        return judge.finalists.compactMap { path in
            (try? judgeScore(of: path)).map { ScoreRecord(path: path, part: "judge", score: $0) }
        }
    }
}

/// A role's request with the role's name, so that equal requests to different roles differ.
private struct AskedOf<Request: RoleRequest>: Encodable, Sendable {
    let role: Role
    let request: Request
}
