public import Vocabulary

/// The outcome of replacing a block of a script.
public enum BlockEdit: Hashable, Sendable {
    /// The script with the block replaced once.
    case edited(Script)
    /// The replacement changes nothing; running it would tell nothing new.
    case unchanged
    /// The block could not be replaced; the reason in words that help to choose a better one.
    case impossible(String)

    /// What is wrong with the edit, if anything.
    var defect: String? {
        switch self {
        case .edited: nil
        case .unchanged: "the edit changes nothing"
        case .impossible(let reason): reason
        }
    }
}

/// Where a block stands in a script.
enum BlockSpan: Hashable {
    /// Lines `span` of the script; the block's lines are indented by `shift` more than written.
    case found(Range<Int>)
    /// Not there, or not there once.
    case missing(String)
}

extension Script {
    /// Replaces a block by span, once (MLE-STAR eq. 7, with the corrections of whole-line matching).
    ///
    /// The block is matched by whole lines modulo line endings and trailing blanks; where it does not stand like that,
    /// also with another indentation, shifted uniformly. Blank lines around it do not count. It must occur exactly once. A replacement indented differently
    /// from the span is shifted to fit.
    public func edited(_ block: String, to replacement: String) -> BlockEdit {
        switch span(of: block) {
        case .missing(let reason):
            return .impossible(reason)
        case .found(let span):
            let lines = self.lines
            let shift = indentation(of: lines[span]) - indentation(of: Script(replacement).trimmedLines[...])
            let fitted = Script(replacement).trimmedLines.map { shifted($0, by: shift) }
            let result = Array(lines[..<span.lowerBound]) + fitted + Array(lines[span.upperBound...])
            let isSame = fitted.map(trimmingEnd) == lines[span].map(trimmingEnd)
            return isSame ? .unchanged : .edited(Script(result.joined(separator: "\n")))
        }
    }

    /// Whether two blocks are the same but for blanks around them, behind their lines and before all of these.
    func isSameBlock(as other: Script) -> Bool {
        let (mine, others) = (trimmedLines, other.trimmedLines)
        let shift = indentation(of: others[...]) - indentation(of: mine[...])
        return mine.map { trimmingEnd(shifted($0, by: shift)) } == others.map(trimmingEnd)
    }

    /// Whether a span leaves nothing of the script but blank lines.
    func covers(_ span: Range<Int>) -> Bool {
        let lines = self.lines
        return (lines[..<span.lowerBound] + lines[span.upperBound...]).allSatisfy { $0.allSatisfy(\.isWhitespace) }
    }

    /// The lines a block spans.
    func span(of block: String) -> BlockSpan {
        let wanted = Script(block).trimmedLines.map(trimmingEnd)
        guard !wanted.isEmpty else { return .missing("the block is empty") }
        let present = lines.map(trimmingEnd)
        guard wanted.count <= present.count else { return .missing("the block is longer than the script") }
        let places = (0...(present.count - wanted.count)).map { ($0, Array(present[$0..<$0 + wanted.count])) }
        let verbatim = places.filter { $0.1 == wanted }
        let starts = (verbatim.isEmpty ? places.filter { isShifted($0.1, from: wanted) } : verbatim).map(\.0)
        switch starts.count {
        case 1: return .found(starts[0]..<starts[0] + wanted.count)
        case 0: return .missing("the block does not occur in the script; copy it exactly, whole lines")
        default: return .missing("the block occurs \(starts.count) times in the script; choose a longer one")
        }
    }

    /// The lines without line endings.
    var lines: [String] {
        text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }.map(String.init)
    }

    private var trimmedLines: [String] {
        let blank: (String) -> Bool = { $0.allSatisfy(\.isWhitespace) }
        let fromFirst = lines.drop(while: blank)
        return Array(fromFirst.reversed().drop(while: blank).reversed())
    }

    private func isShifted(_ here: [String], from wanted: [String]) -> Bool {
        let shift = indentation(of: here[...]) - indentation(of: wanted[...])
        return shift != 0 && here == wanted.map { shifted($0, by: shift) }
    }

    /// The smallest number of leading blanks of the non-empty lines.
    private func indentation(of lines: ArraySlice<String>) -> Int {
        lines.filter { !$0.allSatisfy(\.isWhitespace) }.map { $0.prefix { $0 == " " }.count }.min() ?? 0
    }

    private func shifted(_ line: String, by count: Int) -> String {
        if line.allSatisfy(\.isWhitespace) { return line }
        return count >= 0 ? String(repeating: " ", count: count) + line : String(line.dropFirst(-count))
    }

    private func trimmingEnd(_ line: String) -> String {
        line.lastIndex { !$0.isWhitespace }.map { String(line[...$0]) } ?? ""
    }
}
