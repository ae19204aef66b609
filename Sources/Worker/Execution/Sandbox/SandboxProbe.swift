import Foundation
import Vocabulary

/// Finds out which sandbox works here, by running something in it.
struct SandboxProbe {
    let environment: PythonEnvironment
    let policy: SandboxPolicy
    let root: String
    let launcher: Launcher

    /// The strongest sandbox that works and is allowed.
    ///
    /// - Throws: `ExecutionError` that says why none does and what to do.
    func strongest() async throws -> ProvenSandbox {
        let wanted = policy.sandbox.map { [$0] } ?? [.bubblewrap, .landlock]
        var remarks: [String] = []
        for sandbox in wanted {
            let candidate = ProvenSandbox(
                sandbox: sandbox, groups: "none", bubblewrap: Self.bubblewrap ?? "", remarks: remarks)
            do {
                let groups = try await tryOut(candidate)
                return ProvenSandbox(
                    sandbox: sandbox, groups: groups, bubblewrap: candidate.bubblewrap, remarks: remarks)
            } catch {
                remarks.append("\(sandbox.rawValue): \(error)")
            }
        }
        throw ExecutionError(
            .sandboxUnavailable,
            """
            no sandbox works on this machine, so no script is run. \(remarks.joined(separator: "; ")). \
            Install bubblewrap (Debian: apt-get install bubblewrap) and allow user namespaces, or use a kernel with \
            Landlock (5.13 or newer); or give --sandbox none, which runs scripts unprotected and marks every score
            """)
    }

    private static var bubblewrap: String? {
        ["/usr/bin/bwrap", "/usr/local/bin/bwrap", "/bin/bwrap"].first(
            where: FileManager.default.isExecutableFile)
    }

    /// Starts the interpreter in a sandbox.
    ///
    /// - Returns: whose limits held.
    private func tryOut(_ candidate: ProvenSandbox) async throws -> String {
        if candidate.sandbox == .bubblewrap, candidate.bubblewrap.isEmpty {
            throw Launcher.Failure(description: "bwrap is not installed")
        }
        let job = Job(
            id: JobID("probe:\(candidate.sandbox.rawValue)"), kind: .candidateEvaluation, script: Script(""),
            mount: Mount(manifest: environment.fingerprint, path: "\(root)/launcher/etc"), seed: 0, cores: 1,
            limits: Limits(wall: .seconds(30), memoryBytes: 1 << 30, outputBytes: 1 << 20))
        let folder = JobFolder(attempt: Attempt(job: job.id, term: .first), below: root)
        defer {
            folder.remove()
            folder.removeCheckpoint()
        }
        try folder.make(for: job)
        let specification = LaunchSpecification(
            command: [environment.interpreter, "-I", "-S", "-c", ""], environment: ["LC_ALL": "C.UTF-8"],
            folder: folder, input: job.mount.path, limits: .init(job, policy), sandbox: candidate, policy: policy,
            interpreterFolders: environment.folders)
        try JSONEncoder().encode(specification).write(to: URL(fileURLWithPath: folder.specification))
        try await launcher.run(specification: folder.specification, until: StopLine())
        let ending = try JSONDecoder().decode(
            LaunchEnding.self, from: try Data(contentsOf: URL(fileURLWithPath: folder.ending)))
        guard ending.reason == "ended", ending.exit_code == 0 else {
            let words = FileManager.default.contents(atPath: folder.standardError) ?? Data()
            throw Launcher.Failure(
                description: "\(ending.detail) \(String(decoding: words.suffix(300), as: UTF8.self))")
        }
        return ending.groups
    }
}
