import Foundation
import Subprocess
import SystemPackage
import TestKit
import Testing

/// `mlestar-worker exec` and `env`, run as people run them.
@Suite("Scripts by hand", .timeLimit(.minutes(5)))
struct ExecuteTests {
    @Test("a script runs as a job would, with its data, and its outcome is printed")
    func execute() async throws {
        let folder = try TemporaryFolder()
        try folder.write("a,b\n1,2\n", to: "data/train.csv")
        try folder.write(
            "print(open('input/train.csv').read())\nopen('final/submission.csv', 'w').write('id\\n')", to: "script.py")
        let arguments = ["exec", "\(folder.path)/script.py", "--input", "\(folder.path)/data", "--python", "python3"]
        let result = try await Program.run(
            "mlestar-worker", arguments + ["--json", "--submission", "\(folder.path)/got.csv"])
        #expect(result.exitCode == 0, "\(result.errors)")
        let outcome = try Told(result.output)
        #expect(outcome.ending == "succeeded" && outcome.sandbox == "bubblewrap" && outcome.log.hasPrefix("a,b\n1,2\n"))
        #expect(try String(contentsOfFile: "\(folder.path)/got.csv", encoding: .utf8) == "id\n")
        try folder.write("import no_such_package", to: "script.py")
        let failed = try await Program.run("mlestar-worker", arguments)
        #expect(failed.exitCode == 5 && failed.output.contains("--- missing package no_such_package"))
    }

    @Test("environments are listed; what cannot be made is said with what could")
    func environments() async throws {
        let folder = try TemporaryFolder()
        let home = ["MLESTAR_HOME": folder.path]
        try folder.write("numpy>=1\n", to: "environments/loose.txt")
        let list = try await Program.run("mlestar-worker", ["env", "list"], home)
        #expect(list.exitCode == 0 && list.output.contains("loose\tnot made yet"))
        let loose = try await Program.run("mlestar-worker", ["env", "create", "loose"], home)
        #expect(loose.exitCode != 0 && loose.errors.contains("'numpy>=1' is not pinned"))
        let missing = try await Program.run(
            "mlestar-worker", ["exec", "\(folder.path)/environments/loose.txt", "--env", "other"], home)
        #expect(missing.exitCode != 0 && missing.errors.contains("env create other"))
    }

    /// An interpreter without pip, as long as there is no file `net` beside the environments.
    private static let imitatedPython = """
        #!/bin/sh
        if [ "$2" = venv ]; then mkdir -p "$3/bin" && cp "$0" "$3/bin/python"; exit; fi
        if [ "$2" = pip ]; then [ -e "$MLESTAR_HOME/net" ] || { echo no net >&2; exit 1; }; exit; fi
        exec /usr/bin/python3 "$@"
        """

    @Test(
        "an environment whose making is broken off is none, and can be finished", arguments: ["env create", "script"])
    func brokenOff(_ maker: String) async throws {
        let folder = try TemporaryFolder()
        let python = "\(folder.path)/imitated-python"
        try folder.write(Self.imitatedPython, to: "imitated-python")
        chmod(python, 0o755)
        let home = ["MLESTAR_HOME": folder.path, "PYTHON": python]
        let clone = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path
        func make() async throws -> Program.Result {
            maker == "script"
                ? try await Program.run(at: "\(clone)/deploy/python-env.sh", ["core"], home)
                : try await Program.run(
                    "mlestar-worker",
                    [
                        "env", "create", "core", "--python", python, "--requirements",
                        "\(clone)/configs/environments/core.txt",
                    ], home)
        }
        #expect(try await make().errors.contains("no net"))
        #expect(try await Program.run("mlestar-worker", ["env", "list"], home).output.contains("core\tbroken off"))
        let refused = try await Program.run("mlestar-worker", ["exec", python, "--env", "core"], home)
        #expect(refused.exitCode == 1 && refused.errors.contains("there is no environment 'core'"))
        try folder.write("", to: "net")
        #expect(try await make().exitCode == 0)
        let list = try await Program.run("mlestar-worker", ["env", "list"], home)
        #expect(list.output.contains(" packages\t") && !list.output.contains("broken off"))
        // An environment that is whole stays so when a further call fails.
        try FileManager.default.removeItem(atPath: "\(folder.path)/net")
        if maker == "env create" { #expect(try await make().exitCode == 1) }
        #expect(try await Program.run("mlestar-worker", ["env", "list"], home).output == list.output)
    }

    @Test("graphics processors are listed as a worker would offer them, parts by their ids")
    func graphics() async throws {
        let folder = try TemporaryFolder()
        let smi = """
            #!/bin/sh
            [ "$1" = -L ] || { printf '0, GPU-a, 81920\\n1, GPU-b, 16384\\n'; exit; }
            echo 'GPU 0: A100 (UUID: GPU-a)'
            echo '  MIG 3g.40gb     Device  0: (UUID: MIG-11)'
            echo '  MIG 1g.10gb     Device  1: (UUID: MIG-22)'
            """
        try folder.write(smi, to: "nvidia-smi")
        chmod("\(folder.path)/nvidia-smi", 0o755)
        let path = ["PATH": "\(folder.path):/usr/bin:/bin"]
        let all = try await Program.run("mlestar-worker", ["gpus"], path)
        #expect(all.output == "MIG-11\t40960\nMIG-22\t10240\n1\t16384\n", "\(all.errors)")
        let ours = try await Program.run(
            "mlestar-worker", ["gpus"], path.merging(["CUDA_VISIBLE_DEVICES": "MIG-22,GPU-b"]) { $1 })
        #expect(ours.output == "MIG-22\t10240\n1\t16384\n", "\(ours.errors)")
    }

    @Test("INT and TERM end the script and everything it started, and its folder goes", arguments: [SIGINT, SIGTERM])
    func interrupted(_ signal: Int32) async throws {
        let folder = try TemporaryFolder()
        let seed = Int.random(in: 1_000_000...2_000_000_000)
        // Of a call that was killed before it could clear away.
        try folder.write("", to: "tmp/mlestar-exec-dead/lock")
        try folder.write("", to: "tmp/mlestar-exec-young/file")
        try folder.write("", to: "elsewhere/lock")
        symlink("\(folder.path)/elsewhere", "\(folder.path)/tmp/mlestar-exec-link")
        try folder.write(
            """
            import os, time
            os.fork()
            open("working/" + str(os.getpid()), "w")
            while True: time.sleep(60)
            """, to: "script.py")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "\(Program.products)/mlestar-worker")
        process.arguments = ["exec", "\(folder.path)/script.py", "--python", "/usr/bin/python3", "--seed", "\(seed)"]
        process.environment = ["PATH": "/usr/bin:/bin", "HOME": folder.path, "TMPDIR": "\(folder.path)/tmp"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        while Self.processes(withSeed: seed) < 2 { try await Task.sleep(for: .milliseconds(5)) }
        kill(process.processIdentifier, signal)
        let told = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 128 + signal && told.contains("--- interrupted"))
        #expect(Self.processes(withSeed: seed) == 0)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/tmp").sorted() == [
                "mlestar-exec-link", "mlestar-exec-young",
            ])
    }

    /// Living processes of a script with this seed.
    private static func processes(withSeed seed: Int) -> Int {
        let mark = Data("MLESTAR_SEED=\(seed)\0".utf8)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.filter { name in
            Int(name) != nil
                && FileManager.default.contents(atPath: "/proc/\(name)/environ")?.range(of: mark) != nil
        }.count
    }

    @Test(
        "a log that is shown to people holds no command to their terminal; one in JSON is whole, and every key is there"
    )
    func printed() async throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "import os\nos.write(1, b'a\\tb\\x1b]0;owned\\x07\\n')\nopen('final/submission.csv', 'w').write('id\\n')",
            to: "script.py")
        let arguments = ["exec", "\(folder.path)/script.py", "--python", "/usr/bin/python3"]
        let shown = try await Program.run("mlestar-worker", arguments)
        #expect(shown.output.hasPrefix("a\tb]0;owned\n") && !shown.output.contains("\u{1B}"))
        let json = try await Program.run("mlestar-worker", arguments + ["--json"])
        #expect(try Told(json.output).log == "a\tb\u{1B}]0;owned\u{7}\n")
        #expect(json.output.contains(#""selfReported":null"#) && json.output.contains(#""wholeLogBytes":null"#))
    }

    @Test(
        "a number outside its range is refused with the range",
        arguments: [
            ("exec script --wall-limit 1e30", "0.1 to 31536000 seconds"),
            ("exec script --wall-limit nan", "0.1 to 31536000"),
            ("exec script --memory-limit-mib 9999999999999999", "32 to 1073741824"),
            ("exec script --memory-limit-mib 1", "32 to 1073741824"), ("exec script --cores 0", "1 to 4096"),
            ("exec script --output-limit-mib 99999999999", "1 to 1048576"),
            ("exec script --disk-limit-mib 99999999999999", "1 to 1073741824"),
            ("exec script --process-limit 2", "8 to 4194304"),
            ("serve --coordinator tcp://127.0.0.1:1 --disk-limit-mib 0", "1 to 1073741824"),
            ("serve --coordinator tcp://127.0.0.1:1 --memory-mib 9999999999999999", "1 to 1073741824"),
            ("serve --coordinator tcp://127.0.0.1:1 --orphan-timeout 999999999999999999", "0 to 31536000"),
        ])
    func ranges(_ line: String, _ range: String) async throws {
        let words = line.split(separator: " ").map(String.init)
        let result = try await Program.run("mlestar-worker", words)
        #expect(result.exitCode == 64 && result.errors.contains("must be \(range)"), "\(result.errors)")
    }

    @Test("an environment is made from a file that pins nothing, is checked with a sandbox, and then is listed")
    func madeEnvironment() async throws {
        let folder = try TemporaryFolder()
        let home = ["MLESTAR_HOME": folder.path]
        try folder.write("# nothing but Python\n", to: "environments/bare.txt")
        let made = try await Program.run(
            "mlestar-worker", ["env", "create", "bare", "--python", "/usr/bin/python3"], home)
        #expect(made.exitCode == 0 && made.output.contains("\(folder.path)/envs/bare/bin/python"), "\(made.errors)")
        let checked = try await Program.run("mlestar-worker", ["env", "check", "--env", "bare", "--try-sandbox"], home)
        // The built-in recipes need more than Python.
        #expect(checked.exitCode == 1 && checked.errors.contains("lacks numpy"), "\(checked.output)")
        if let python = ProcessInfo.processInfo.environment["MLESTAR_PYTHON"] {
            let core = try await Program.run("mlestar-worker", ["env", "check", "--python", python, "--try-sandbox"])
            #expect(core.exitCode == 0 && core.output.contains("numpy=="), "\(core.errors)")
        }
        let list = try await Program.run("mlestar-worker", ["env", "list"], home)
        #expect(list.output.contains("bare\t") && !list.output.contains("bare\tnot made yet"))
    }
}
