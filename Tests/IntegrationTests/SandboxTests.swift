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

    /// Runs a program where bubblewrap cannot be found, and Landlock neither, if so wanted.
    private func hidden(program: String = "mlestar-worker", _ arguments: [String], landlockToo: Bool = false)
        async throws -> Program.Result
    {
        let hide = #"mount --bind /dev/null "$(readlink -f /usr/bin/bwrap)"; exec "$@""#
        let filter = landlockToo ? ["/usr/bin/python3", "\(Self.fixtures)/without_landlock.py"] : []
        return try await Program.run(
            at: "/usr/bin/unshare",
            ["-m", "sh", "-c", hide, "sh"] + filter + ["\(Program.products)/\(program)"] + arguments)
    }

    @Test(
        "without bubblewrap a worker takes the second tier; without both, or the one that is wanted, it runs nothing",
        .enabled(if: isRoot, "hiding programs takes root"))
    func choice() async throws {
        let folder = try TemporaryFolder()
        try folder.write("open('final/submission.csv', 'w').write('id\\n')", to: "script.py")
        let arguments = ["exec", "\(folder.path)/script.py", "--json", "--python", "/usr/bin/python3"]
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

    @Test(
        "the doctor says what scripts run in without bubblewrap, or that none can",
        .enabled(if: isRoot, "hiding programs takes root"))
    func doctor() async throws {
        let folder = try TemporaryFolder()
        for landlockToo in [false, true] {
            let told = try await hidden(
                program: "mlestar", ["doctor", "--state", folder.path], landlockToo: landlockToo)
            let line = told.output.split(separator: "\n").first { $0.contains("  sandbox: ") } ?? ""
            #expect(line.hasPrefix(landlockToo ? "MEND" : "NOTE"), "\(told.output)")
            #expect(line.contains(landlockToo ? "no sandbox works" : "second tier, by Landlock"))
            #expect(line.contains("apt-get install bubblewrap"))
        }
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
        let (outcomes, left) = try await run(name, as: 65534)
        let outcome = try #require(outcomes.first)
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
        let (outcomes, left) = try await run(name, as: user, ["--sandbox", "landlock"])
        let outcome = try #require(outcomes.first)
        #expect(outcome.sandbox == "landlock")
        #expect(ending.components(separatedBy: " | ").contains(outcome.ending), "\(outcome.log)")
        #expect(!outcome.log.contains("REACHED") && !outcome.log.contains("hunter2"), "\(outcome.log)")
        #expect(left == ["data", "mlestar-worker", "script.py"])
        let memory = (try? FileManager.default.contentsOfDirectory(atPath: "/dev/shm")) ?? []
        let owners = memory.map { try? FileManager.default.attributesOfItem(atPath: "/dev/shm/\($0)")[.ownerAccountID] }
        #expect(!owners.contains { $0 as? Int == Int(user) })
    }

    /// The packages of the tests' Python environment, if they are such as the system's own Python can use.
    private static let packages: String? = {
        guard let python = ProcessInfo.processInfo.environment["MLESTAR_PYTHON"], Program.trains else { return nil }
        let version = URL(fileURLWithPath: "/usr/bin/python3").resolvingSymlinksInPath().lastPathComponent
        let folder = URL(fileURLWithPath: python).deletingLastPathComponent().deletingLastPathComponent()
        let path = folder.appendingPathComponent("lib/\(version)/site-packages").path
        return FileManager.default.fileExists(atPath: "\(path)/numpy") ? path : nil
    }()

    /// An environment that any user can reach: the system's Python with packages that must be mounted first.
    ///
    /// - Returns: where to mount them.
    private static func openEnvironment(in folder: TemporaryFolder, of packages: String) throws -> String {
        try folder.write("home = /usr/bin\n", to: "python/pyvenv.cfg")
        let inner = packages.split(separator: "/").suffix(3).joined(separator: "/")
        for name in ["bin", inner] {
            try FileManager.default.createDirectory(
                atPath: "\(folder.path)/python/\(name)", withIntermediateDirectories: true)
        }
        symlink("/usr/bin/python3", "\(folder.path)/python/bin/python")
        return "\(folder.path)/python/\(inner)"
    }

    @Test(
        "an ordinary user's worker contains scripts that start from an interpreter with its imports done, too",
        .enabled(
            if: isRoot && packages != nil, "takes root, and packages for the system's Python in MLESTAR_PYTHON"),
        arguments: [
            ("memory_hog", "memory limit"), ("daemon_deaf", "succeeded"), ("environment_keys", "succeeded"),
            ("home", "succeeded"), ("other_processes", "succeeded"), ("write_interpreter", "succeeded"),
            ("unshare", "succeeded"), ("trace", "succeeded"),
        ])
    func ordinaryUserFromWarm(_ name: String, _ ending: String) async throws {
        let packages = try #require(Self.packages)
        let (outcomes, left) = try await run(name, as: 65534, ["--repeats", "2"], packages: packages)
        #expect(outcomes.count == 2)
        for outcome in outcomes {
            #expect(outcome.sandbox == "bubblewrap" && outcome.log.hasPrefix("warm True\n"))
            #expect(ending == outcome.ending, "\(outcome.log)")
            #expect(!outcome.log.contains("REACHED") && !outcome.log.contains("hunter2"))
        }
        #expect(left == ["data", "mlestar-worker", "python", "script.py"])
    }

    /// Runs a hostile script as some user; the outcomes, and what lies in the user's folder afterwards.
    ///
    /// - Parameter packages: shown to the user; the script imports one of them and says whether it was there already.
    private func run(_ name: String, as user: uid_t, _ more: [String] = [], packages: String? = nil) async throws
        -> ([Told], [String])
    {
        let folder = try TemporaryFolder()
        let worker = "\(folder.path)/mlestar-worker"
        let place = try packages.map { try Self.openEnvironment(in: folder, of: $0) } ?? ""
        try FileManager.default.copyItem(atPath: "\(Program.products)/mlestar-worker", toPath: worker)
        // Objects of imports that were there before the script are frozen.
        let look = "import numpy\nimport gc\nprint('warm', gc.get_freeze_count() > 0)\n"
        let text = try String(contentsOfFile: "\(Self.hostile)/\(name).py", encoding: .utf8)
        try folder.write((packages == nil ? "" : look) + text, to: "script.py")
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
            "--json", "--input", "\(folder.path)/data", "--python",
            packages == nil ? "/usr/bin/python3" : "/mnt/bin/python",
            "--wall-limit", "8", "--memory-limit-mib", "300", "--disk-limit-mib", "48", "--process-limit", "80",
        ]
        // Under a name that does not tell a script of tests.
        let show = #"[ -z "$1" ] || { mount --bind "$1" "$2" && mount --rbind "$3" /mnt; }; shift 3; exec setpriv "$@""#
        let result = try await Subprocess.run(
            .path("/usr/bin/unshare"),
            arguments: Arguments(
                ["-m", "sh", "-c", show, "sh", packages ?? "", place, "\(folder.path)/python"] + words + more),
            environment: .custom([
                "PATH": "/usr/bin:/bin", "HOME": folder.path, "TMPDIR": folder.path, "SECRET": "hunter2",
            ]), output: .string(limit: 1 << 22), error: .string(limit: 1 << 22))
        let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        let outcomes = try result.standardOutput.split(separator: "\n").map { try Told($0) }
        return (outcomes, Set(left).subtracting([".mlestar", ".cache"]).sorted())
    }
}
