public import Foundation
public import Laboratory
import LanguageModels
public import ModelAgents
import Synchronization
public import Vocabulary

/// Writes down every call and every outcome of a run, a line of JSON each, as they come. A run that is resumed goes on in
/// the same file.
public final class Recorder: CallWitness, OutcomeWitness {
    private let file: Mutex<FileHandle>
    private let path: String

    /// Opens a file, making it where it is missing.
    ///
    /// - Throws: `RecordingError` when the file holds another run, or cannot be written.
    public init(path: String, run: RecordedRun) throws {
        self.path = path
        let isNew = !FileManager.default.fileExists(atPath: path)
        if isNew {
            // Prompts and scripts are nobody else's business.
            guard
                FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600])
            else { throw RecordingError("--record \(path): cannot be written") }
        } else {
            let before = try Recording(path: path)
            guard before.run.task == run.task, before.run.settings == run.settings else {
                throw RecordingError("--record \(path): holds the recording of another run; name a new file")
            }
        }
        guard let handle = FileHandle(forWritingAtPath: path) else {
            throw RecordingError("--record \(path): cannot be written")
        }
        try handle.seekToEnd()
        file = Mutex(handle)
        if isNew { try write(.run(run)) }
    }

    /// Writes a call down.
    public func ended(_ place: CallPlace, model: String, request: Data, _ end: CallEnd) throws {
        var answer: JSONValue?
        var failure: RecordedCall.Failed?
        switch end {
        case .answered(let data): answer = JSONValue(parsing: data)
        case .failed(let error): failure = .init(code: error.code, message: error.message)
        }
        try write(
            .call(
                RecordedCall(
                    place: place, model: model, request: JSONValue(parsing: request) ?? .null, answer: answer,
                    failure: failure)))
    }

    /// Writes an outcome down.
    public func ended(_ outcome: Outcome, of job: JobID) throws {
        try write(.job(RecordedJob(outcome, path: job.path)))
    }

    private func write(_ line: RecordedLine) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let bytes = try encoder.encode(line) + Data("\n".utf8)
        do { try file.withLock { try $0.write(contentsOf: bytes) } } catch {
            throw RecordingError("--record \(path): cannot be written: \(error.localizedDescription)")
        }
    }
}

extension JobID {
    /// The part behind the run: the same in every run that does the same.
    var path: StepPath { StepPath(String(rawValue.dropFirst(run.rawValue.count + 1))) }
}
