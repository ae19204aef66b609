import Blobs
import Foundation
import Subprocess
import SystemPackage
public import Vocabulary

/// A Python interpreter with its installed packages.
public struct PythonEnvironment: Hashable, Sendable {
    /// The interpreter's path.
    public let interpreter: String
    /// Name and version of each installed package, sorted, as `name==version`.
    public let packages: [String]
    /// Hash of the interpreter's version and the packages.
    public let fingerprint: ContentHash
    /// The folders a script needs to see to run with it, beside the system's.
    public let folders: [String]

    /// An environment that is known already.
    init(interpreter: String, packages: [String], fingerprint: ContentHash, folders: [String] = []) {
        self.interpreter = interpreter
        self.packages = packages
        self.fingerprint = fingerprint
        self.folders = folders
    }

    private static let question = """
        import importlib.metadata as m, os, sys
        print(sys.executable)
        print("\\t".join(sorted({p for q in (sys.prefix, sys.base_prefix) for p in (q, os.path.realpath(q))})))
        print(sys.version.split()[0])
        print("\\n".join(sorted({f"{d.metadata['Name']}=={d.version}" for d in m.distributions()})))
        """

    /// Packages that the built-in recipes need.
    public static let required = ["numpy", "pandas", "scikit-learn", "scipy"]

    /// Asks an interpreter what it is.
    ///
    /// - Throws: `ExecutionError` when it does not run or lacks a required package.
    public static func inspect(interpreter: String, requiring required: [String] = required) async throws
        -> PythonEnvironment
    {
        let answer = try await ask(interpreter)
        guard answer.count >= 3, answer[0].hasPrefix("/") else {
            throw ExecutionError(
                .pythonUnusable,
                "\(interpreter) is no Python; make one with deploy/python-env.sh or name one with --python")
        }
        let packages = Array(answer.dropFirst(3))
        let names = Set(packages.map { $0.prefix { $0 != "=" }.lowercased() })
        let missing = required.filter { !names.contains($0) }
        guard missing.isEmpty else {
            throw ExecutionError(
                .pythonUnusable,
                "the Python environment of \(interpreter) lacks \(missing.joined(separator: ", ")); "
                    + "install the packages of configs/environments/core.txt, for instance with deploy/python-env.sh")
        }
        var form = CanonicalForm("python/1")
        for line in answer.dropFirst(2) { form.append("line", line) }
        let folders = answer[1].split(separator: "\t").map(String.init)
        return PythonEnvironment(
            interpreter: answer[0], packages: packages, fingerprint: Hashing.hash(form),
            folders: folders.filter { $0 != "/" && $0 != "/usr" && !$0.hasPrefix("/usr/") })
    }

    /// Whether nothing here can be imported by a name: asked of the interpreter, since packages name their modules as they like.
    ///
    /// - Parameter module: a name without dots.
    func lacks(_ module: String) async -> Bool {
        let question = "import importlib.util, sys; sys.exit(0 if importlib.util.find_spec(sys.argv[1]) else 3)"
        let result = try? await Subprocess.run(
            .path(.init(interpreter)), arguments: ["-I", "-c", question, module], output: .discarded, error: .discarded)
        return result?.terminationStatus == .exited(3)
    }

    private static func ask(_ interpreter: String) async throws -> [String] {
        do {
            let result = try await Subprocess.run(
                .path(.init(interpreter)), arguments: ["-I", "-c", question], output: .string(limit: 1 << 20),
                error: .string(limit: 1 << 16))
            guard result.terminationStatus.isSuccess else {
                throw ExecutionError(
                    .pythonUnusable, "\(interpreter) failed: \(result.standardError.prefix(500))")
            }
            return result.standardOutput.split(separator: "\n").map(String.init)
        } catch let error as SubprocessError {
            throw ExecutionError(
                .pythonUnusable,
                "cannot run the Python interpreter \(interpreter) (\(error)); "
                    + "make one with deploy/python-env.sh or name one with --python")
        }
    }

    /// The interpreter to use: the named one, else `MLESTAR_PYTHON`, else the `core` environment of the product's
    /// folder, else `python3` on the path.
    public static func locate(named name: String?, environment: [String: String]) -> String {
        if let name = name ?? environment["MLESTAR_PYTHON"], !name.isEmpty { return onPath(name, environment) }
        let known = NamedEnvironments(variables: environment)
        return known.isThere("core") ? known.interpreter(of: "core") : onPath("python3", environment)
    }

    private static func onPath(_ name: String, _ environment: [String: String]) -> String {
        if name.contains("/") { return URL(fileURLWithPath: name).standardizedFileURL.path }
        let folders = (environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":")
        return folders.map { "\($0)/\(name)" }.first(where: FileManager.default.isExecutableFile) ?? "/usr/bin/\(name)"
    }
}

/// Why nothing could be executed.
public struct ExecutionError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What went wrong.
    public enum Code: Hashable, Sendable {
        /// The interpreter does not run or lacks what the recipes need.
        case pythonUnusable
        /// The worker's folder cannot be used.
        case folderUnusable
        /// No sandbox works on this machine, or the wanted one does not.
        case sandboxUnavailable
        /// A named environment is not there or cannot be made.
        case environmentUnusable
    }

    /// What went wrong.
    public let code: Code
    /// A sentence that says what to do.
    public let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
