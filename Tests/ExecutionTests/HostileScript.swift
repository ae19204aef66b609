import Foundation
import Testing

/// A script of `Tests/Fixtures/hostile`: its lines at the top say what it tries and how it must end.
struct HostileScript: Sendable, CustomTestStringConvertible {
    let name: String
    let text: String
    private let headers: [String: String]

    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/hostile")

    static let all: [HostileScript] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.hasSuffix(".py") }.sorted().compactMap { name in
            guard let data = FileManager.default.contents(atPath: folder.appendingPathComponent(name).path) else {
                return nil
            }
            return HostileScript(name: String(name.dropLast(3)), text: String(decoding: data, as: UTF8.self))
        }
    }()

    init(name: String, text: String) {
        self.name = name
        self.text = text
        var headers: [String: String] = [:]
        for line in text.split(separator: "\n").prefix(while: { $0.hasPrefix("# ") }) {
            let parts = line.dropFirst(2).split(separator: ":", maxSplits: 1)
            if parts.count == 2 { headers[String(parts[0])] = parts[1].trimmingCharacters(in: .whitespaces) }
        }
        self.headers = headers
    }

    var testDescription: String { name }
    var what: String { headers["what"] ?? "" }
    var stoppedBy: String { headers["stopped by"] ?? "" }
    /// Endings in words, any of which is right.
    var endings: [String] { (headers["ends"] ?? "").components(separatedBy: " | ") }
    /// Where it is held: everywhere if nothing is said.
    func isHeld(in setting: HostileTests.Setting) -> Bool {
        switch headers["tier"] {
        case "bubblewrap": setting != .secondTier && setting != .secondTierOwnUser
        case "own user": setting != .secondTier
        default: true
        }
    }
    var isRefusedByCoordinator: Bool { headers["submission"] == "refused" }
    var hasNoScore: Bool { headers["score"] == "none" }
    /// Its time limit in seconds, where it must run into that; else one that a busy machine does not reach.
    var wallSeconds: Int {
        (headers["limits"] ?? "").split(separator: "=").last.flatMap { Int($0) } ?? 60
    }
}
