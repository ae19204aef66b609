public import Dispatching
import Foundation
public import Journal
public import Logging
import Subprocess
public import Tasks
public import Vocabulary

/// A folder of its own with a small task, a journal and a dispatcher: a coordinator without a search.
public struct Site: Sendable {
    /// The run that everything belongs to.
    public static let run = RunID("bench")
    /// Says nothing.
    public static let logger = Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }

    /// Where everything lies.
    public let folder: String
    /// A task of 200 rows and two columns.
    public let task: TaskFolder
    /// Its mounts.
    public let evaluation: HiddenEvaluation
    /// The journal, with the run entered.
    public let journal: Journal
    /// Not serving yet.
    public let dispatcher: Dispatcher

    /// A new site; without an endpoint it listens at a local socket of its own.
    ///
    /// - Parameter seconds: the run's budget.
    public init(heldFor seconds: Int, endpoint: String? = nil) throws {
        folder = "/tmp/mlestar-bench-\(UUID().uuidString.prefix(8))"
        try Self.writeTask(to: "\(folder)/task")
        task = try TaskFolder.read("\(folder)/task")
        evaluation = try HiddenEvaluation.prepare(task, settings: SplitSettings(seed: 1), in: "\(folder)/mounts")
        journal = try Journal(folder: "\(folder)/state")
        try journal.enter(
            NewRun(
                id: Self.run, taskName: "bench", taskPath: task.path, taskFingerprint: task.fingerprint, settings: "{}",
                strategy: "bench", budget: .seconds(seconds), outPath: folder), as: .running)
        dispatcher = try Dispatcher(
            settings: .init(endpoint: endpoint ?? "ipc://\(folder)/door"), journal: journal, logger: Self.logger)
    }

    /// Removes the folder.
    public func remove() { try? FileManager.default.removeItem(atPath: folder) }

    /// Serves, has worker processes join, and dismisses them after `body`.
    public func withWorkers(
        _ count: Int, program: String, options: [String] = [], body: () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await dispatcher.serve { _ in } }
            for number in 1...count {
                let arguments =
                    [
                        "--coordinator", "ipc://\(folder)/door", "--name", "w\(number)", "--folder",
                        "\(folder)/w\(number)", "--cores", "1", "--orphan-timeout", "30",
                    ] + options
                group.addTask {
                    _ = try await Subprocess.run(
                        .path(.init(program)), arguments: .init(arguments), output: .discarded, error: .discarded)
                }
            }
            while dispatcher.now.slots < count { try await Task.sleep(for: .milliseconds(20)) }
            try await body()
            dispatcher.close(dismissWorkers: true)
            try await group.waitForAll()
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
