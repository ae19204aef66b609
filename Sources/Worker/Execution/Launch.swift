import Foundation
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

/// Stops a script when it is pulled or when this process ends, because then the kernel closes the line.
public final class StopLine: Sendable {
    /// Given to the launcher as its standard input.
    let listening: Int32
    private let held: HeldDescriptor

    /// A line nobody has pulled.
    public init() throws {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EMFILE) }
        // Subprocess closes everything but the standard streams in its children, so no other script holds the line.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        listening = ends[0]
        held = HeldDescriptor(ends[1])
    }

    /// Ends the script and everything it started; may be called at any time and more than once.
    public func pull() { held.close() }
}
