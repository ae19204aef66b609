import Foundation
import Subprocess
import SystemPackage
import TestKit
import Testing

/// What `mlestar-worker exec --json` tells.
struct Told: Decodable {
    let ending: String
    let log: String
    let sandbox: String
    let submissionBytes: Int?
    let peakGPUMemoryBytes: Int

    init(_ line: some StringProtocol) throws { self = try JSONDecoder().decode(Told.self, from: Data(line.utf8)) }
}

/// Which sandbox a worker takes on which machine, and what it holds there.
@Suite("Sandboxes of real workers", .timeLimit(.minutes(5)))
struct SandboxTests {
    private static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Fixtures").path
    private static let hostile = "\(fixtures)/hostile"

    private static let isRoot = getuid() == 0

    /// Runs `exec` where bubblewrap cannot be found, and Landlock neither, if so wanted.
    private func hidden(_ arguments: [String], landlockToo: Bool = false) async throws -> Program.Result {
        let hide = #"mount --bind /dev/null "$(readlink -f /usr/bin/bwrap)"; exec "$@""#
        let filter = landlockToo ? ["/usr/bin/python3", "\(Self.fixtures)/without_landlock.py"] : []
        return try await Program.run(
            at: "/usr/bin/unshare",
            ["-m", "sh", "-c", hide, "sh"] + filter + ["\(Program.products)/mlestar-worker", "exec"] + arguments)
    }

    @Test(
        "without bubblewrap a worker takes the second tier; without both, or the one that is wanted, it runs nothing",
        .enabled(if: isRoot, "hiding programs takes root"))
    func choice() async throws {
        let folder = try TemporaryFolder()
        try folder.write("open('final/submission.csv', 'w').write('id\\n')", to: "script.py")
        let arguments = ["\(folder.path)/script.py", "--json", "--python", "/usr/bin/python3"]
        let second = try await hidden(arguments)
        #expect(try Told(second.output).sandbox == "landlock", "\(second.errors)")
        for (more, landlockToo) in [(["--sandbox", "bubblewrap"], false), ([], true)] {
            let refused = try await hidden(arguments + more, landlockToo: landlockToo)
            #expect(refused.exitCode == 1 && refused.output.isEmpty)
            #expect(
                refused.errors.contains("bwrap is not installed")
                    && refused.errors.contains("apt-get install bubblewrap"))
        }
        let none = try await hidden(arguments + ["--sandbox", "none"], landlockToo: true)
        #expect(try Told(none.output).sandbox == "none", "\(none.errors)")
    }

    @Test("the memory of a script on graphics processors is what nvidia-smi tells of its processes")
    func graphicsMemory() async throws {
        let folder = try TemporaryFolder()
        let smi = """
            #!/bin/sh
            case "$1" in
            -L) ;;
            --query-gpu*) echo '0, GPU-a, 81920' ;;
            *) grep -l -a solution.py /proc/[0-9]*/cmdline 2>/dev/null | sed 's|/proc/\\([0-9]*\\)/.*|\\1, 7|' ;;
            esac
            """
        try folder.write(smi, to: "nvidia-smi")
        chmod("\(folder.path)/nvidia-smi", 0o755)
        try folder.write(
            "import time\ntime.sleep(1)\nopen('final/submission.csv', 'w').write('id\\n')", to: "script.py")
        let result = try await Program.run(
            "mlestar-worker",
            ["exec", "\(folder.path)/script.py", "--json", "--python", "/usr/bin/python3", "--gpus", "0"],
            ["PATH": "\(folder.path):/usr/bin:/bin"])
        #expect(try Told(result.output).peakGPUMemoryBytes == 7 << 20, "\(result.errors)")
    }

    @Test(
        "an ordinary user's worker contains scripts, too", .enabled(if: isRoot, "changing users takes root"),
        arguments: [
            ("fork_bomb", "exception BlockingIOError | memory limit"), ("memory_hog", "memory limit"),
            ("disk_filler", "disk limit"),
            ("daemon_deaf", "succeeded"), ("environment_keys", "succeeded"), ("home", "succeeded"),
            ("other_processes", "succeeded"), ("connect_out", "succeeded"), ("write_interpreter", "succeeded"),
            ("unshare", "succeeded"), ("mount", "succeeded"), ("become_root", "succeeded"), ("trace", "succeeded"),
            ("kernel_settings", "succeeded"), ("kill_parent", "killed by signal 9 | succeeded"),
            ("closed_folders", "succeeded"),
            ("ignored_signal", "time limit"),
        ])
    func ordinaryUser(_ name: String, _ ending: String) async throws {
        let (outcome, left) = try await run(name, as: 65534)
        #expect(outcome.sandbox == "bubblewrap")
        #expect(ending.components(separatedBy: " | ").contains(outcome.ending), "\(outcome.log)")
        #expect(!outcome.log.contains("REACHED") && !outcome.log.contains("hunter2"))
        #expect(left == ["data", "mlestar-worker", "script.py"])
    }

    @Test(
        "an ordinary user's worker contains scripts in the second tier, too",
        .enabled(if: isRoot, "changing users takes root"),
        arguments: [
            ("memory_hog", "memory limit"), ("disk_filler", "disk limit"), ("daemon_deaf", "succeeded"),
            ("environment_keys", "succeeded"), ("home", "succeeded"), ("connect_out", "succeeded"),
            ("write_interpreter", "succeeded"), ("write_data", "succeeded"), ("chmod_data", "succeeded"),
            ("change_modes", "succeeded"), ("local_sockets", "succeeded"), ("left_memory", "succeeded"),
            ("trace", "succeeded"), ("ignored_signal", "time limit"),
            ("fork_bomb", "exception BlockingIOError | memory limit"),
        ])
    func ordinaryUserInTheSecondTier(_ name: String, _ ending: String) async throws {
        // A user for each: what a script leaves in shared memory is removed though nothing else tells whose it is.
        let user = uid_t.random(in: 200_000...2_000_000)
        let (outcome, left) = try await run(name, as: user, ["--sandbox", "landlock"])
        #expect(outcome.sandbox == "landlock")
        #expect(ending.components(separatedBy: " | ").contains(outcome.ending), "\(outcome.log)")
        #expect(!outcome.log.contains("REACHED") && !outcome.log.contains("hunter2"), "\(outcome.log)")
        #expect(left == ["data", "mlestar-worker", "script.py"])
        let memory = (try? FileManager.default.contentsOfDirectory(atPath: "/dev/shm")) ?? []
        let owners = memory.map { try? FileManager.default.attributesOfItem(atPath: "/dev/shm/\($0)")[.ownerAccountID] }
        #expect(!owners.contains { $0 as? Int == Int(user) })
    }

    /// Runs a hostile script as some user; the outcome, and what lies in the user's folder afterwards.
    private func run(_ name: String, as user: uid_t, _ more: [String] = []) async throws -> (Told, [String]) {
        let folder = try TemporaryFolder()
        let worker = "\(folder.path)/mlestar-worker"
        try FileManager.default.copyItem(atPath: "\(Program.products)/mlestar-worker", toPath: worker)
        try FileManager.default.copyItem(atPath: "\(Self.hostile)/\(name).py", toPath: "\(folder.path)/script.py")
        let secrets = try TemporaryFolder()
        try secrets.write("1", to: "labels.csv")
        try folder.write("id\n1\n", to: "data/test.csv")
        try folder.write("\(secrets.path)/labels.csv", to: "data/labels_path.txt")
        try folder.write(try LocalSockets.listen(below: secrets.path), to: "data/sockets.txt")
        for path in ["\(secrets.path)/labels.csv", secrets.path, "\(folder.path)/data/test.csv", "\(folder.path)/data"]
        {
            chown(path, user, user)
        }
        chmod(folder.path, 0o777)
        let words = [
            "--reuid=\(user)", "--regid=\(user)", "--clear-groups", worker, "exec", "\(folder.path)/script.py",
            "--json",
            "--input", "\(folder.path)/data", "--python", "/usr/bin/python3", "--wall-limit", "8", "--memory-limit-mib",
            "300", "--disk-limit-mib", "48", "--process-limit", "80",
        ]
        let result = try await Subprocess.run(
            .path("/usr/bin/setpriv"), arguments: Arguments(words + more),
            environment: .custom([
                "PATH": "/usr/bin:/bin", "HOME": folder.path, "TMPDIR": folder.path, "SECRET": "hunter2",
            ]), output: .string(limit: 1 << 22), error: .string(limit: 1 << 22))
        let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        return (try Told(result.standardOutput), Set(left).subtracting([".mlestar", ".cache"]).sorted())
    }
}
