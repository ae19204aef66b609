import Foundation
import TestKit
import Testing

@Suite("What deploys the programs", .timeLimit(.minutes(6)))
struct DeployTests {
    private static let deploy = URL(fileURLWithPath: PythonServer.fixtures).appendingPathComponent("../../deploy")
        .standardizedFileURL.path

    @Test(
        "Kubernetes's own schemas accept the manifests, refuse planted mistakes, and the manifests fit together",
        .enabled(if: PythonServer.clients != nil, "kubernetes-validate is not installed: deploy/test.sh does it"))
    func kubernetes() async throws {
        let python = try #require(PythonServer.clients)
        let result = try await PythonServer.run(
            "check_manifests.py", python: python, arguments: ["\(Self.deploy)/kubernetes"])
        #expect(result.code == 0, "\(result.output)")
        #expect(result.output == "7 manifests, 21 checks\n")
    }

    @Test(
        "the guide for Kubernetes can be followed with a coordinator that is started as its pod is, twice",
        .enabled(if: PythonServer.clients != nil && geteuid() == 0, "needs root and what deploy/test.sh installs"))
    func pod() async throws {
        let program = try Program()
        // The pod's user must find its way.
        chmod(program.folder.path, 0o755)
        let result = try await PythonServer.run(
            "coordinator_pod.py", python: try #require(PythonServer.clients),
            arguments: [Self.deploy, Program.products, program.task, "\(program.folder.path)/pod"])
        #expect(result.code == 0, "\(result.output)")
    }

    @Test("the programs know every option that manifests and units give them")
    func options() async throws {
        for (program, help) in [("mlestar", ["serve", "--help"]), ("mlestar-worker", ["serve", "--help"])] {
            let known = try await Program.run(program, help).output
            let names = try Self.optionsGiven(to: program)
            #expect(names.count >= 4, "\(program): \(names)")
            for name in names {
                #expect(known.contains("\(name) "), "\(program) does not know \(name)")
            }
        }
    }

    /// The long options that follow a program's name in units, or are arguments of its container.
    private static func optionsGiven(to program: String) throws -> Set<String> {
        let manifest = program == "mlestar" ? "coordinator" : "worker"
        let unit = program == "mlestar" ? "mlestar-coordinator" : "mlestar-worker@"
        let files = ["kubernetes/\(manifest).yaml", "systemd/\(unit).service"]
        let text = try files.map { try String(contentsOfFile: "\(deploy)/\($0)", encoding: .utf8) }.joined()
        let lines = text.split(separator: "\n").filter { line in
            line.contains("- --") || line.hasPrefix("ExecStart=") || line.hasPrefix("    --")
        }
        return Set(lines.joined(separator: "\n").matches(of: #/--[a-z][a-z-]+/#).map { String($0.output) })
    }

    @Test("the package loads from what an image's build copies", arguments: ["coordinator", "worker"])
    func images(_ name: String) async throws {
        let folder = try TemporaryFolder()
        let root = URL(fileURLWithPath: Self.deploy).deletingLastPathComponent().path
        let file = try String(contentsOfFile: "\(Self.deploy)/docker/\(name).Dockerfile", encoding: .utf8)
        let build = try #require(file.components(separatedBy: "\nFROM ").first { $0.contains(" AS build\n") })
        for copy in build.matches(of: #/\nCOPY (\S+) (\S+)/#) {
            let target = copy.2 == "./" ? String(copy.1) : String(copy.2)
            try FileManager.default.createDirectory(
                atPath: ("\(folder.path)/\(target)" as NSString).deletingLastPathComponent,
                withIntermediateDirectories: true)
            try FileManager.default.copyItem(atPath: "\(root)/\(copy.1)", toPath: "\(folder.path)/\(target)")
        }
        let result = try await Program.run(
            at: "/usr/bin/env", ["swift", "package", "--package-path", folder.path, "describe", "--type", "json"])
        #expect(result.exitCode == 0 && result.output.contains("\"WorkerMain\""), "\(result.errors)")
    }

    @Test(
        "workers are installed, started, restarted and stopped over a real ssh, and no secret is an argument",
        .enabled(if: Self.hasSSH, "no sshd (Debian: openssh-server), or MLESTAR_PYTHON is not set"))
    func ssh() async throws {
        let folder = try TemporaryFolder()
        let result = try await PythonServer.run(
            "ssh_host.py", python: "/usr/bin/python3",
            arguments: ["\(Self.deploy)/ssh/workers.sh", "\(Program.products)/mlestar-worker", "\(folder.path)/ssh"])
        #expect(result.code == 0, "\(result.output)")
    }

    private static let hasSSH =
        Program.trains && FileManager.default.isExecutableFile(atPath: "/usr/sbin/sshd")
        && FileManager.default.isExecutableFile(atPath: "/usr/bin/ssh")

    @Test(
        "systemd accepts the units",
        .enabled(
            if: FileManager.default.isExecutableFile(atPath: "/usr/bin/systemd-analyze"), "systemd is not installed"))
    func units() async throws {
        let result = try await PythonServer.run(
            "check_units.py", python: "/usr/bin/python3",
            arguments: ["\(Self.deploy)/systemd", Program.products, "\(Self.deploy)/README.md"])
        #expect(result.code == 0, "\(result.output)")
    }
}
