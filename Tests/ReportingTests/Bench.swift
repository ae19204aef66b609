import Foundation
import Journal
import Laboratory
import Logging
import Search
import Synchronization
import Tasks
import TestKit
import Vocabulary

@testable import Reporting

/// A search by stubs with its journal: what a report is made from.
struct Bench {
    let folder: TemporaryFolder
    let journal: Journal
    let task: TaskFolder
    var settings: RunSettings
    let run = RunID("r")
    /// What every script says of itself, if not the truth.
    var boast: Double?
    /// Whether scripts err on different rows, so that an ensemble of them is better than each.
    var errsApart = false
    /// Whether the first script that is to be refined is found to leave data unused.
    var leavesDataUnused = false

    init(
        plan: SearchPlan = Self.plan, mode: EvaluationMode = .hidden, target: String? = nil, evaluations: Int? = nil,
        folds: Int = 1
    ) throws {
        folder = try TemporaryFolder()
        let rows = (1...200).map { row -> (Int, Double, Int) in
            let x = Double(row * 61 % 200) / 200
            return (row, x, Double(row * 17 % 100) / 100 < 0.15 + 0.7 * x ? 1 : 0)
        }
        let train = rows.map { "\($0.0),\($0.1),\($0.2)" }
        let test = (201...240).map { "\($0),\(Double($0 % 40) / 40)" }
        try folder.write((["id,x,y"] + train).joined(separator: "\n") + "\n", to: "task/train.csv")
        try folder.write((["id,x"] + test).joined(separator: "\n") + "\n", to: "task/test.csv")
        let sample = (201...240).map { "\($0),0.5" }
        try folder.write((["id,y"] + sample).joined(separator: "\n") + "\n", to: "task/sample_submission.csv")
        try folder.write("# Small\n## Evaluation\nAUC. Higher is better.\n", to: "task/description.md")
        task = try TaskFolder.read("\(folder.path)/task")
        settings = RunSettings(
            plan: plan, mode: mode, split: SplitSettings(seed: 1, folds: folds), seed: 0, model: "stub", cores: 1,
            limits: Limits(wall: .seconds(10), memoryBytes: 1 << 30, outputBytes: 1 << 20), reusesOutcomes: false,
            evaluations: evaluations,
            guidance: Guidance(target: target))
        journal = try Journal(folder: "\(folder.path)/state")
        try journal.enter(
            NewRun(
                id: run, taskName: "small", taskPath: task.path, taskFingerprint: task.fingerprint,
                settings: try JSONText.line(settings), strategy: "s", budget: .seconds(600), outPath: "/out"),
            as: .running)
    }

    static let plan = SearchPlan(
        solutions: 1, candidates: 4, outerSteps: 2, innerSteps: 2, ablationVariants: 1, checksLeakage: false)

    /// Searches to the end, or on from an earlier one, enters the result and tells the run's story.
    func story(keepsModel: Bool = false) async throws -> RunStory {
        let lab = JournaledLab(
            run: run, journal: journal, agents: PlayedRoles(leavesDataUnused: leavesDataUnused),
            examiner: Examiner(task: task.specification, basis: try basis()),
            jobs: NoisyJobs(boast: boast, errsApart: errsApart),
            budget: Budget(total: .seconds(600), spent: .zero), settings: settings,
            environment: ContentHash(String(repeating: "ab", count: 32)),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let search = MLEStar(
            lab: lab, plan: settings.plan, direction: task.specification.direction, mode: settings.mode,
            guidance: settings.guidance)
        let finish = try await search.search()
        let record = FinishRecord(
            of: try RunStory(of: run, in: journal), task: task.specification, finish: finish,
            reason: finish?.reason ?? "nothing", charged: .zero, keepsModel: keepsModel)
        try journal.end(run, as: .finished, result: try JSONText.line(record))
        return try RunStory(of: run, in: journal)
    }

    private func basis() throws -> Examiner.Basis {
        guard settings.mode == .hidden else {
            let mount = try task.originalMount(in: "\(folder.path)/original")
            return .selfReported(mount, testIDs: (201...240).map(String.init))
        }
        let mounts = "\(folder.path)/mounts"
        return .hidden(
            try HiddenEvaluation.prepare(task, settings: settings.split, in: mounts), isProtected: true)
    }
}

/// Jobs answered in this process: a script predicts the telling column with the least `noise=SHARE` it names.
struct NoisyJobs: JobRunning {
    var boast: Double?
    var errsApart = false

    func outcome(of job: Job) async throws -> Result<Outcome, JobAbandoned> {
        let noise = job.script.text.split { $0 == "\n" || $0 == " " }.compactMap { word in
            word.hasPrefix("noise=") ? Double(word.dropFirst(6)) : nil
        }.min()
        let ending = noise == nil ? Ending.exception("ValueError") : .succeeded
        return .success(
            Outcome(
                job: job.id, term: .first, ending: ending,
                usage: Usage(wall: .seconds(1), cpu: .seconds(1), peakMemoryBytes: 1), message: "", log: "",
                selfReported: noise.map { boast ?? 1 - $0 / 3 },
                submission: try noise.map { try submission(for: job, $0) },
                environment: ContentHash(String(repeating: "ab", count: 32))))
    }

    private func submission(for job: Job, _ noise: Double) throws -> [UInt8] {
        let test = try CSVFile(path: "\(job.mount.path)/test.csv").table()
        let x = (test["x"] ?? []).compactMap(Double.init)
        let step = errsApart ? 11 + job.script.text.count % 83 : 37
        let lines = zip(test["id"] ?? [], x).enumerated().map { row, pair in
            "\(pair.0),\((1 - noise) * pair.1 + noise * Double(row * step % 101) / 101)"
        }
        return Array((["id,y"] + lines).joined(separator: "\n").utf8)
    }
}

/// Roles with few words: four cards, of which one is declined and one must be mended, merges, one block to refine by two plans.
struct PlayedRoles: RoleAgents {
    var leavesDataUnused = false

    func retrieveModels(_ request: RetrieveModels) async throws -> RoleReply<[ModelCard]> {
        .valid(
            ["Trees", "Neighbours", "Clouds", "Bushes"].map { ModelCard(name: $0, exampleCode: $0, source: "made up") })
    }

    func writeCandidate(_ request: WriteCandidate) async throws -> RoleReply<Script> {
        let name = request.card.name
        if name == "Clouds" { return .notApplicable("nobody knows how to write Clouds") }
        let noise = ["Trees": 0.7, "Neighbours": 0.8][name].map { "noise=\($0)" } ?? "a mistake"
        return .valid(
            Script("# --- block: features ---\n\(noise)\n# --- block: model \(name) ---\nfit \(name)"))
    }

    func mergeSolutions(_ request: MergeSolutions) async throws -> RoleReply<Script> {
        if request.reference.text.contains("Bushes") { return .notApplicable("bushes are trees") }
        return .valid(Script(request.base.text + "\n# merged\nnoise=0.65"))
    }

    func checkDataUsage(_ request: CheckDataUsage) async throws -> RoleReply<DataUsage> {
        .valid(leavesDataUnused ? .revised(Script(request.script.text + "\n# the rest\nnoise=0.63")) : .everythingUsed)
    }

    func planAblation(_ request: PlanAblation) async throws -> RoleReply<[NamedEdit]> {
        let block = String(request.script.text.split(separator: "\n")[1])
        return .valid([NamedEdit(name: "features: nothing", block: block, replacement: "noise=0.95")])
    }

    func summarizeAblation(_ request: SummarizeAblation) async throws -> RoleReply<String> { .valid("features matter") }

    func extractTarget(_ request: ExtractTarget) async throws -> RoleReply<TargetBlock> {
        if request.instruction != nil { return .notApplicable("the instruction names no block") }
        guard request.refined.isEmpty else { return .notApplicable("every block was refined") }
        let block = request.script.text.split(separator: "\n").prefix(2).joined(separator: "\n")
        return .valid(TargetBlock(block: block, plan: "Take out most of the noise. It only hides what is there."))
    }

    func refineBlock(_ request: RefineBlock) async throws -> RoleReply<String> {
        let noise = request.plan.contains("most") ? 0.1 : 0.6
        return .valid("# --- block: features ---\nnoise=\(noise)")
    }

    func planRefinement(_ request: PlanRefinement) async throws -> RoleReply<[String]> {
        .valid((0..<request.count).map { "Take out a little, \(request.history.count + $0) times. Not more." })
    }

    func debug(_ request: DebugScript) async throws -> RoleReply<Script> {
        .valid(Script(request.script.text.replacing("a mistake", with: "noise=0.95")))
    }
}

/// Nobody checks, combines or finishes here.
extension PlayedRoles {
    func summarizeTask(_ request: SummarizeTask) async throws -> RoleReply<String> { .notApplicable("no need") }
    func summarizeFailure(_ request: SummarizeFailure) async throws -> RoleReply<String> { .notApplicable("no need") }
    func detectLeakage(_ request: DetectLeakage) async throws -> RoleReply<LeakageFinding> { .notApplicable("no") }
    func fixLeakage(_ request: FixLeakage) async throws -> RoleReply<String> { .notApplicable("no") }
    func writeAblation(_ request: WriteAblation) async throws -> RoleReply<Script> { .notApplicable("no") }
    func summarizeAblationOutput(_ request: SummarizeAblationOutput) async throws -> RoleReply<String> {
        .notApplicable("no")
    }
    func planEnsemble(_ request: PlanEnsemble) async throws -> RoleReply<String> { .notApplicable("no") }
    func writeEnsemble(_ request: WriteEnsemble) async throws -> RoleReply<Script> { .notApplicable("no") }
    func locateSubsampling(_ request: LocateSubsampling) async throws -> RoleReply<Subsampling> { .valid(.none) }
    func removeSubsampling(_ request: RemoveSubsampling) async throws -> RoleReply<String> { .notApplicable("no") }
    func writeSubmission(_ request: WriteSubmission) async throws -> RoleReply<Script> { .notApplicable("no") }
}
