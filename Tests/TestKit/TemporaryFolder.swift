import Foundation

/// A folder for one test, removed with the value.
public final class TemporaryFolder: Sendable {
    /// The folder's path; short enough for a UNIX socket in it.
    public let path: String

    /// Makes an empty folder.
    public init() throws {
        path = "/tmp/mlestar-test-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a text file below the folder, making folders on the way.
    public func write(_ text: String, to name: String) throws {
        let url = URL(fileURLWithPath: "\(path)/\(name)")
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }
}
