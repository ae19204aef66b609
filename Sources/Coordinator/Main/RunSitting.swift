import Blobs
public import Dispatching
import Foundation
import Journal
public import Laboratory
import Logging
import Recordings
import Reporting
import Search
import Tasks
public import Vocabulary

extension Dispatcher: JobRunning {
    /// Runs a job on some worker.
    public func outcome(of job: Job) async throws -> Result<Outcome, JobAbandoned> {
        switch try await run(job) {
        case .outcome(let outcome): .success(outcome)
        case .abandoned(let story, let isQuarantined):
            .failure(JobAbandoned(story: story, isQuarantined: isQuarantined))
        }
    }
}

/// One sitting on a run: from its beginning, or from where the journal says it was, to its end or the next stop.
struct RunSitting {
    let run: RunRecord
    let task: TaskFolder
    let settings: RunSettings
    let journal: Journal
    let state: StateFolder
    let dispatcher: Dispatcher
    let budget: Budget
    /// The Python environment of the workers, where it is known.
    let environment: ContentHash?
    let logger: Logger
    /// What this sitting is told beside the settings.
    var options = SittingOptions()

    /// Searches to the end and leaves the results.
    ///
    /// - Returns: how the run ended.
    /// - Throws: `Signal.cancelled` when the user stopped it.
    func conduct() async throws -> FinishRecord {
        let examiner = Examiner(task: task.specification, basis: try settings.basis(of: task, in: state))
        let recorder = try options.record.map { try Recorder(path: $0, run: recordedRun()) }
        let agents = try Players(sitting: self, examiner: examiner, recorder: recorder).agents()
        var settings = settings
        // What is replayed is the recorded outcome, not another run's.
        if options.replay != nil { settings.reusesOutcomes = false }
        let lab = JournaledLab(
            run: run.id, journal: journal, agents: agents, examiner: examiner,
            jobs: options.replay.map { ReplayedJobs($0) } ?? liveJobs, budget: budget, settings: settings,
            environment: environment, logger: logger, witness: recorder)
        let search = MLEStar(
            lab: lab, plan: settings.plan, direction: task.specification.direction, mode: settings.mode,
            guidance: settings.guidance)
        let wishes = WishWatch(self)
        defer { wishes.end() }
        // A run that is paused begins nothing, not even for a moment.
        let wish = try wishes.look(nil)
        let finish: Finish? = try await beside({ try await wishes.run(from: wish) }) {
            try await countingTime {
                try await beside({ try await tidyUpAfterSearch() }) { try await search.search() }
            }
        }
        if budget.isCancelled { throw Signal.cancelled }
        dispatcher.withdrawUnwanted(of: run.id, sparesSubmissions: false)
        return try leave(finish, from: lab)
    }

    private var liveJobs: any JobRunning {
        guard settings.runsBackups == true else { return dispatcher }
        return BackupJobs(dispatcher, journal: journal, logger: logger) { [dispatcher] worker in
            let now = dispatcher.now
            return now.queued == now.paused && now.loads.contains { $0.worker != worker && $0.running < $0.slots }
        }
    }

    /// What an earlier sitting began and this one has not come to must not be in the way of the last scripts.
    private func tidyUpAfterSearch() async throws {
        while budget.signal(for: .search) == nil { try await Task.sleep(for: .milliseconds(500)) }
        dispatcher.withdrawUnwanted(of: run.id, sparesSubmissions: true)
    }

    private func recordedRun() throws -> RecordedRun {
        RecordedRun(
            task: task.fingerprint, strategy: RunEntry.strategy, settings: try JSONText.line(settings))
    }

    /// Writes the results and marks the run as finished.
    private func leave(_ finish: Finish?, from lab: JournaledLab) throws -> FinishRecord {
        let folder = RunFolder(path: run.outPath)
        var reason = try finish?.reason ?? "\(whyNothingScored()); the sample submission stands in"
        var handedIn: (finish: Finish, submission: Table)?
        do {
            handedIn = try finish.map { ($0, task.deliverable(try lab.submissions.deliverable(at: $0.submission))) }
        } catch {
            reason = "the winner left no valid submission (\(error)); the sample submission stands in"
        }
        var models = KeptModels.none
        if let (finish, submission) = handedIn {
            try folder.write(submission: CSVWriter.bytes(of: submission), solution: finish.solution.script)
            models = try keptModels(of: finish)
            let script = PredictScript(mount: lab.fullMount, settings: settings, testNames: task.testNames)
            try folder.write(script, models: models)
        } else {
            // Whatever happens, a run ends with a valid submission.
            let sample = try CSVFile(path: "\(lab.fullMount.path)/sample_submission.csv").table()
            try folder.write(fallback: task.deliverable(sample))
        }
        let record = FinishRecord(
            of: try RunStory(of: run.id, in: journal), task: task.specification, finish: handedIn?.finish,
            reason: reason, charged: try journal.chargedTime(of: run.id), keepsModel: models != .none)
        try journal.end(run.id, as: .finished, result: try JSONText.line(record))
        try folder.write(report: Report(try RunStory(of: run.id, in: journal)).text, record: record)
        return record
    }

    /// What the winner left in `./model`, or each of its members: of an ensemble all of them or none.
    private func keptModels(of finish: Finish) throws -> KeptModels {
        func model(of step: StepPath) throws -> [UInt8]? {
            try journal.finishedRun(at: step, of: run.id)?.model.flatMap(journal.blob)
        }
        if let whole = try finish.model.flatMap(model) { return .whole(whole) }
        let members = try finish.memberModels.compactMap(model)
        return !members.isEmpty && members.count == finish.memberModels.count ? .members(members) : .none
    }

    /// Why a search ended without a score: nobody could write a script, or none got that far.
    private func whyNothingScored() throws -> String {
        let replies = try journal.steps(of: run.id).filter { $0.kind == .ask && $0.path.name == "cards" }
            .compactMap { try? JSONText.value(RoleReply<[ModelCard]>.self, from: $0.answer ?? "") }
        if case .notApplicable(let reason)? = replies.first { return "no script was written: \(reason)" }
        return "no script got a score within the budget"
    }

    /// Does something beside the search, until the search ends.
    private func beside<Value: Sendable>(
        _ companion: @escaping @Sendable () async throws -> Void, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await companion()
                return nil
            }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let value = result { return value }
            }
            throw CancellationError()
        }
    }

    /// Enters the time used every two seconds, so that a crash forgets at most that much.
    private func countingTime<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws
        -> Value
    {
        let account: @Sendable () async throws -> Void = {
            var counted = Duration.zero
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(2))
                let elapsed = self.budget.elapsed
                try self.journal.spend(elapsed - counted, on: self.run.id)
                counted = elapsed
            }
        }
        return try await beside(account, body)
    }
}
