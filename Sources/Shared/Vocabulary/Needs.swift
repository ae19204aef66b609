/// What a job asks of a worker beyond a free slot.
public struct Needs: Codable, Hashable, Sendable {
    /// Graphics processors; 0 for none.
    public var gpus: Int
    /// Memory that each of them has at least, in bytes.
    public var gpuMemoryBytes: Int
    /// Cores set aside for it; 0 for those of one slot, however many these are.
    public var cores: Int
    /// Memory set aside for it, in bytes; 0 for none.
    public var memoryBytes: Int
    /// Name or fingerprint of the Python environment, at least its first 12 digits; empty for any.
    public var environment: String

    /// Needs; the defaults ask for a slot and nothing else.
    public init(
        gpus: Int = 0, gpuMemoryBytes: Int = 0, cores: Int = 0, memoryBytes: Int = 0, environment: String = ""
    ) {
        self.gpus = gpus
        self.gpuMemoryBytes = gpuMemoryBytes
        self.cores = cores
        self.memoryBytes = memoryBytes
        self.environment = environment
    }
}

/// A graphics processor, or a part of one that works like one.
public struct GraphicsProcessor: Codable, Hashable, Sendable {
    /// As `CUDA_VISIBLE_DEVICES` takes it: an index, or `MIG-…` for a part.
    public let id: String
    /// Its memory in bytes; 0 where that is not known.
    public let memoryBytes: Int

    /// A processor.
    public init(id: String, memoryBytes: Int = 0) {
        self.id = id
        self.memoryBytes = memoryBytes
    }

    /// Whether it is a part of a processor. A process can use one part, never several together.
    public var isPart: Bool { id.hasPrefix("MIG-") }
}

extension [GraphicsProcessor] {
    /// Those that a job gets of the free ones: parts before whole processors, the smallest that have enough memory.
    ///
    /// - Returns: as many as the job asks for; `nil` when there are not enough.
    public func choice(for needs: Needs) -> [GraphicsProcessor]? {
        guard needs.gpus > 0 else { return [] }
        let suitable = enumerated().filter { _, processor in
            processor.memoryBytes >= needs.gpuMemoryBytes && (needs.gpus == 1 || !processor.isPart)
        }
        guard suitable.count >= needs.gpus else { return nil }
        let ordered = suitable.sorted { left, right in
            (left.element.isPart ? 0 : 1, left.element.memoryBytes, left.offset)
                < (right.element.isPart ? 0 : 1, right.element.memoryBytes, right.offset)
        }
        return ordered.prefix(needs.gpus).map(\.element)
    }

    /// What workers get that run one such job at a time each: as many shares as these suffice for, none where a job asks for
    /// no processor.
    public func shares(for needs: Needs) -> [[GraphicsProcessor]] {
        guard needs.gpus > 0 else { return [] }
        var free = self
        var shares: [[GraphicsProcessor]] = []
        while let share = free.choice(for: needs) {
            shares.append(share)
            free.removeAll { share.contains($0) }
        }
        return shares
    }

    /// Whether all of these jobs can have what they ask for at once.
    public func suffice(for jobs: [Needs]) -> Bool {
        var free = self
        let hardestFirst = jobs.sorted { left, right in
            (left.gpus > 1 ? 0 : 1, right.gpuMemoryBytes) < (right.gpus > 1 ? 0 : 1, left.gpuMemoryBytes)
        }
        for job in hardestFirst {
            guard let chosen = free.choice(for: job) else { return false }
            free.removeAll { chosen.contains($0) }
        }
        return true
    }
}

/// What a worker has to give.
public struct Resources: Hashable, Sendable {
    /// Jobs it runs at once, at least 1.
    public var slots: Int
    /// Cores of a job that asks for none in particular.
    public var coresPerSlot: Int
    /// Memory of all jobs together, in bytes; 0 where that is not known.
    public var memoryBytes: Int
    /// Its graphics processors, each given to one job at a time.
    public var gpus: [GraphicsProcessor]
    /// Names and fingerprint of its Python environment.
    public var environments: [String]

    /// Resources.
    public init(
        slots: Int, coresPerSlot: Int = 1, memoryBytes: Int = 0, gpus: [GraphicsProcessor] = [],
        environments: [String] = []
    ) {
        self.slots = slots
        self.coresPerSlot = coresPerSlot
        self.memoryBytes = memoryBytes
        self.gpus = gpus
        self.environments = environments
    }

    /// Cores of all jobs together.
    public var cores: Int { slots * coresPerSlot }

    /// What of a job's needs a worker does not have even when it does nothing else, in words; empty when it has all.
    public func lacking(of needs: Needs) -> [String] {
        var lacking: [String] = []
        if gpus.choice(for: needs) == nil {
            lacking.append("it has \(Words.processors(gpus))")
        }
        if needs.cores > cores { lacking.append("it has \(Words.count(cores, "core"))") }
        if needs.memoryBytes > memoryBytes { lacking.append("it has \(Words.size(memoryBytes)) of memory") }
        if !offers(needs.environment) {
            lacking.append("its environment is \(environments.first.map { "'\($0)'" } ?? "unknown")")
        }
        return lacking
    }

    /// Whether it has a Python environment of this name or fingerprint; the beginning of a fingerprint, as people are shown
    /// it, is enough.
    public func offers(_ environment: String) -> Bool {
        environment.isEmpty
            || environments.contains { name in
                name == environment
                    || environment.utf8.count >= ContentHash.shortLength && name.hasPrefix(environment)
                        && ContentHash(checking: name) != nil
            }
    }
}

extension Needs: CustomStringConvertible {
    /// What is asked for, in words: `a slot, 2 GPUs with 40 GiB each`.
    public var description: String {
        var words = ["a slot"]
        if gpus > 0 {
            let memory = gpuMemoryBytes > 0 ? " with \(Words.size(gpuMemoryBytes))\(gpus > 1 ? " each" : "")" : ""
            words.append("\(Words.count(gpus, "GPU"))\(memory)")
        }
        if cores > 0 { words.append(Words.count(cores, "core")) }
        if memoryBytes > 0 { words.append("\(Words.size(memoryBytes)) of memory") }
        if !environment.isEmpty { words.append("the environment '\(environment)'") }
        return words.joined(separator: ", ")
    }
}

/// Amounts as people write them.
private enum Words {
    static func count(_ number: Int, _ thing: String) -> String { "\(number) \(thing)\(number == 1 ? "" : "s")" }

    static func size(_ bytes: Int) -> String {
        bytes >= 1 << 30 && bytes % (1 << 30) == 0 ? "\(bytes >> 30) GiB" : "\(bytes >> 20) MiB"
    }

    static func processors(_ processors: [GraphicsProcessor]) -> String {
        guard !processors.isEmpty else { return "no GPU" }
        let sizes = processors.map { $0.memoryBytes > 0 ? size($0.memoryBytes) : "unknown size" }
        return "\(count(processors.count, "GPU")) (\(sizes.joined(separator: ", ")))"
    }
}
