import Foundation

/// The scripted language model as a process of its own; ends with the value.
final class ScriptedServer {
    /// A fault of one answer.
    struct Fault: Encodable {
        let role: String
        let call: Int
        let fault: String
    }

    let port: Int
    let log: String
    private let process = Process()

    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/scripted").path

    /// As `--model` names it.
    var model: String { "compatible:scripted@http://127.0.0.1:\(port)/v1" }

    init(in folder: String, faults: [Fault] = [], options: [String] = []) throws {
        log = "\(folder)/calls-\(UUID().uuidString.prefix(6)).jsonl"
        let plan = "\(folder)/faults-\(UUID().uuidString.prefix(6)).json"
        try JSONEncoder().encode(faults).write(to: URL(fileURLWithPath: plan))
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = ["\(Self.folder)/server.py", "--log", log, "--plan", plan] + options
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        process.environment = ["PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"]
        try process.run()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        guard let number = Int(line.dropFirst(6).filter(\.isNumber)) else { throw ServerError(words: line) }
        port = number
    }

    struct ServerError: Error { let words: String }

    /// Ends the process. Not by waiting for it: that spins on Linux when the signal was blocked by whoever runs the tests.
    func stop() { kill(process.processIdentifier, SIGKILL) }

    deinit { stop() }

    /// The calls so far, as `ROLE FAULT`.
    var calls: [String] {
        let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").compactMap { line in
            guard let entry = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] else {
                return nil
            }
            return "\(entry["role"] ?? "") \(entry["fault"] as? String ?? "-")"
        }
    }
}
