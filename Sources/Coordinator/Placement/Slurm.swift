import Foundation
import Subprocess
import SystemPackage

/// A Slurm cluster, spoken to by its own programs.
public struct Slurm: Sendable {
    let options: SlurmOptions
    private let programs: String?

    /// A cluster.
    ///
    /// - Parameter programs: folder of Slurm's programs; `nil` for those on the path.
    public init(_ options: SlurmOptions, programs: String? = nil) {
        self.options = options
        self.programs = programs
    }

    /// Hands one worker job to the cluster.
    ///
    /// - Returns: its number.
    /// - Throws: `PlacementError` with sbatch's own words when it refuses.
    public func submit() async throws -> Int {
        let answer = try await call("sbatch", options.submission)
        // With several clusters the number is followed by the cluster's name.
        guard let word = answer.split(whereSeparator: { ";\n ".contains($0) }).first, let id = Int(word) else {
            throw PlacementError("sbatch answered '\(answer.prefix(200))' instead of a job's number")
        }
        return id
    }

    /// The fleet's jobs: those that wait or run, and those that ended lately.
    public func jobs() async throws -> [PlacedJob] {
        let answer = try await call(
            "squeue",
            [
                "--me", "--noheader", "--states=all", "--name=\(options.jobName)", "--format=%i|%T|%M|%k",
            ])
        return try answer.split(separator: "\n").compactMap { try Self.job($0, ofComment: options.comment) }
    }

    /// Takes jobs back that still wait; one that has begun meanwhile goes on.
    public func withdraw(_ jobs: [Int]) async throws {
        guard !jobs.isEmpty else { return }
        try await cancel(["--state=PENDING"] + jobs.map(String.init))
    }

    /// Asks workers to end as they do on ctrl-C: they hand back what they hold, and end well.
    public func dismiss(_ jobs: [Int]) async throws {
        guard !jobs.isEmpty else { return }
        try await cancel(["--batch", "--signal=TERM"] + jobs.map(String.init))
    }

    private func cancel(_ arguments: [String]) async throws {
        do {
            _ = try await call("scancel", arguments)
        } catch let error as PlacementError where error.isRefusal {
            // Race: a job that has just ended is no fault; whether it is gone is seen in the next look at the queue.
            guard error.description.contains("Invalid job id") || error.description.contains("already completing")
            else { throw error }
        }
    }

    /// One line of `squeue`: number, state, time used and comment; `nil` for a job of another fleet.
    static func job(_ line: Substring, ofComment comment: String) throws -> PlacedJob? {
        let fields = line.split(separator: "|", maxSplits: 3, omittingEmptySubsequences: false)
        guard fields.count == 4, let id = Int(fields[0]), let ran = time(fields[2]) else {
            throw PlacementError("squeue printed a line that was not asked for: '\(line.prefix(200))'")
        }
        guard fields[3] == comment else { return nil }
        let state: PlacedJob.State =
            switch fields[1] {
            case "PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_HOLD", "REQUEUE_FED", "SPECIAL_EXIT", "RESV_DEL_HOLD":
                .waiting
            case "RUNNING", "SUSPENDED", "RESIZING", "STAGE_OUT", "SIGNALING", "STOPPED": .running
            case "COMPLETING": .ending
            case "COMPLETED", "CANCELLED", "PREEMPTED", "REVOKED": .ended(failed: false)
            default: .ended(failed: true)
            }
        return PlacedJob(id: id, state: state, ran: ran)
    }

    /// Reads a time of `squeue`: `[days-][hours:]minutes:seconds`; none for a job that has not begun.
    static func time(_ text: Substring) -> Duration? {
        if text == "INVALID" || text.isEmpty { return .zero }
        let halves = text.split(separator: "-")
        guard let clock = halves.last, halves.count <= 2 else { return nil }
        let days = halves.count == 2 ? Int(halves[0]) : 0
        let parts = clock.split(separator: ":").map { Int($0) }
        guard let days, (1...3).contains(parts.count), !parts.contains(nil) else { return nil }
        return .seconds(days * 86_400 + parts.compactMap { $0 }.reduce(0) { $0 * 60 + $1 })
    }

    private func call(_ program: String, _ arguments: [String]) async throws -> String {
        let executable: Executable = programs.map { .path(.init("\($0)/\(program)")) } ?? .name(program)
        do {
            let result = try await Subprocess.run(
                executable, arguments: Arguments(arguments), output: .string(limit: 1 << 24),
                error: .string(limit: 1 << 16))
            guard result.terminationStatus.isSuccess else {
                let words = result.standardError.trimmingCharacters(in: .whitespacesAndNewlines)
                throw PlacementError(
                    "\(program) refused: \(words.isEmpty ? "\(result.terminationStatus)" : words)", isRefusal: true)
            }
            return result.standardOutput.trimmingCharacters(in: .whitespacesAndNewlines)
        } catch let error as SubprocessError where error.code == .executableNotFound {
            throw PlacementError(
                "there is no \(program) \(programs.map { "in \($0)" } ?? "on the path"): run this on a machine where jobs "
                    + "are handed to Slurm (Debian: apt-get install slurm-client), or name its folder with --slurm-bin")
        }
    }
}

/// Why workers cannot be placed.
public struct PlacementError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was tried, the program's own words, and what to do.
    public let description: String
    /// Whether a program of the cluster's said no.
    let isRefusal: Bool

    init(_ description: String, isRefusal: Bool = false) {
        self.description = description
        self.isRefusal = isRefusal
    }
}
