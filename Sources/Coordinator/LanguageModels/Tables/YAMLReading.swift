import Foundation
import Yams

/// A table that cannot be used: every problem with file, key, value and what is allowed.
public struct ModelTableError: Error, Hashable, Sendable, CustomStringConvertible {
    /// One sentence each.
    public let problems: [String]

    /// The problems, one per line.
    public var description: String { problems.joined(separator: "\n") }
}

/// One mapping of a table's list, read key by key; what is wrong or left over becomes a problem.
struct TableEntry {
    private let mapping: Node.Mapping
    private let place: String
    private var known: Set<String> = []
    private(set) var problems: [String] = []

    init?(_ node: Node, place: String) {
        guard let mapping = node.mapping else { return nil }
        self.mapping = mapping
        self.place = place
    }

    mutating func node(_ key: String) -> Node? {
        known.insert(key)
        return mapping[key]
    }

    mutating func complain(_ key: String, _ sentence: String) { problems.append("\(place): \(key) \(sentence)") }

    /// A number from 0 to `most`; `nil` when the key is not there.
    mutating func number(_ key: String, most: Double = 1_000_000) -> Double? {
        guard let node = node(key) else { return nil }
        guard let number = node.float, number >= 0, number <= most else {
            complain(key, "must be a number from 0 to \(Int(most)), not '\(node.string ?? "a list")'")
            return nil
        }
        return number
    }

    mutating func names(_ key: String) -> [String]? {
        guard let node = node(key) else { return nil }
        guard let list = node.sequence else {
            complain(key, "must be a list of names, such as [a, b]")
            return nil
        }
        return list.compactMap(\.string)
    }

    mutating func choice(_ key: String, _ allowed: [String]) -> String? {
        guard let node = node(key) else { return nil }
        guard let text = node.string, allowed.contains(text) else {
            complain(key, "is '\(node.string ?? "a list")'; allowed: \(allowed.joined(separator: ", "))")
            return nil
        }
        return text
    }

    mutating func flag(_ key: String) -> Bool? {
        guard let node = node(key) else { return nil }
        guard let flag = node.bool else {
            complain(key, "must be true or false")
            return nil
        }
        return flag
    }

    mutating func below(_ key: String) -> TableEntry? {
        guard let node = node(key) else { return nil }
        guard let entry = TableEntry(node, place: "\(place), \(key)") else {
            complain(key, "must hold keys with values")
            return nil
        }
        return entry
    }

    /// Takes over another entry's problems.
    mutating func add(_ other: TableEntry) { problems += other.finished() }

    /// All problems, keys that nobody asked for included.
    func finished() -> [String] {
        let unknown = mapping.keys.compactMap(\.string).filter { !known.contains($0) }
        return problems
            + unknown.map { "\(place): unknown key '\($0)'; known: \(known.sorted().joined(separator: ", "))" }
    }
}

/// The list under one key of a YAML file.
func tableEntries(_ text: String, name: String, list: String) throws(ModelTableError) -> (
    root: Node, entries: [TableEntry]
) {
    let root: Node?
    do { root = try Yams.compose(yaml: text) } catch {
        throw ModelTableError(problems: ["\(name): is not YAML: \(error)"])
    }
    guard let root, let nodes = root.mapping?[list]?.sequence else {
        throw ModelTableError(problems: ["\(name): has no list '\(list)'"])
    }
    var entries: [TableEntry] = []
    for (index, node) in nodes.enumerated() {
        guard let entry = TableEntry(node, place: "\(name): entry \(index + 1) of \(list)") else {
            throw ModelTableError(problems: ["\(name): entry \(index + 1) of \(list) must hold keys with values"])
        }
        entries.append(entry)
    }
    return (root, entries)
}

/// The text of a file.
func tableText(_ path: String) throws(ModelTableError) -> String {
    guard let content = FileManager.default.contents(atPath: path), let text = String(data: content, encoding: .utf8)
    else { throw ModelTableError(problems: ["\(path): cannot be read as UTF-8 text; name a YAML file"]) }
    return text
}

let tableProviders = ["gemini", "openai", "anthropic", "compatible"]
