import Foundation
import Subprocess
import SystemPackage

/// Checks of the machine.
extension Doctor {
    /// Whether the worker program finds a usable Python.
    func python(_ interpreter: String?) async -> [Finding] {
        do {
            let program = try WorkerProgram.path()
            let arguments = ["env", "check"] + (interpreter.map { ["--python", $0] } ?? [])
            guard let result = await run(program, arguments) else {
                return [Finding(.mend, "python", "\(program) cannot be started")]
            }
            let lines = result.output.split(separator: "\n").map(String.init)
            guard result.isSuccess, lines.count > 2 else {
                return [Finding(.mend, "python", Self.lastLine(result.errors))]
            }
            return [Finding(.fine, "python", "\(lines[1]) with \(lines.count - 2) packages")]
        } catch { return [Finding(.mend, "python", "\(error)")] }
    }

    /// Whether bubblewrap is there and may make its namespaces; if not, what scripts run in then.
    func sandbox(_ interpreter: String?) async -> [Finding] {
        guard let bwrap = Self.program("bwrap", in: variables) else {
            return await withoutBubblewrap(
                "bubblewrap is not installed (Debian: apt-get install bubblewrap)", interpreter)
        }
        var arguments = [
            "--unshare-all", "--die-with-parent", "--ro-bind", "/usr", "/usr", "--proc", "/proc", "--dev", "/dev",
        ]
        for folder in ["lib", "lib64", "bin"] {
            arguments += ["--symlink", "usr/\(folder)", "/\(folder)"]
        }
        arguments += ["/bin/sh", "-c", "echo inside"]
        guard let result = await run(bwrap, arguments), result.isSuccess, result.output == "inside\n" else {
            return await withoutBubblewrap(
                "bubblewrap cannot make its namespaces here; allow user namespaces "
                    + "(sysctl kernel.unprivileged_userns_clone=1) or run where they are allowed", interpreter)
        }
        return [Finding(.fine, "sandbox", "bubblewrap works")]
    }

    /// What scripts run in without the first tier: a worker finds out.
    private func withoutBubblewrap(_ reason: String, _ interpreter: String?) async -> [Finding] {
        guard let program = try? WorkerProgram.path(),
            let result = await run(
                program, ["env", "check", "--try-sandbox"] + (interpreter.map { ["--python", $0] } ?? []))
        else { return [Finding(.note, "sandbox", reason)] }
        return [
            result.isSuccess
                ? Finding(.note, "sandbox", "\(reason); until then scripts run in the weaker second tier, by Landlock")
                : Finding(.mend, "sandbox", Self.lastLine(result.errors))
        ]
    }

    /// Which graphics processors there are.
    func gpu() async -> [Finding] {
        guard let smi = Self.program("nvidia-smi", in: variables) else {
            return [Finding(.note, "gpu", "none found (no nvidia-smi); scripts train on the processor")]
        }
        let query = ["--query-gpu=name,memory.total", "--format=csv,noheader"]
        guard let result = await run(smi, query), result.isSuccess, !result.output.isEmpty else {
            return [Finding(.note, "gpu", "nvidia-smi does not answer; see whether the driver is loaded")]
        }
        let cards = result.output.split(separator: "\n")
        return [Finding(.fine, "gpu", "\(cards.count): \(cards.joined(separator: "; "))")]
    }

    /// Gibibytes a state folder should have free.
    private static let wantedSpace = 5.0

    /// Whether there is room where the state lies.
    func disk(_ folder: String?) -> [Finding] {
        do {
            let path = try StateFolder(named: folder).path
            var status = statvfs()
            guard statvfs(path, &status) == 0 else { return [Finding(.mend, "disk", "\(path) cannot be looked at")] }
            let free = Double(status.f_bavail) * Double(status.f_frsize) / Double(1 << 30)
            let text = String(format: "%.1f GiB free in %@", free, path)
            guard free >= Self.wantedSpace else {
                return [Finding(.mend, "disk", "\(text); make room or choose another folder with --state")]
            }
            return [Finding(.fine, "disk", text)]
        } catch { return [Finding(.mend, "disk", "\(error)")] }
    }

    /// Whether the port that `serve` takes by itself is free.
    func ports() -> [Finding] {
        let port = UInt16(5555)
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard socket >= 0 else { return [Finding(.mend, "ports", "no socket can be opened")] }
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return bound == 0
            ? [Finding(.fine, "ports", "127.0.0.1:\(port) is free for `mlestar serve`")]
            : [
                Finding(
                    .note, "ports",
                    "127.0.0.1:\(port) is taken: `mlestar serve` needs another one by --bind (`run` needs none)")
            ]
    }

    // MARK: Programs

    private func run(_ program: String, _ arguments: [String]) async -> (
        isSuccess: Bool, output: String, errors: String
    )? {
        let result = try? await Subprocess.run(
            .path(.init(program)), arguments: Arguments(arguments), output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 16))
        return result.map { ($0.terminationStatus.isSuccess, $0.standardOutput, $0.standardError) }
    }

    private static func program(_ name: String, in variables: [String: String]) -> String? {
        (variables["PATH"] ?? "/usr/bin:/bin").split(separator: ":").map { "\($0)/\(name)" }
            .first(where: FileManager.default.isExecutableFile)
    }

    private static func lastLine(_ text: String) -> String {
        text.split(separator: "\n").last.map { $0.hasPrefix("Error: ") ? String($0.dropFirst(7)) : String($0) }
            ?? "the worker program says nothing"
    }
}
