/// A text with places for values: `{{name}}`, sections that stand only where a value is not empty
/// (`{{#name}}…{{/name}}`) or only where it is (`{{^name}}…{{/name}}`), and other templates (`{{> name}}`).
///
/// Values are put in as they are: braces in a script or a description are never read as places.
struct Template: Sendable {
    private indirect enum Piece: Sendable {
        case text(String)
        case value(String)
        case section(String, isInverted: Bool, [Piece])
        case partial(String)
    }

    /// What is wrong with a template; our own bug, found by a test.
    struct Defect: Error, Hashable, CustomStringConvertible {
        let description: String
    }

    private let pieces: [Piece]

    /// Reads a template.
    init(_ text: String) throws(Defect) {
        var tokens = Self.tokens(of: text)[...]
        pieces = try Self.pieces(of: &tokens, until: nil)
    }

    /// The text with its values.
    ///
    /// - Throws: `Defect` when a value or partial is missing.
    func rendered(_ values: [String: String], partials: [String: Template] = [:]) throws(Defect) -> String {
        var text = ""
        for piece in pieces { text += try Self.render(piece, values, partials) }
        return text
    }

    private static func render(
        _ piece: Piece, _ values: [String: String], _ partials: [String: Template]
    ) throws(Defect) -> String {
        switch piece {
        case .text(let text): return text
        case .value(let name):
            guard let value = values[name] else { throw Defect(description: "there is no value '\(name)'") }
            return value
        case .partial(let name):
            guard let partial = partials[name] else { throw Defect(description: "there is no template '\(name)'") }
            return try partial.rendered(values, partials: partials)
        case .section(let name, let isInverted, let inner):
            guard let value = values[name] else { throw Defect(description: "there is no value '\(name)'") }
            guard value.isEmpty == isInverted else { return "" }
            var text = ""
            for piece in inner { text += try render(piece, values, partials) }
            return text
        }
    }

    // MARK: Reading

    private enum Token {
        case text(String)
        case tag(String)
    }

    private static func tokens(of text: String) -> [Token] {
        var tokens: [Token] = []
        var rest = text[...]
        while let open = rest.firstRange(of: "{{"), let close = rest[open.upperBound...].firstRange(of: "}}") {
            var before = rest[..<open.lowerBound]
            let tag = String(rest[open.upperBound..<close.lowerBound])
            rest = rest[close.upperBound...]
            // A section's mark alone on its line takes the line break along, so that it leaves no empty line.
            let isMark = tag.first.map { "#^/".contains($0) } ?? false
            let startsLine = before.isEmpty ? isLineStart(tokens) : before.last == "\n"
            if isMark, startsLine, rest.first == "\n" { rest = rest.dropFirst() }
            if !before.isEmpty { tokens.append(.text(String(before))) }
            before = ""
            tokens.append(.tag(tag))
        }
        if !rest.isEmpty { tokens.append(.text(String(rest))) }
        return tokens
    }

    private static func isLineStart(_ tokens: [Token]) -> Bool {
        for token in tokens.reversed() {
            switch token {
            case .text(let text): return text.last == "\n"
            case .tag(let tag) where tag.first.map({ "#^/".contains($0) }) ?? false: continue
            case .tag: return false
            }
        }
        return true
    }

    private static func pieces(of tokens: inout ArraySlice<Token>, until end: String?) throws(Defect) -> [Piece] {
        var pieces: [Piece] = []
        while let token = tokens.popFirst() {
            guard case .tag(let tag) = token else {
                if case .text(let text) = token { pieces.append(.text(text)) }
                continue
            }
            let name = String(tag.dropFirst()).filter { $0 != " " }
            switch tag.first {
            case "#", "^":
                let inner = try Self.pieces(of: &tokens, until: name)
                pieces.append(.section(name, isInverted: tag.first == "^", inner))
            case "/":
                guard name == end else { throw Defect(description: "'{{/\(name)}}' closes nothing") }
                return pieces
            case ">": pieces.append(.partial(name))
            default: pieces.append(.value(tag))
            }
        }
        guard end == nil else { throw Defect(description: "'{{#\(end ?? "")}}' is not closed") }
        return pieces
    }
}
