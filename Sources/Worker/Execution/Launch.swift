import Vocabulary

/// What `launch.py` is told.
struct LaunchSpecification: Encodable {
    let command: [String]
    let environment: [String: String]
    let folder: String
    let stdout: String
    let stderr: String
    let wall_seconds: Double
    let memory_bytes: Int
    let output_bytes: Int
    let file_bytes: Int
    let grace_seconds: Double
}

/// What `launch.py` tells.
struct LaunchEnding: Decodable {
    let reason: String
    let exit_code: Int?
    let signal: Int?
    let wall_seconds: Double
    let cpu_seconds: Double
    let peak_memory_bytes: Int

    var usage: Usage {
        Usage(
            wall: .milliseconds(Int64(wall_seconds * 1000)), cpu: .milliseconds(Int64(cpu_seconds * 1000)),
            peakMemoryBytes: peak_memory_bytes)
    }
}
