import Vocabulary

/// What a launcher is told of an attempt; `attempt.py` reads it.
struct LaunchSpecification: Encodable {
    struct Limits: Encodable {
        let wall_seconds: Double
        let cpu_seconds: Double
        let memory_bytes: Int
        let output_bytes: Int
        let file_bytes: Int
        let disk_bytes: Int
        let disk_entries: Int
        let processes: Int
        let cores: Int
        let grace_seconds: Double
        let notice_seconds: Double
    }

    struct Hopeless: Encodable {
        let direction: String
        let medians: [Double?]
    }

    let command: [String]
    let environment: [String: String]
    let box: String
    let temporary: String
    let input: String
    let checkpoint: String
    let stdout: String
    let stderr: String
    let room_log: String
    let full_log: String
    let ending: String
    let short_log_bytes: Int
    let limits: Limits
    let tier: String
    let bubblewrap: String
    let readable: [String]
    let weights: String?
    let devices: [String]
    /// What tells the memory in use on graphics processors; `nil` when nobody does, or the script has none.
    let nvidia_smi: String?
    let network: Bool
    let use_groups: Bool
    let shared_memory_bytes: Int
    let early_stop: Hopeless?
    /// Where what the script left in `./model` is packed; `nil` when nobody wants it.
    let model: String?
    let model_bytes: Int
}

/// What a launcher tells of an attempt.
struct LaunchEnding: Decodable {
    let reason: String
    let detail: String
    let exit_code: Int?
    let signal: Int?
    let wall_seconds: Double
    let cpu_seconds: Double
    let peak_memory_bytes: Int
    let peak_gpu_bytes: Int
    /// The best of the first k intermediate scores, for each k.
    let curve: [Double]
    /// Whose limits held: `v2`, `v1` or `none`.
    let groups: String
    let is_warm: Bool
    /// Whether none of the script's processes is left.
    let is_all_gone: Bool

    var usage: Usage {
        Usage(
            wall: .milliseconds(Int64(wall_seconds * 1000)), cpu: .milliseconds(Int64(cpu_seconds * 1000)),
            peakMemoryBytes: peak_memory_bytes, peakGPUMemoryBytes: peak_gpu_bytes)
    }
}
