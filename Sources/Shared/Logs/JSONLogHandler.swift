public import Logging
import Foundation
import Synchronization

/// How log lines are written.
public enum LogFormat: String, CaseIterable, Sendable {
    /// For people.
    case text
    /// One JSON object a line, for programs.
    case json

    /// Reads a format from the command line.
    public static func read(_ text: String) throws -> LogFormat {
        guard let format = LogFormat(rawValue: text) else {
            throw LogFormatError(description: "the format of log lines must be text or json, not '\(text)'")
        }
        return format
    }

    /// A logger to standard error in this format, from `info` up.
    public func logger(_ label: String) -> Logger {
        var logger =
            switch self {
            case .text: Logger(label: label) { StreamLogHandler.standardError(label: $0) }
            case .json: Logger(label: label) { JSONLogHandler(label: $0) { JSONLogHandler.standardError($0) } }
            }
        logger.logLevel = .info
        return logger
    }
}

/// Writes each event as one line of JSON: `time`, `level`, `logger`, `message`, and the metadata (`run`, `job`, `worker`,
/// `term` where they are known) as text under their own names.
public struct JSONLogHandler: LogHandler {
    /// What every line carries.
    public var metadata: Logger.Metadata = [:]
    /// The lowest level that is written.
    public var logLevel = Logger.Level.info
    private let label: String
    private let write: @Sendable (String) -> Void

    /// Names that metadata cannot take away.
    private static let ownNames: Set<String> = ["time", "level", "logger", "message"]
    private static let lock = Mutex(())

    /// A handler.
    ///
    /// - Parameter write: takes each line, which ends with a newline.
    public init(label: String, write: @escaping @Sendable (String) -> Void) {
        self.label = label
        self.write = write
    }

    /// One entry of what every line carries.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes one event.
    public func log(event: LogEvent) {
        var fields: [String: String] = [:]
        for (key, value) in metadata.merging(event.metadata ?? [:], uniquingKeysWith: { $1 }) {
            fields[Self.ownNames.contains(key) ? "\(key)_" : key] = "\(value)"
        }
        fields["time"] = Date().formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        fields["level"] = event.level.rawValue
        fields["logger"] = label
        fields["message"] = "\(event.message)"
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let line = try? encoder.encode(fields) else { return }
        write(String(decoding: line, as: UTF8.self) + "\n")
    }

    /// Writes a line in one piece, so that those of several threads do not mix.
    static func standardError(_ line: String) {
        // A reader that is gone, or a disk that is full, must not end who logs.
        lock.withLock { _ in try? FileHandle.standardError.write(contentsOf: Data(line.utf8)) }
    }
}

/// A format that is none.
public struct LogFormatError: Error, CustomStringConvertible {
    /// What was given and what is allowed.
    public let description: String
}
