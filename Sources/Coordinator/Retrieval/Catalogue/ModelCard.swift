/// A model that is known to work on some sort of task, with code that shows how.
public struct ModelCard: Hashable, Sendable, Codable {
    /// What the model is called.
    public let title: String
    /// Words by which it is found, such as `tabular`.
    public let tags: [String]
    /// Python packages its code imports.
    public let packages: [String]
    /// What it is good at and how it is best used.
    public let text: String
    /// Example code in Python.
    public let code: String

    /// Reads a card: a title line `# …`, `tags:` and `packages:` lines, text, and one block of Python.
    ///
    /// - Throws: `CardError`, which names the file and what is missing.
    public init(parsing source: String, file: String) throws(CardError) {
        var lines = source.split(separator: "\n", omittingEmptySubsequences: false)[...]
        guard let first = lines.popFirst(), first.hasPrefix("# ") else {
            throw CardError(file: file, problem: "must begin with a title line '# …'")
        }
        title = String(first.dropFirst(2))
        func list(_ key: String) -> [String]? {
            guard let line = lines.first(where: { $0.hasPrefix("\(key): ") }) else { return nil }
            return line.dropFirst(key.count + 2).split(separator: ",").map {
                String($0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
            }
        }
        guard let tags = list("tags"), let packages = list("packages") else {
            throw CardError(file: file, problem: "must have lines 'tags: …' and 'packages: …'")
        }
        guard let open = lines.firstIndex(of: "```python"), let close = lines[open...].firstIndex(of: "```") else {
            throw CardError(file: file, problem: "must have one block of Python between '```python' and '```'")
        }
        self.tags = tags
        self.packages = packages
        code = lines[(open + 1)..<close].joined(separator: "\n")
        let words = lines[lines.startIndex..<open].filter { !$0.hasPrefix("tags: ") && !$0.hasPrefix("packages: ") }
        text = String(words.joined(separator: "\n").drop { $0.isNewline }.reversed().drop { $0.isNewline }.reversed())
        guard !text.isEmpty, !code.isEmpty else { throw CardError(file: file, problem: "has no text or no code") }
    }
}

/// A card that cannot be read.
public struct CardError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file.
    public let file: String
    /// What is wrong with it.
    public let problem: String

    /// File and problem.
    public var description: String { "\(file): \(problem)" }
}
