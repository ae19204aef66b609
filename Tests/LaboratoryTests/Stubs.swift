import Foundation
import Journal
import Laboratory
import Search
import Synchronization
import Tasks
import TestKit
import Vocabulary

/// Jobs answered in this process: what a script "predicts" is said by its text.
///
/// `good`: the telling column · `weak`: the telling column, half of it noise · `bad`: its opposite · `short`: a row is
/// missing · `crash`: an exception · `fragile`: the telling column, but a constant where ids are the real ones. The first
/// of these words counts.
final class StubJobs: JobRunning {
    private let counts = Mutex<[JobID: Int]>([:])
    /// Thrown instead of an answer once this many jobs have been answered.
    private let failure: (after: Int, error: any Error)?
    /// The score line a script prints, by its word.
    private let reports: [String: Double]

    init(
        failingAfter count: Int? = nil, with error: any Error = StubCrash(), reporting reports: [String: Double] = [:]
    ) {
        self.reports = reports
        failure = count.map { ($0, error) }
    }

    /// How often each job was run.
    var runs: [JobID: Int] { counts.withLock { $0 } }

    func outcome(of job: Job) async throws -> Result<Outcome, JobAbandoned> {
        let total = counts.withLock { counts in
            counts[job.id, default: 0] += 1
            return counts.values.reduce(0, +)
        }
        if let failure, total > failure.after { throw failure.error }
        let word =
            ["good", "weak", "bad", "short", "crash", "fragile"].first { job.script.text.contains($0) } ?? "weak"
        if word == "crash" { return .success(outcome(of: job, .exception("ValueError"), nil, nil)) }
        return .success(outcome(of: job, .succeeded, try submission(for: job, word), reports[word]))
    }

    private func submission(for job: Job, _ word: String) throws -> [UInt8] {
        let test = try CSVFile(path: "\(job.mount.path)/test.csv").table()
        let ids = test["id"] ?? []
        let x = (test["x"] ?? []).compactMap(Double.init)
        let predictions = zip(ids.indices, x).map { row, x in
            switch word {
            case "good", "short": x
            case "fragile": ids.contains("240") && ids.count == 40 ? 0.5 : x
            case "weak": x / 2 + Double(row * 37 % 101) / 202
            default: 1 - x
            }
        }
        let count = word == "short" ? ids.count - 1 : ids.count
        let lines = (0..<count).map { "\(ids[$0]),\(predictions[$0])" }
        return Array((["id,y"] + lines).joined(separator: "\n").utf8)
    }

    private func outcome(of job: Job, _ ending: Ending, _ submission: [UInt8]?, _ reported: Double?) -> Outcome {
        Outcome(
            job: job.id, term: .first, ending: ending,
            usage: Usage(wall: .seconds(1), cpu: .seconds(1), peakMemoryBytes: 1), message: "", log: "",
            selfReported: reported, submission: submission, environment: ContentHash(String(repeating: "ab", count: 32))
        )
    }
}

struct StubCrash: Error {}

/// Roles with few words: two cards, a merge, one block to refine.
struct StubAgents: RoleAgents {
    func retrieveModels(_ request: RetrieveModels) async throws -> RoleReply<[ModelCard]> {
        .valid(["bad", "weak"].prefix(request.count).map { ModelCard(name: $0, exampleCode: $0, source: "test") })
    }

    func writeCandidate(_ request: WriteCandidate) async throws -> RoleReply<Script> {
        .valid(Script("setup\nmodel \(request.card.name)\nend"))
    }

    func mergeSolutions(_ request: MergeSolutions) async throws -> RoleReply<Script> {
        .valid(Script(request.base.text + "\n# merged"))
    }

    func checkDataUsage(_ request: CheckDataUsage) async throws -> RoleReply<DataUsage> { .valid(.everythingUsed) }

    func planAblation(_ request: PlanAblation) async throws -> RoleReply<[NamedEdit]> {
        .valid([NamedEdit(name: "no setup", block: "setup", replacement: "# bad setup")])
    }

    func summarizeAblation(_ request: SummarizeAblation) async throws -> RoleReply<String> { .valid("setup matters") }

    func extractTarget(_ request: ExtractTarget) async throws -> RoleReply<TargetBlock> {
        request.refined.isEmpty ? .valid(TargetBlock(block: "setup", plan: "make it good")) : .notApplicable("done")
    }

    func refineBlock(_ request: RefineBlock) async throws -> RoleReply<String> { .valid("setup good") }

    func planRefinement(_ request: PlanRefinement) async throws -> RoleReply<[String]> {
        request.history.count < 2 ? .valid(["plan \(request.history.count)"]) : .notApplicable("no more plans")
    }

    func debug(_ request: DebugScript) async throws -> RoleReply<Script> { .notApplicable("not by the stub") }
}

/// Nobody checks, combines or finishes here.
extension StubAgents {
    func summarizeTask(_ request: SummarizeTask) async throws -> RoleReply<String> { .notApplicable("") }
    func summarizeFailure(_ request: SummarizeFailure) async throws -> RoleReply<String> { .notApplicable("") }
    func detectLeakage(_ request: DetectLeakage) async throws -> RoleReply<LeakageFinding> { .notApplicable("") }
    func fixLeakage(_ request: FixLeakage) async throws -> RoleReply<String> { .notApplicable("") }
    func writeAblation(_ request: WriteAblation) async throws -> RoleReply<Script> { .notApplicable("") }
    func summarizeAblationOutput(_ request: SummarizeAblationOutput) async throws -> RoleReply<String> {
        .notApplicable("")
    }
    func planEnsemble(_ request: PlanEnsemble) async throws -> RoleReply<String> { .notApplicable("") }
    func writeEnsemble(_ request: WriteEnsemble) async throws -> RoleReply<Script> { .notApplicable("") }
    func locateSubsampling(_ request: LocateSubsampling) async throws -> RoleReply<Subsampling> { .notApplicable("") }
    func removeSubsampling(_ request: RemoveSubsampling) async throws -> RoleReply<String> { .notApplicable("") }
    func writeSubmission(_ request: WriteSubmission) async throws -> RoleReply<Script> { .notApplicable("") }
}
