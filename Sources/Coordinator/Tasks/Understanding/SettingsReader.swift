import Vocabulary
import Yams

/// Takes values out of a YAML tree and collects what is wrong with them, each with line, key, value and what is
/// allowed.
struct SettingsReader {
    private(set) var faults: [String] = []

    mutating func fault(_ node: Node, _ text: String) {
        let line = node.mark.map { ", line \($0.line)" } ?? ""
        faults.append("task.yaml\(line): \(text).")
    }

    /// Hands each entry of a mapping to `body`; keys that are not `allowed` are faults (`nil` allows all).
    mutating func entries(
        of node: Node, in place: String, allowed: [String]?,
        _ body: (_ key: String, _ value: Node, _ reader: inout SettingsReader) -> Void
    ) {
        guard case .mapping(let mapping) = node else {
            let keys = allowed.map { " with the keys \($0.joined(separator: ", "))" } ?? ""
            fault(node, "'\(place)' must hold 'key: value' lines\(keys)")
            return
        }
        for (keyNode, value) in mapping {
            let key = keyNode.scalar?.string ?? ""
            if let allowed, !allowed.contains(key) {
                let what = place == "task.yaml" ? "unknown key '\(key)'" : "unknown key '\(key)' in '\(place)'"
                fault(keyNode, "\(what); allowed: \(allowed.joined(separator: ", "))")
            } else {
                body(key, value, &self)
            }
        }
    }

    /// A text that is not empty.
    mutating func text(_ node: Node, _ key: String) -> String? {
        guard let text = node.scalar?.string, !text.isEmpty else {
            fault(node, "'\(key)' must be a text that is not empty")
            return nil
        }
        return text
    }

    /// A text fit for a file name.
    mutating func name(_ node: Node, _ key: String) -> String? {
        guard let text = text(node, key) else { return nil }
        guard TaskName.isAllowed(text) else {
            fault(
                node,
                "'\(key)' is '\(text)'; allowed: letters, digits, '-', '_' and '.', beginning with a letter or digit")
            return nil
        }
        return text
    }

    /// A list of texts, or one text alone.
    mutating func texts(_ node: Node, _ key: String) -> [String]? {
        if let text = node.scalar?.string, !text.isEmpty { return [text] }
        let texts = node.sequence?.compactMap { $0.scalar?.string } ?? []
        guard !texts.isEmpty, texts.count == node.sequence?.count, Set(texts).count == texts.count else {
            fault(node, "'\(key)' must be a list of different texts, such as [a, b]")
            return nil
        }
        return texts
    }

    /// One of some words.
    mutating func choice<Value>(_ node: Node, _ key: String, _ allowed: [(word: String, value: Value)]) -> Value? {
        let text = node.scalar?.string ?? ""
        if let found = allowed.first(where: { $0.word == text }) { return found.value }
        let words = allowed.map(\.word).joined(separator: ", ")
        fault(node, "'\(key)' is '\(text)'; allowed: \(words)")
        return nil
    }

    /// A metric by name.
    mutating func metric(_ node: Node, _ key: String) -> Metric? {
        let text = node.scalar?.string ?? ""
        if let metric = Metric(spelling: text) { return metric }
        fault(node, "'\(key)' is '\(text)'; allowed: \(MetricNames.allowed)")
        return nil
    }
}

/// Which names a task may have: they become parts of file names and identifiers.
enum TaskName {
    static func isAllowed(_ text: String) -> Bool {
        guard let first = text.utf8.first, isLetterOrDigit(first) else { return false }
        return text.utf8.allSatisfy { isLetterOrDigit($0) || "-_.".utf8.contains($0) }
    }

    /// The nearest allowed name.
    static func cleaned(_ text: String) -> String {
        let kept = text.utf8.map { isLetterOrDigit($0) || "-_.".utf8.contains($0) ? $0 : UInt8(ascii: "-") }
        let trimmed = kept.drop { !isLetterOrDigit($0) }
        return trimmed.isEmpty ? "task" : String(decoding: trimmed, as: UTF8.self)
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
