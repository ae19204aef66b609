import Foundation
import LanguageModels

/// Why an answer cannot be used, in words that are quoted back to the model.
struct AnswerDefect: Error, Hashable {
    let reason: String

    init(_ reason: String) { self.reason = reason }
}

/// A model's answer taken apart: fenced blocks and JSON between prose.
struct AnswerText: Sendable {
    /// A fenced block.
    struct Block: Hashable, Sendable {
        /// The word behind the opening fence, in lower case.
        let language: String
        /// What stands between the fences.
        let text: String
    }

    let text: String

    /// The fenced blocks in their order; the last one may lack its closing fence when the answer was cut off.
    ///
    /// A fence closes a block only when it is at least as long as the one that opened it, so that blocks with
    /// back-ticks inside stay whole.
    var blocks: [Block] {
        var blocks: [Block] = []
        var open: (fence: Int, language: String, lines: [Substring])?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let bare = line.trimmingCharacters(in: .whitespaces)
            let fence = bare.prefix { $0 == "`" }.count
            let rest = bare.dropFirst(fence).trimmingCharacters(in: .whitespaces)
            if let block = open {
                if fence >= block.fence, rest.isEmpty {
                    blocks.append(Block(language: block.language, text: block.lines.joined(separator: "\n")))
                    open = nil
                } else {
                    open?.lines.append(line)
                }
            } else if fence >= 3, !rest.contains("`") {
                open = (fence, rest.lowercased(), [])
            }
        }
        if let block = open, !block.lines.isEmpty {
            blocks.append(Block(language: block.language, text: block.lines.joined(separator: "\n")))
        }
        return blocks
    }

    /// The code of the answer: the block marked as Python, else the longest; `nil` when nothing is fenced.
    var fencedCode: String? {
        let python = blocks.filter { ["python", "py", "python3"].contains($0.language) }
        return (python.isEmpty ? blocks : python).max { $0.text.utf8.count < $1.text.utf8.count }?.text
    }

    /// The JSON of the answer: the whole text, else a fenced block, else the text from the first bracket to the last.
    func json() throws(AnswerDefect) -> JSONValue {
        let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard let first = trimmed.firstIndex(where: { "[{".contains($0) }) else {
            throw AnswerDefect("there is no JSON in the answer")
        }
        let closing: Character = trimmed[first] == "[" ? "]" : "}"
        let fenced = blocks.filter { $0.language != "python" }.map(\.text)
        var candidates = [trimmed] + fenced
        if let last = trimmed.lastIndex(of: closing), last > first { candidates.append(String(trimmed[first...last])) }
        for candidate in candidates {
            if let value = JSONValue(parsing: candidate), value.members != nil || value.elements != nil { return value }
        }
        throw AnswerDefect("the answer is not valid JSON\(Self.jsonComplaint(candidates.last ?? trimmed))")
    }

    private static func jsonComplaint(_ text: String) -> String {
        do {
            _ = try JSONSerialization.jsonObject(with: Data(text.utf8))
            return ""
        } catch {
            let words = (error as NSError).userInfo["NSDebugDescription"] as? String
            return words.map { ": \($0.prefix(200))" } ?? ""
        }
    }
}

extension JSONValue {
    /// The objects of a list that stands by itself or under `name`; a single object counts as a list of one.
    func items(_ name: String) -> [JSONValue] {
        if let elements { return elements }
        if let elements = self[name]?.elements { return elements }
        return [self]
    }

    /// A member that must be a text.
    func text(_ name: String) throws(AnswerDefect) -> String {
        guard let member = self[name] else { throw AnswerDefect("the key \"\(name)\" is missing") }
        guard let text = member.string else { throw AnswerDefect("\"\(name)\" must be a text") }
        return text
    }
}
