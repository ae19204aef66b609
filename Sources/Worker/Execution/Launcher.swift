import Foundation
import Subprocess
import Synchronization
import SystemPackage

/// A process of `launch.py`, started ahead of the script it will run once.
final class Launcher: Sendable {
    /// Ends the process, and its script with everything that started.
    let line: LauncherLine
    private let process: Task<(output: String, errors: String), any Error>

    /// Starts the process; it waits for its script.
    init(interpreter: String, program: String) throws {
        line = try LauncherLine()
        // Not the line itself: it must close when nobody needs the launcher any more.
        let listening = line.listening
        process = Task {
            var options = PlatformOptions()
            // Signals meant for the worker's terminal must not reach the script.
            options.createSession = true
            let result = try await Subprocess.run(
                .path(.init(interpreter)), arguments: ["-I", "-S", program],
                environment: .custom(["PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"]), platformOptions: options,
                input: .fileDescriptor(FileDescriptor(rawValue: listening), closeAfterSpawningProcess: true),
                output: .string(limit: 1 << 16), error: .string(limit: 1 << 16))
            return (result.standardOutput, result.standardError)
        }
    }

    /// Runs the script of a specification to its end.
    func run(specification path: String) async throws -> LaunchEnding {
        line.say(path)
        let (output, errors) = try await process.value
        guard let ending = try? JSONDecoder().decode(LaunchEnding.self, from: Data(output.utf8)) else {
            throw ExecutionError(.pythonUnusable, "the launcher ended without a word: \(errors.suffix(500))")
        }
        return ending
    }
}

/// Keeps one launcher ready, so that a script need not wait for the start of its launcher's interpreter.
final class LauncherShelf: Sendable {
    private let interpreter: String
    private let program: String
    private let ready: Mutex<Launcher?>

    init(interpreter: String, program: String) throws {
        self.interpreter = interpreter
        self.program = program
        ready = Mutex(try Launcher(interpreter: interpreter, program: program))
    }

    /// Takes the launcher that is ready and starts the one after it.
    func next() throws -> Launcher {
        let fresh = try Launcher(interpreter: interpreter, program: program)
        let taken = ready.withLock { ready in
            defer { ready = fresh }
            return ready
        }
        return try taken ?? Launcher(interpreter: interpreter, program: program)
    }
}
