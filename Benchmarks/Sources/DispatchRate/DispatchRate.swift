import Dispatching
import Foundation
import Journal
import Kit
import Subprocess
import Vocabulary

/// What it costs to hand jobs out: distinct jobs through the dispatcher, with every submission, assignment and outcome on
/// disk (`synchronous=FULL`) before anything is told.
///
///     DispatchRate protocol JOBS WORKERS SLOTS-OF-EACH            workers that answer at once, over TCP on loopback
///     DispatchRate scripts JOBS WORKERS PATH-OF-MLESTAR-WORKER SCRIPT [OPTIONS FOR THE WORKERS]
///
/// Prints one line of JSON.
@main
struct DispatchRate {
    static func main() async throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        let numbers = arguments.dropFirst().prefix(arguments.first == "protocol" ? 3 : 2).compactMap { Int($0) }
        switch (arguments.first, numbers.count) {
        case ("protocol", 3):
            try await measureProtocol(jobs: numbers[0], workers: numbers[1], slots: numbers[2])
        case ("scripts", 2) where arguments.count >= 5:
            try await measureScripts(
                jobs: numbers[0], workers: numbers[1], program: arguments[3],
                script: try String(contentsOfFile: arguments[4], encoding: .utf8), options: Array(arguments[5...]))
        case ("answer", _) where arguments.count == 4 && Int(arguments[3]) != nil:
            try InstantWorker(endpoint: arguments[1], name: arguments[2], slots: Int(arguments[3]) ?? 1).run()
        default:
            print(
                "usage: DispatchRate protocol JOBS WORKERS SLOTS | scripts JOBS WORKERS WORKER SCRIPT [OPTION...]"
            )
            exit(64)
        }
    }

    private static func measureProtocol(jobs: Int, workers: Int, slots: Int) async throws {
        let site = try Site(heldFor: 600, endpoint: "tcp://127.0.0.1:*")
        defer { site.remove() }
        let (endpoints, found) = AsyncStream.makeStream(of: String.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await site.dispatcher.serve { found.yield($0) } }
            guard let endpoint = await endpoints.first(where: { _ in true }) else { return }
            for number in 1...workers {
                group.addTask {
                    _ = try await Subprocess.run(
                        .path(.init(CommandLine.arguments[0])),
                        arguments: ["answer", endpoint, "w\(number)", "\(slots)"],
                        output: .discarded, error: .discarded)
                }
            }
            while site.dispatcher.now.workers.count < workers { try await Task.sleep(for: .milliseconds(10)) }
            let burst = try await Burst.run(jobs, named: "burst", script: "pass", at: site)
            let single = try await Burst.oneByOne(200, at: site)
            site.dispatcher.close(dismissWorkers: true)
            try await group.waitForAll()
            print(
                String(
                    format:
                        #"{"what": "protocol", "jobs": %d, "workers": %d, "slots_per_worker": %d, "per_second": %.0f, "#
                        + #""commits_per_job": %.3f, "one_at_a_time_p50_us": %.0f, "p99_us": %.0f, "commits_per_single_job": %.2f}"#,
                    jobs, workers, slots, Double(jobs) / burst.seconds, burst.commitsPerJob,
                    single.median * 1e6, single.high * 1e6, single.commitsPerJob))
        }
    }

    private static func measureScripts(
        jobs: Int, workers: Int, program: String, script: String, options: [String]
    ) async throws {
        let site = try Site(heldFor: 600)
        defer { site.remove() }
        try await site.withWorkers(workers, program: program, options: options) {
            // The first ones make the files of the imports known to the machine, and workers warm.
            _ = try await Burst.run(2 * workers, named: "first", script: script, at: site)
            let burst = try await Burst.run(jobs, named: "burst", script: script, at: site)
            print(
                String(
                    format: #"{"what": "scripts", "jobs": %d, "workers": %d, "options": "%@", "per_second": %.2f, "#
                        + #""commits_per_job": %.2f}"#,
                    jobs, workers, options.joined(separator: " "), Double(jobs) / burst.seconds, burst.commitsPerJob))
        }
    }
}
