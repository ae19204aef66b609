import Blobs
import Foundation

/// The launcher's Python files, which the program carries, in the worker's folder.
struct LauncherFiles: Sendable {
    /// Where they are.
    let folder: String
    private let logs: String

    private static let embedded: [(name: String, bytes: [UInt8])] = [
        ("attempt.py", PackageResources.attempt_py),
        ("filters.py", PackageResources.filters_py),
        ("gpu.py", PackageResources.gpu_py),
        ("groups.py", PackageResources.groups_py),
        ("kernel.py", PackageResources.kernel_py),
        ("landlock.py", PackageResources.landlock_py),
        ("launch.py", PackageResources.launch_py),
        ("models.py", PackageResources.models_py),
        ("rooms.py", PackageResources.rooms_py),
        ("shared.py", PackageResources.shared_py),
        ("sitecustomize.py", PackageResources.sitecustomize_py),
        ("tree.py", PackageResources.tree_py),
        ("unnamed.py", PackageResources.unnamed_py),
        ("users.py", PackageResources.users_py),
        ("watches.py", PackageResources.watches_py),
    ]

    /// Writes the files below a worker's folder.
    init(below root: String) throws {
        folder = "\(root)/launcher"
        logs = "\(root)/launcher/logs"
        try? FileManager.default.removeItem(atPath: logs)
        try FileManager.default.createDirectory(atPath: logs, withIntermediateDirectories: true)
        for (name, bytes) in Self.embedded { try DurableFile.write(bytes, to: "\(folder)/\(name)") }
    }

    /// The launcher without imports.
    func plainProgram(_ interpreter: String) -> Launcher.Program {
        Launcher.Program(
            command: [interpreter, "-I", "-S", "\(folder)/launch.py", "\(folder)/etc"],
            environment: ["PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"], log: newLog())
    }

    /// A launcher with imports: to the letter the command and the variables of a script, and what `sitecustomize.py` needs.
    func warmProgram(_ interpreter: String, _ kind: WarmKind) -> Launcher.Program {
        let ours = [
            "PYTHONPATH": folder, "MLESTAR_LAUNCHER_ETC": "\(folder)/etc",
            "MLESTAR_LAUNCHER_IMPORTS": kind.imports.joined(separator: " "),
        ]
        return Launcher.Program(
            command: JobRunner.command(interpreter, in: ScriptPlace.inside),
            environment: kind.environment.merging(ours) { $1 }, log: newLog())
    }

    private func newLog() -> String { "\(logs)/\(UUID().uuidString.prefix(8)).log" }
}
