import Vocabulary

/// A named part of a playbook script: everything from its marker line to the next.
struct Block: Hashable, Sendable {
    /// The name in the marker, such as `features` or `model lightgbm`.
    let name: String
    /// Marker and code, without blank lines at the end.
    let text: String

    /// The lines.
    var lines: [String] { text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) }

    /// A block from its name and code.
    init(name: String, code: [String]) {
        self.name = name
        text = ([Block.marker(name)] + code.trimmingBlankLines).joined(separator: "\n")
    }

    /// Reads a block's text; `nil` when it does not begin with a marker or holds a second one.
    init?(_ text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init).trimmingBlankLines
        guard let first = lines.first, let name = Block.name(inMarker: first),
            !lines.dropFirst().contains(where: { Block.name(inMarker: $0) != nil })
        else { return nil }
        self.name = name
        self.text = lines.joined(separator: "\n")
    }

    /// The line a block begins with.
    static func marker(_ name: String) -> String { "# --- block: \(name) ---" }

    /// The name in a marker line, or `nil` when the line is none.
    static func name(inMarker line: String) -> String? {
        let prefix = "# --- block: "
        guard line.hasPrefix(prefix), line.hasSuffix(" ---") else { return nil }
        let name = line.dropFirst(prefix.count).dropLast(4)
        return name.isEmpty ? nil : String(name)
    }

    /// Functions and constants the block defines at its outermost level.
    var definedNames: [String] {
        lines.compactMap { line in
            for keyword in ["def ", "class "] where line.hasPrefix(keyword) {
                return String(line.dropFirst(keyword.count).prefix { $0.isLetter || $0.isNumber || $0 == "_" })
            }
            return nil
        }
    }
}

/// A script of the playbook, taken apart at its markers.
struct BlockScript: Hashable, Sendable {
    /// Comment above the first marker.
    var heading: String
    /// The blocks in their order; names are distinct.
    var blocks: [Block]

    /// A script from its parts.
    init(heading: String, blocks: [Block]) {
        self.heading = heading
        self.blocks = blocks
    }

    /// Takes a script apart; `nil` when it was not made by the playbook.
    init?(_ script: Script) {
        let lines = script.text.split(omittingEmptySubsequences: false) { $0.isNewline }.map(String.init)
        let starts = lines.indices.filter { Block.name(inMarker: lines[$0]) != nil }
        guard let first = starts.first else { return nil }
        heading = Array(lines[..<first]).trimmingBlankLines.joined(separator: "\n")
        let ends = starts.dropFirst() + [lines.count]
        blocks = zip(starts, ends).compactMap { Block(lines[$0..<$1].joined(separator: "\n")) }
        guard Set(blocks.map(\.name)).count == blocks.count, ["load", "members", "validate"].allSatisfy(has) else {
            return nil
        }
    }

    /// The script, two blank lines between its parts.
    var script: Script { Script(([heading] + blocks.map(\.text)).joined(separator: "\n\n\n") + "\n") }

    /// The block of that name.
    subscript(name: String) -> Block? { blocks.first { $0.name == name } }

    /// Whether there is a block of that name.
    func has(_ name: String) -> Bool { self[name] != nil }

    /// The blocks that train a model.
    var models: [Block] { blocks.filter { $0.name.hasPrefix("model ") } }

    /// Replaces the block of the same name.
    mutating func replace(_ block: Block) {
        blocks = blocks.map { $0.name == block.name ? block : $0 }
    }

    /// Adds a block behind the last one of its sort: `encode …` behind encodings, `model …` behind models.
    mutating func insert(_ block: Block) {
        let sort = block.name.prefix { $0 != " " }
        let fallback = sort == "encode" ? "features" : "target"
        let place =
            blocks.lastIndex { $0.name.prefix { $0 != " " } == sort } ?? blocks.lastIndex { $0.name == fallback }
        blocks.insert(block, at: place.map { $0 + 1 } ?? blocks.endIndex)
    }

    /// Removes encodings whose functions no other block mentions any more.
    mutating func removeUnusedEncodings() {
        while let unused = blocks.firstIndex(where: { block in
            block.name.hasPrefix("encode ")
                && !block.definedNames.contains { name in
                    blocks.contains { $0.name != block.name && $0.text.contains(name) }
                }
        }) {
            blocks.remove(at: unused)
        }
    }
}

extension [String] {
    /// The lines without blank ones at both ends.
    var trimmingBlankLines: [String] {
        let isBlank: (String) -> Bool = { $0.allSatisfy(\.isWhitespace) }
        let fromFirst = drop(while: isBlank)
        return Array(fromFirst.reversed().drop(while: isBlank).reversed())
    }
}
