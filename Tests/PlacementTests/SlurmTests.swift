import Foundation
import Logging
import TestKit
import Testing
import Vocabulary

@testable import Placement

@Suite("Slurm, as its programs speak", .timeLimit(.minutes(5)))
struct SlurmTests {
    private let folder: TemporaryFolder
    private let options: SlurmOptions

    init() throws {
        folder = try TemporaryFolder()
        var options = SlurmOptions(
            name: "lab", coordinator: "tcp://head:5555", worker: "/opt/it's/mlestar-worker", logs: "/logs")
        options.gres = "gpu:1"
        options.cores = 4
        options.key = "/keys/worker"
        options.sbatchArguments = ["--account=x"]
        self.options = options
    }

    private func programs(_ scripts: [String: String]) throws -> Slurm {
        for (name, script) in scripts {
            try folder.write("#!/bin/sh\n\(script)\n", to: "bin/\(name)")
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o755], ofItemAtPath: "\(folder.path)/bin/\(name)")
        }
        return Slurm(options, programs: "\(folder.path)/bin")
    }

    private func said(_ name: String) throws -> String {
        try String(contentsOfFile: "\(folder.path)/\(name)", encoding: .utf8)
    }

    @Test("a worker job is named, requeued, warned before its limit, and becomes the worker")
    func submission() async throws {
        let slurm = try programs([
            "sbatch": "printf '%s\\n' \"$@\" >\(folder.path)/arguments; echo '42;cluster'"
        ])
        #expect(try await slurm.submit() == 42)
        let arguments = try said("arguments").split(separator: "\n").map(String.init)
        #expect(
            arguments == [
                "--parsable", "--job-name=mlestar-lab", "--comment=mlestar fleet lab for tcp://head:5555", "--requeue",
                "--signal=B:TERM@60", "--open-mode=append", "--output=/logs/slurm-%j.log", "--ntasks=1", "--gres=gpu:1",
                "--cpus-per-task=4", "--account=x",
                """
                --wrap=exec '/opt/it'\\''s/mlestar-worker' '--coordinator' 'tcp://head:5555' '--slots' '1' \
                '--orphan-timeout' '600' '--transient' '--cores' '4' '--key' '/keys/worker' --name "slurm-$SLURM_JOB_ID"
                """,
            ])
    }

    @Test("sbatch's own words are passed on")
    func refusal() async throws {
        let slurm = try programs(["sbatch": "echo 'sbatch: error: invalid partition specified: gpus' >&2; exit 1"])
        let error = await #expect(throws: PlacementError.self) { try await slurm.submit() }
        #expect(error?.description == "sbatch refused: sbatch: error: invalid partition specified: gpus")
    }

    @Test("where there is no sbatch the message says what to do")
    func missing() async throws {
        let slurm = Slurm(options, programs: folder.path)
        let error = await #expect(throws: PlacementError.self) { try await slurm.submit() }
        #expect(error?.description.contains("there is no sbatch in \(folder.path)") == true)
        #expect(error?.description.contains("--slurm-bin") == true)
    }

    @Test("only this fleet's jobs are seen, in any state")
    func queue() async throws {
        let own = options.comment
        let slurm = try programs([
            "squeue": """
            cat <<'END'
            7|RUNNING|1-02:03:04|\(own)
            8|PENDING|0:00|\(own)
            9|RUNNING|5:00|mlestar fleet lab for tcp://other:5555
            10|COMPLETING|0:10|\(own)
            11|FAILED|0:02|\(own)
            12|COMPLETED|1:00:00|\(own)
            13|PENDING|INVALID|\(own)
            END
            """
        ])
        #expect(
            try await slurm.jobs() == [
                PlacedJob(id: 7, state: .running, ran: .seconds(93_784)), PlacedJob(id: 8, state: .waiting),
                PlacedJob(id: 10, state: .ending, ran: .seconds(10)),
                PlacedJob(id: 11, state: .ended(failed: true), ran: .seconds(2)),
                PlacedJob(id: 12, state: .ended(failed: false), ran: .seconds(3600)),
                PlacedJob(id: 13, state: .waiting),
            ])
    }

    @Test("an answer that was not asked for is an error, not a fleet without jobs")
    func strangeAnswer() async throws {
        let slurm = try programs(["squeue": "echo 'slurm_load_jobs error'"])
        await #expect(throws: PlacementError.self) { try await slurm.jobs() }
    }

    @Test("workers are asked to end by a signal, waiting jobs are taken back, and one that is gone is no fault")
    func cancels() async throws {
        let slurm = try programs([
            "scancel": """
            echo "$@" >>\(folder.path)/calls
            echo 'scancel: error: Kill job error on job id 5: Invalid job id specified' >&2; exit 1
            """
        ])
        try await slurm.withdraw([5])
        try await slurm.dismiss([6, 7])
        try await slurm.dismiss([])
        #expect(try said("calls") == "--state=PENDING 5\n--batch --signal=TERM 6 7\n")
    }

    @Test("a fleet that cannot place its first worker ends with the reason")
    func firstTrouble() async throws {
        let slurm = try programs(["squeue": "exit 0", "sbatch": "echo 'invalid partition' >&2; exit 1"])
        let keeper = FleetKeeper(
            cluster: slurm, bounds: FleetBounds(minimum: 0, maximum: 1, slots: 1, idleTime: .seconds(1)),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        ) { FleetLoad(queued: 1) }
        await #expect(throws: PlacementError.self) { try await keeper.run(lookingEvery: .milliseconds(10)) }
    }

    @Test("a fleet that is drained takes back what waits and asks the rest to end")
    func drain() async throws {
        let slurm = try programs([
            "squeue": "echo '1|PENDING|0:00|\(options.comment)'; echo '2|RUNNING|0:05|\(options.comment)'",
            "scancel": "echo \"$@\" >>\(folder.path)/calls",
        ])
        let keeper = FleetKeeper(
            cluster: slurm, bounds: FleetBounds(minimum: 0, maximum: 1, slots: 1, idleTime: .seconds(1)),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        ) { FleetLoad() }
        #expect(try await keeper.drain() == 2)
        #expect(try said("calls") == "--state=PENDING 1\n--batch --signal=TERM 2\n")
    }
}
