/// A script's statements, divided as Python does: what goes on over several lines in one piece, what stands on one line apart,
/// without comments.
struct ScriptStatements: Sequence, IteratorProtocol {
    struct Statement: Hashable {
        enum Kind {
            /// An import that is done whenever the script comes this far.
            case importing
            /// A string and nothing else, which does nothing.
            case words
            case other
        }

        /// With spaces for breaks of lines and tabs outside strings.
        let text: String
        let kind: Kind
    }

    private let script: [Unicode.Scalar]
    private var position = 0
    private var beginsLine = true
    /// Whether only imports stand before this on its line, and that is in no block: then it is run, too.
    private var isPlain = true

    init(_ script: String) { self.script = Array(script.unicodeScalars) }

    mutating func next() -> Statement? {
        while position < script.count {
            if beginsLine { isPlain = !Self.isSpace(script[position]) }
            let (text, isString) = read()
            guard !text.isEmpty else { continue }
            isPlain = isPlain && (text.hasPrefix("import ") || text.hasPrefix("from "))
            return Statement(text: text, kind: isPlain ? .importing : isString ? .words : .other)
        }
        return nil
    }

    /// Reads to the end of a statement; its text, and whether that is a string.
    private mutating func read() -> (text: String, isString: Bool) {
        var text = String.UnicodeScalarView()
        var depth = 0
        var isString = true
        beginsLine = false
        while position < script.count {
            let letter = script[position]
            if letter == "\"" || letter == "'" {
                text.append(contentsOf: string())
                continue
            }
            position += 1
            switch letter {
            case "#": while position < script.count, !Self.isBreak(script[position]) { position += 1 }
            case "\\" where position < script.count && Self.isBreak(script[position]):
                // A break may be of two letters.
                position += script[position...].starts(with: ["\r", "\n"]) ? 2 : 1
                text.append(" ")
            case ";" where depth == 0: return (String(text), isString)
            case _ where depth == 0 && Self.isBreak(letter):
                beginsLine = true
                return (String(text), isString)
            case _ where Self.isSpace(letter) || Self.isBreak(letter):
                if !text.isEmpty { text.append(" ") }
            default:
                if "([{".unicodeScalars.contains(letter) { depth += 1 }
                if ")]}".unicodeScalars.contains(letter) { depth -= 1 }
                text.append(letter)
                isString = false
            }
        }
        return (String(text), isString)
    }

    /// Reads a string to its end, or to the end of its line where it may have but one.
    private mutating func string() -> ArraySlice<Unicode.Scalar> {
        let start = position
        let quote = script[start]
        let isLong = script[start...].starts(with: [quote, quote, quote])
        let end = isLong ? [quote, quote, quote] : [quote]
        position += end.count
        while position < script.count, isLong || !Self.isBreak(script[position]) {
            if script[position...].starts(with: end) {
                position += end.count
                break
            }
            position += script[position] == "\\" ? 2 : 1
        }
        position = Swift.min(position, script.count)
        return script[start..<position]
    }

    private static func isSpace(_ letter: Unicode.Scalar) -> Bool {
        letter == " " || letter == "\t" || letter == "\u{C}"
    }

    private static func isBreak(_ letter: Unicode.Scalar) -> Bool { letter == "\n" || letter == "\r" }
}
