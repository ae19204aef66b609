import Dispatching
import Foundation
import Journal
import Laboratory
import Logging
import Search
import Subprocess
import Tasks
import Vocabulary

/// A whole search whose scripts sleep for a second: what the coordinator, the wire, the journal and the workers add to
/// the critical path.
///
///     swift run --package-path Benchmarks -c release SleepingSearch PATH-OF-MLESTAR-WORKER [WORKERS]
///
/// Prints one line of JSON: wall seconds of the search, seconds of its critical path, their ratio.
@main
struct SleepingSearch {
    static let plan = SearchPlan(solutions: 2, candidates: 2, outerSteps: 2, innerSteps: 2, ablationVariants: 2)

    /// Scripts that follow one another: a candidate, a merge, per outer step an ablation and the inner steps, the refit.
    static let criticalPath = 1 + 1 + plan.outerSteps * (1 + plan.innerSteps) + 1

    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count > 1, FileManager.default.isExecutableFile(atPath: arguments[1]) else {
            print("usage: SleepingSearch PATH-OF-MLESTAR-WORKER [WORKERS]")
            exit(64)
        }
        let workers = arguments.count > 2 ? Int(arguments[2]) ?? 4 : 4
        let folder = "/tmp/mlestar-bench-\(UUID().uuidString.prefix(8))"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try writeTask(to: "\(folder)/task")
        let task = try TaskFolder.read("\(folder)/task")
        let evaluation = try HiddenEvaluation.prepare(task, settings: SplitSettings(seed: 1), in: "\(folder)/mounts")
        let journal = try Journal(folder: "\(folder)/state")
        let run = RunID("bench")
        try journal.enter(
            NewRun(
                id: run, taskName: "bench", taskPath: task.path, taskFingerprint: task.fingerprint, settings: "{}",
                strategy: "bench", budget: .seconds(600), outPath: folder), as: .running)
        let logger = Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }
        let dispatcher = try Dispatcher(
            settings: .init(endpoint: "ipc://\(folder)/door"), journal: journal, logger: logger)
        let settings = RunSettings(
            plan: plan, split: SplitSettings(seed: 1), seed: 0, model: "bench", cores: 1,
            limits: Limits(wall: .seconds(60), memoryBytes: 1 << 30, outputBytes: 1 << 20), reusesOutcomes: false)
        let lab = JournaledLab(
            run: run, journal: journal, agents: SleepyAgents(),
            examiner: Examiner(task: task.specification, basis: .hidden(evaluation, isProtected: false)),
            jobs: Jobs(dispatcher: dispatcher), budget: Budget(total: .seconds(600), spent: .zero),
            settings: settings, environment: nil, logger: logger)
        let search = MLEStar(lab: lab, plan: plan, direction: task.specification.direction)

        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await dispatcher.serve { _ in } }
            for number in 1...workers {
                group.addTask {
                    _ = try await Subprocess.run(
                        .path(.init(arguments[1])),
                        arguments: [
                            "--coordinator", "ipc://\(folder)/door", "--name", "w\(number)", "--folder",
                            "\(folder)/w\(number)", "--cores", "1", "--orphan-timeout", "30",
                        ], output: .discarded, error: .discarded)
                }
            }
            while dispatcher.now.slots < workers { try await Task.sleep(for: .milliseconds(20)) }
            let clock = ContinuousClock()
            let began = clock.now
            let finish = try await search.search()
            let wall = began.duration(to: clock.now).seconds
            dispatcher.close(dismissWorkers: true)
            try await group.waitForAll()
            let scripts = try journal.steps(of: run).count { $0.kind == .run }
            let ratio = wall / Double(criticalPath)
            print(
                String(
                    format: #"{"workers": %d, "scripts": %d, "wall_s": %.3f, "critical_path_s": %d, "ratio": %.4f}"#,
                    workers, scripts, wall, criticalPath, ratio))
            if finish == nil { exit(1) }
        }
    }

    private static func writeTask(to folder: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let train = (1...200).map { "\($0),\(Double($0 % 50) / 50),\($0 % 50 > 25 ? 1 : 0)" }
        let test = (201...240).map { "\($0),\(Double($0 % 50) / 50)" }
        let files = [
            "train.csv": ["id,x,y"] + train, "test.csv": ["id,x"] + test,
            "sample_submission.csv": ["id,y"] + (201...240).map { "\($0),0.5" },
            "description.md": ["## Evaluation", "AUC"],
        ]
        for (name, lines) in files {
            try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
        }
    }
}

/// Hands the lab's jobs to the dispatcher.
struct Jobs: JobRunning {
    let dispatcher: Dispatcher

    func outcome(of job: Job) async throws -> Result<Outcome, JobAbandoned> {
        switch try await dispatcher.run(job) {
        case .outcome(let outcome): .success(outcome)
        case .abandoned(let story): .failure(JobAbandoned(story: story))
        }
    }
}

/// Roles whose scripts sleep for a second and hand in the telling column, better with every change.
struct SleepyAgents: RoleAgents {
    private func script(_ name: String, quality: Int) -> String {
        """
        import csv, time
        time.sleep(1)
        quality = \(quality)
        name = "\(name)"
        rows = list(csv.DictReader(open("input/test.csv")))
        with open("final/submission.csv", "w") as file:
            print("id,y", file=file)
            for number, row in enumerate(rows):
                print(row["id"], (float(row["x"]) * quality + number * 37 % 101 / 101) / (quality + 1), sep=",", file=file)
        """
    }

    func retrieveModels(_ request: RetrieveModels) async throws -> RoleReply<[ModelCard]> {
        .valid((0..<request.count).map { ModelCard(name: "card-\($0)", exampleCode: "x", source: "bench") })
    }

    func writeCandidate(_ request: WriteCandidate) async throws -> RoleReply<Script> {
        .valid(Script(script(request.card.name, quality: 1)))
    }

    func mergeSolutions(_ request: MergeSolutions) async throws -> RoleReply<Script> {
        .valid(Script(script("merged", quality: 2)))
    }

    func checkDataUsage(_ request: CheckDataUsage) async throws -> RoleReply<DataUsage> { .valid(.everythingUsed) }

    func planAblation(_ request: PlanAblation) async throws -> RoleReply<[NamedEdit]> {
        .valid(
            (0..<request.count).map {
                NamedEdit(name: "variant \($0)", block: "import csv, time", replacement: "import csv, time  # \($0)")
            })
    }

    func summarizeAblation(_ request: SummarizeAblation) async throws -> RoleReply<String> { .valid("the same") }

    func extractTarget(_ request: ExtractTarget) async throws -> RoleReply<TargetBlock> {
        let lines = request.script.text.split(separator: "\n").map(String.init)
        let block = lines.first { $0.hasPrefix(request.refined.isEmpty ? "quality" : "name") } ?? ""
        return .valid(TargetBlock(block: block, plan: "plan of \(block)"))
    }

    func refineBlock(_ request: RefineBlock) async throws -> RoleReply<String> {
        .valid("\(request.block)  # \(request.plan)")
    }

    func planRefinement(_ request: PlanRefinement) async throws -> RoleReply<[String]> {
        .valid((0..<request.count).map { "plan \(request.history.count)-\($0)" })
    }

    func debug(_ request: DebugScript) async throws -> RoleReply<Script> { .notApplicable("nothing fails") }
}
