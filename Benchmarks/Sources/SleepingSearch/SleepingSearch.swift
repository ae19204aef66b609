import Dispatching
import Foundation
import Journal
import Kit
import Laboratory
import Search
import Tasks
import Vocabulary

/// Whole searches whose scripts sleep: what the coordinator, the wire, the journal and the workers add.
///
///     SleepingSearch PATH-OF-MLESTAR-WORKER narrow|scale SECONDS WORKERS...
///
/// `narrow` is a small search; `scale` is the plan of the preset for 16 slots, the same at any number of workers, so
/// that equally many scripts run. Each script sleeps for SECONDS. One line of JSON per number of workers. `bound_s` is what no
/// schedule can beat: the critical path, or all scripts divided by the slots; `efficiency` is the bound divided by the wall
/// time. `barriers_s` is what the search takes where nothing but the scripts takes time: nobody begins a stage of a solution before
/// the one before it has ended.
@main
struct SleepingSearch {
    static let plans = [
        "narrow": SearchPlan(
            solutions: 2, candidates: 2, outerSteps: 2, innerSteps: 2, ablationVariants: 2, ensemble: .bestOfN,
            checksLeakage: false),
        "scale": SearchPlan(outerSteps: 2, innerSteps: 2, ensemble: .bestOfN, checksLeakage: false).filling(slots: 16),
    ]

    static func main() async throws {
        let arguments = CommandLine.arguments
        let counts = arguments.dropFirst(4).compactMap { Int($0) }
        guard arguments.count > 4, let seconds = Int(arguments[3]), seconds > 0,
            FileManager.default.isExecutableFile(atPath: arguments[1]),
            let plan = plans[arguments[2]], counts.count == arguments.count - 4
        else {
            print("usage: SleepingSearch PATH-OF-MLESTAR-WORKER narrow|scale SECONDS WORKERS...")
            exit(64)
        }
        for workers in counts {
            try await measure(plan, named: arguments[2], worker: arguments[1], count: workers, seconds: seconds)
        }
    }

    static func measure(_ plan: SearchPlan, named name: String, worker: String, count workers: Int, seconds: Int)
        async throws
    {
        let site = try Site(heldFor: 3600)
        defer { site.remove() }
        let settings = RunSettings(
            plan: plan, split: SplitSettings(seed: 1), seed: 0, model: "bench", cores: 1,
            limits: Limits(wall: .seconds(60), memoryBytes: 1 << 30, outputBytes: 1 << 20), reusesOutcomes: false,
            slots: workers)
        let lab = JournaledLab(
            run: Site.run, journal: site.journal, agents: SleepyAgents(seconds: seconds),
            examiner: Examiner(task: site.task.specification, basis: .hidden(site.evaluation, isProtected: false)),
            jobs: Jobs(dispatcher: site.dispatcher), budget: Budget(total: .seconds(3600), spent: .zero),
            settings: settings, environment: nil, logger: Site.logger)
        let search = MLEStar(lab: lab, plan: plan, direction: site.task.specification.direction)

        try await site.withWorkers(workers, program: worker) {
            let clock = ContinuousClock()
            let began = clock.now
            let finish = try await search.search()
            let wall = began.duration(to: clock.now).seconds
            report(
                try site.journal.steps(of: Site.run), wall: wall, workers: workers, plan: name, scriptSeconds: seconds)
            if finish == nil { exit(1) }
        }
    }

    private static func report(
        _ steps: [StepRecord], wall: Double, workers: Int, plan: String, scriptSeconds: Int
    ) {
        let runs = steps.filter { $0.kind == .run }
        let solutions = stages(of: runs.filter { $0.path.parts[0].hasPrefix("solution") })
        let last = runs.contains { $0.path.parts[0].hasPrefix("finish") } ? 1 : 0
        let critical = (solutions.map(\.count).max() ?? 0) + last
        let evenly = Int((Double(runs.count) / Double(workers)).rounded(.up))
        let bound = max(critical, evenly) * scriptSeconds
        let barriers = (makespan(of: solutions, slots: workers) + last) * scriptSeconds
        print(
            String(
                format: #"{"plan": "%@", "workers": %d, "scripts": %d, "script_s": %d, "wall_s": %.3f, "#
                    + #""critical_path_s": %d, "bound_s": %d, "efficiency": %.4f, "barriers_s": %d, "#
                    + #""to_barriers": %.4f}"#,
                plan, workers, runs.count, scriptSeconds, wall, critical * scriptSeconds, bound, Double(bound) / wall,
                barriers, Double(barriers) / wall))
    }

    /// How many scripts each stage of each solution has, in the order in which the stages follow one another.
    private static func stages(of runs: [StepRecord]) -> [[Int]] {
        Dictionary(grouping: runs) { $0.path.parts[0] }.values.map { solution in
            // Runs that wait for nothing but the same earlier ones share a stage: all first scripts, all variants, all tries.
            let stages = Dictionary(grouping: solution) { step in
                step.path.parts.dropFirst().filter { part in
                    !["candidate", "variant", "try"].contains { part.hasPrefix($0) }
                }
            }
            return stages.values.sorted { $0.map(\.askedAt).min() ?? 0 < $1.map(\.askedAt).min() ?? 0 }.map(\.count)
        }
    }

    /// Rounds of equally long scripts until all stages have ended, where a free slot takes whatever may begin.
    private static func makespan(of solutions: [[Int]], slots: Int) -> Int {
        var left = solutions
        var rounds = 0
        while left.contains(where: { !$0.isEmpty }) {
            var free = slots
            // Whoever has the longest way to go is first.
            for index in left.indices.sorted(by: { left[$0].count > left[$1].count }) where !left[index].isEmpty {
                let taken = min(free, left[index][0])
                left[index][0] -= taken
                free -= taken
            }
            left = left.map { Array($0.drop { $0 == 0 }) }
            rounds += 1
        }
        return rounds
    }
}

/// Hands the lab's jobs to the dispatcher.
struct Jobs: JobRunning {
    let dispatcher: Dispatcher

    func outcome(of job: Job) async throws -> Result<Outcome, JobAbandoned> {
        switch try await dispatcher.run(job) {
        case .outcome(let outcome): .success(outcome)
        case .abandoned(let story, let isQuarantined):
            .failure(JobAbandoned(story: story, isQuarantined: isQuarantined))
        }
    }
}

/// Roles whose scripts sleep and hand in the telling column, better with every change.
struct SleepyAgents: RoleAgents {
    let seconds: Int

    private func script(_ name: String, quality: Int) -> String {
        """
        import csv, time
        time.sleep(\(seconds))
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

/// Nobody checks, combines or finishes here.
extension SleepyAgents {
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
