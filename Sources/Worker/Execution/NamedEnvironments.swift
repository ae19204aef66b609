import Foundation
import Machine
import Subprocess
import SystemPackage

/// Python environments with names, below `~/.mlestar/envs` (or `$MLESTAR_HOME/envs`), made from pinned requirement files.
public struct NamedEnvironments: Sendable {
    /// Where the environments are.
    public let folder: String
    private let requirementFolders: [String]

    /// The environments of this user.
    ///
    /// - Parameter variables: `MLESTAR_HOME` and `HOME` decide where they are.
    public init(variables: [String: String]) {
        let home = HomeFolder.path(variables)
        folder = "\(home)/envs"
        let program = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "/"
        // A program in .build/release/ finds the files of its own clone.
        let clone = URL(fileURLWithPath: program).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().path
        requirementFolders = ["\(home)/environments", "configs/environments", "\(clone)/configs/environments"]
    }

    /// The path an environment's interpreter has or would have.
    public func interpreter(of name: String) -> String { "\(folder)/\(name)/bin/python" }

    /// The name of the environment that an interpreter belongs to; `nil` for one from elsewhere.
    public func name(of interpreter: String) -> String? {
        let place = URL(fileURLWithPath: interpreter).standardizedFileURL.deletingLastPathComponent()
        let environment = place.deletingLastPathComponent()
        let above = environment.deletingLastPathComponent().resolvingSymlinksInPath()
        let isHere = above.path == URL(fileURLWithPath: folder).resolvingSymlinksInPath().path
        return place.lastPathComponent == "bin" && isHere ? environment.lastPathComponent : nil
    }

    /// A file in an environment that is being made; where it stays, the making was broken off.
    static let unfinishedMark = "mlestar-unfinished"

    /// Whether an environment is there whole.
    func isThere(_ name: String) -> Bool { isBegun(name) && !isMarked(name) }

    private func isBegun(_ name: String) -> Bool { FileManager.default.isExecutableFile(atPath: interpreter(of: name)) }

    private func isMarked(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: "\(folder)/\(name)/\(Self.unfinishedMark)")
    }

    /// The interpreter of an environment that is there.
    ///
    /// - Throws: `ExecutionError` that names those there are.
    public func existingInterpreter(of name: String) throws -> String {
        let path = interpreter(of: name)
        guard Self.isName(name), isThere(name) else {
            let known = installed.isEmpty ? "none yet" : installed.joined(separator: ", ")
            throw ExecutionError(
                .environmentUnusable,
                "there is no environment '\(name)' in \(folder) (there: \(known)); "
                    + "make it with `mlestar-worker env create \(name)`")
        }
        return path
    }

    /// Names of the environments that are there, sorted.
    public var installed: [String] { names.filter(isThere) }

    /// Names of those whose making was broken off, sorted.
    public var unfinished: [String] { names.filter(isMarked) }

    private var names: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    }

    /// Names of the environments that could be made, with their requirement files, sorted.
    public var available: [(name: String, file: String)] {
        var found: [String: String] = [:]
        for folder in requirementFolders.reversed() {
            for file in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            where file.hasSuffix(".txt") {
                found[String(file.dropLast(4))] = "\(folder)/\(file)"
            }
        }
        return found.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// Makes an environment from a requirement file in which every version is pinned; goes on where that was broken off.
    ///
    /// - Parameter python: the interpreter to make it from.
    /// - Returns: its interpreter.
    /// - Throws: `ExecutionError` when the file is not pinned, or Python or pip fails.
    public func create(_ name: String, requirements: String?, python: String) async throws -> String {
        guard Self.isName(name) else {
            throw ExecutionError(
                .environmentUnusable, "'\(name)' is no name: letters, digits, '-', '_' and '.' are allowed")
        }
        guard let file = requirements ?? available.first(where: { $0.name == name })?.file else {
            throw ExecutionError(
                .environmentUnusable,
                "there is no requirement file for '\(name)' (known: \(available.map(\.name).joined(separator: ", "))); "
                    + "looked in \(requirementFolders.joined(separator: ", ")); name one with --requirements")
        }
        let text = try String(contentsOfFile: file, encoding: .utf8)
        if let loose = Self.looseRequirements(in: text).first {
            throw ExecutionError(
                .environmentUnusable,
                "\(file): '\(loose)' is not pinned; write name==version, so that scores can be repeated")
        }
        let target = "\(folder)/\(name)"
        let mark = "\(target)/\(Self.unfinishedMark)"
        if !isBegun(name) {
            try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
            try Data().write(to: URL(fileURLWithPath: mark))
        }
        try await call(python, ["-m", "venv", target], "make the environment \(target)")
        try await call(
            "\(target)/bin/python",
            ["-m", "pip", "install", "--disable-pip-version-check", "--quiet", "--requirement", file],
            "install the packages of \(file)")
        if isMarked(name) { try FileManager.default.removeItem(atPath: mark) }
        return interpreter(of: name)
    }

    /// Lines that do not name one exact version; comments and options of pip are fine.
    static func looseRequirements(in text: String) -> [String] {
        text.split(separator: "\n").map { $0.prefix { $0 != "#" }.split(separator: " ").joined(separator: " ") }
            .filter {
                !$0.isEmpty && !$0.hasPrefix("-") && $0.firstMatch(of: #/^[A-Za-z0-9._\[\]-]+ ?== ?[^*,<>]+$/#) == nil
            }
    }

    private static func isName(_ name: String) -> Bool {
        name.firstMatch(of: #/^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/#) != nil
    }

    private func call(_ program: String, _ arguments: [String], _ purpose: String) async throws {
        let result = try await Subprocess.run(
            .path(.init(program)), arguments: Arguments(arguments), output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 20))
        guard result.terminationStatus.isSuccess else {
            throw ExecutionError(
                .environmentUnusable,
                "could not \(purpose): \(result.standardOutput.suffix(500))\(result.standardError.suffix(1500))")
        }
    }
}
