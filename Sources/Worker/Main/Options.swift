import ArgumentParser
import Execution
import Foundation
import Machine
import Vocabulary

/// What numbers may be given.
enum Ranges {
    /// Seconds of a year.
    static let year = 31_536_000.0

    /// - Throws: `ValidationError` for the first option outside its range, with the range.
    static func check(_ options: (name: String, value: Int, allowed: ClosedRange<Int>)...) throws {
        for (name, value, allowed) in options where !allowed.contains(value) {
            throw ValidationError("\(name) must be \(allowed.lowerBound) to \(allowed.upperBound), not \(value)")
        }
    }
}

/// Which Python runs the scripts.
struct PythonOptions: ParsableArguments {
    @Option(help: "Python interpreter (default: $MLESTAR_PYTHON, the environment 'core', python3 on the path).")
    var python: String?

    @Option(help: "Python environment by its name, see `mlestar-worker env list`.")
    var env: String?

    func validate() throws {
        guard python == nil || env == nil else { throw ValidationError("give --python or --env, not both") }
    }

    /// The environment, looked at.
    func environment(requiring required: [String] = PythonEnvironment.required) async throws -> PythonEnvironment {
        let variables = ProcessInfo.processInfo.environment
        let named = try env.map { try NamedEnvironments(variables: variables).existingInterpreter(of: $0) }
        let interpreter = PythonEnvironment.locate(named: named ?? python, environment: variables)
        return try await PythonEnvironment.inspect(interpreter: interpreter, requiring: required)
    }
}

/// What scripts may see and use.
struct SandboxOptions: ParsableArguments {
    @Option(help: "auto, bubblewrap, landlock or none; auto takes the strongest that works, never none.")
    var sandbox = "auto"

    @Flag(help: "Let scripts reach the network.")
    var allowNetwork = false

    @Option(help: "A further folder that scripts may read, under its own path; may be repeated.")
    var allowFolder: [String] = []

    @Option(
        help: "Folder with weights of pretrained models, read-only for scripts (default: ~/.mlestar/weights if there).")
    var weights: String?

    @Option(
        help: """
            Graphics processors that scripts may use: auto for all that nvidia-smi lists and CUDA_VISIBLE_DEVICES names, or \
            indices and MIG ids such as 0,1; none if nothing is said.
            """)
    var gpus = "none"

    @Option(help: "What a script may have on disk, in MiB.")
    var diskLimitMib = 16_384

    @Option(help: "Processes and threads of one script.")
    var processLimit = 1024

    @Flag(help: "Do not use control groups; look at the limits five times a second.")
    var noGroups = false

    @Flag(help: "Do not hold interpreters ready that have done a script's imports.")
    var noWarmStart = false

    func validate() throws {
        guard sandbox == "auto" || Sandbox(rawValue: sandbox) != nil else {
            throw ValidationError("--sandbox must be auto, bubblewrap, landlock or none, not '\(sandbox)'")
        }
        for folder in allowFolder + (weights.map { [$0] } ?? []) {
            guard folder.hasPrefix("/"), folder != "/", FileManager.default.fileExists(atPath: folder) else {
                throw ValidationError("'\(folder)' is no folder with a path that begins with / (and is not / itself)")
            }
        }
        if let problem = GraphicsDevice.Choice.problem(with: gpus) { throw ValidationError("--gpus \(problem)") }
        try Ranges.check(
            ("--disk-limit-mib", diskLimitMib, 1...1 << 30), ("--process-limit", processLimit, 8...1 << 22))
    }

    /// The policy these options mean for a number of slots.
    ///
    /// - Throws: `ExecutionError` when a graphics processor is named that is not there.
    func policy(slots: Int) async throws -> SandboxPolicy {
        let variables = ProcessInfo.processInfo.environment
        let usual = "\(HomeFolder.path(variables))/weights"
        var policy = SandboxPolicy()
        policy.sandbox = Sandbox(rawValue: sandbox)
        policy.allowsNetwork = allowNetwork
        policy.readableFolders = allowFolder
        policy.weights = weights ?? (FileManager.default.fileExists(atPath: usual) ? usual : nil)
        policy.gpus = try await GraphicsDevice.Choice(gpus).devices(environment: variables)
        policy.slots = slots
        policy.diskBytes = diskLimitMib << 20
        policy.processes = processLimit
        policy.usesGroups = !noGroups
        policy.isWarm = !noWarmStart
        return policy
    }
}
