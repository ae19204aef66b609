import Foundation
import Subprocess
import SystemPackage
public import Vocabulary

/// A graphics processor of this machine, or a part of one.
public struct GraphicsDevice: Hashable, Sendable {
    /// As jobs and coordinator see it.
    public let processor: GraphicsProcessor
    /// The number of the processor that it is or is a part of, as in `/dev/nvidia0`.
    let index: Int
    /// Its name in every process of this machine, if it has one.
    let uuid: String?

    /// The device files that a script needs for it: NVIDIA's, and AMD's where those are.
    var files: [String] {
        ["/dev/nvidiactl", "/dev/nvidia-uvm", "/dev/nvidia-uvm-tools", "/dev/kfd", "/dev/nvidia\(index)"]
            + ["/dev/dri/renderD\(128 + index)"] + (processor.isPart ? ["/dev/nvidia-caps"] : [])
    }

    /// Which devices a worker's owner lets scripts use.
    public struct Choice: Hashable, Sendable {
        private let words: String

        /// A choice: `none`, `auto`, or indices and MIG ids with commas.
        public init(_ words: String) { self.words = words }

        /// What is wrong with a choice; `nil` when nothing is.
        public static func problem(with words: String) -> String? {
            let isFine = Choice(words).names.allSatisfy { name in
                name.hasPrefix("MIG-") || Int(name).map { (0...255).contains($0) } == true
            }
            return isFine ? nil : "must be auto, none, or indices and MIG ids with commas, such as 0,1; not '\(words)'"
        }

        private var names: [String] {
            words == "auto" || words == "none" ? [] : words.split(separator: ",").map(String.init)
        }

        /// The devices, as `nvidia-smi` lists them. Where it is not there, processors named by index are believed.
        ///
        /// - Throws: `ExecutionError` when one is named that is not there, or not ours: a cluster's scheduler says in
        ///   `CUDA_VISIBLE_DEVICES` when only some of them are.
        public func devices(environment: [String: String]) async throws -> [GraphicsDevice] {
            guard words != "none", !words.isEmpty else { return [] }
            let listed = try await NvidiaListing.ask(environment: environment)
            let chosen = words == "auto" ? listed ?? [] : try named(among: listed)
            guard let visible = environment["CUDA_VISIBLE_DEVICES"] else { return chosen }
            let names = Set(visible.split(separator: ",").map(String.init))
            let ours = chosen.filter { names.contains($0.processor.id) || $0.uuid.map(names.contains) == true }
            guard words == "auto" || ours.count == chosen.count else {
                throw ExecutionError(
                    .environmentUnusable,
                    "--gpus \(words): not all of these are this process's (CUDA_VISIBLE_DEVICES is '\(visible)'); "
                        + "--gpus auto takes those that are")
            }
            return ours
        }

        private func named(among listed: [GraphicsDevice]?) throws -> [GraphicsDevice] {
            guard let listed else {
                return try names.map { name in
                    guard let index = Int(name) else {
                        throw ExecutionError(
                            .environmentUnusable,
                            "there is no nvidia-smi on the path to find the graphics processor \(name); name processors by "
                                + "index, or mend the path")
                    }
                    return GraphicsDevice(processor: GraphicsProcessor(id: name), index: index, uuid: nil)
                }
            }
            return try names.map { name in
                guard let device = listed.first(where: { $0.processor.id == name }) else {
                    let there = listed.map(\.processor.id).joined(separator: ", ")
                    throw ExecutionError(
                        .environmentUnusable, "there is no graphics processor \(name); nvidia-smi lists \(there)")
                }
                return device
            }
        }
    }
}

extension [String] {
    /// Each once, in the order of its first appearance.
    var uniqued: [String] {
        var seen: Set<String> = []
        return filter { seen.insert($0).inserted }
    }
}

/// What `nvidia-smi` tells.
enum NvidiaListing {
    /// Asks it.
    ///
    /// - Returns: `nil` when it is not on the path.
    /// - Throws: `ExecutionError` when it fails.
    static func ask(environment: [String: String]) async throws -> [GraphicsDevice]? {
        guard let program = program(environment: environment) else { return nil }
        let processors = try await run(
            program, ["--query-gpu=index,uuid,memory.total", "--format=csv,noheader,nounits"])
        return devices(processors: processors, listing: try await run(program, ["-L"]))
    }

    /// Where `nvidia-smi` is on the path.
    static func program(environment: [String: String]) -> String? {
        let folders = (environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":")
        return folders.map { "\($0)/nvidia-smi" }.first(where: FileManager.default.isExecutableFile)
    }

    private static func run(_ program: String, _ arguments: [String]) async throws -> String {
        let result = try? await Subprocess.run(
            .path(.init(program)), arguments: Arguments(arguments), output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 16))
        guard let result, result.terminationStatus.isSuccess else {
            throw ExecutionError(
                .environmentUnusable,
                "\(program) does not answer (\(result?.standardError.prefix(200) ?? "it cannot be run")); see whether the "
                    + "driver is loaded, or start the worker with --gpus none")
        }
        return result.standardOutput
    }

    /// The devices, parts in the place of the processors that are cut into them.
    ///
    /// - Parameters:
    ///   - processors: lines of index, UUID and memory in MiB.
    ///   - listing: what `-L` prints; lines of parts follow that of their processor.
    static func devices(processors: String, listing: String) -> [GraphicsDevice] {
        let parts = parts(listing)
        return processors.split(separator: "\n").flatMap { line -> [GraphicsDevice] in
            let fields = line.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
            guard fields.count == 3, let index = Int(fields[0]) else { return [] }
            if let parts = parts[index] { return parts }
            let memory = (Int(fields[2]) ?? 0) << 20
            return [
                GraphicsDevice(
                    processor: GraphicsProcessor(id: "\(index)", memoryBytes: memory), index: index,
                    uuid: fields[1].hasPrefix("GPU-") ? fields[1] : nil)
            ]
        }
    }

    private static func parts(_ listing: String) -> [Int: [GraphicsDevice]] {
        var parts: [Int: [GraphicsDevice]] = [:]
        var index = 0
        for line in listing.split(separator: "\n") {
            if let match = line.firstMatch(of: #/^GPU (\d{1,3}):/#), let number = Int(match.1) { index = number }
            guard let match = line.firstMatch(of: #/MIG \S*?(\d{1,4})gb\S*\s.*UUID: (MIG-[^)\s]+)/#) else { continue }
            let id = String(match.2)
            parts[index, default: []].append(
                GraphicsDevice(
                    processor: GraphicsProcessor(id: id, memoryBytes: (Int(match.1) ?? 0) << 30), index: index,
                    uuid: id))
        }
        return parts
    }
}
