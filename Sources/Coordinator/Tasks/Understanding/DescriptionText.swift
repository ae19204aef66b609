/// A competition's description cut into the parts that say different things.
struct DescriptionText {
    let whole: String

    /// The sections whose heading speaks of evaluation, without code and without what is said of the file format;
    /// empty when there is none.
    var evaluation: String {
        var kept: [Substring] = []
        var level: Int?
        var isSkipping = false
        for line in lines {
            guard let heading = line.heading else {
                if level != nil, !isSkipping, !line.isCode { kept.append(line.text) }
                continue
            }
            if let open = level, heading.level <= open { level = nil }
            let title = heading.title.lowercased()
            isSkipping = Self.otherWords.contains(where: title.contains)
            if level != nil, !isSkipping { kept.append(line.text) }
            if level == nil, Self.evaluationWords.contains(where: title.contains) {
                level = heading.level
                isSkipping = false
                // Some pages put the whole sentence into the heading.
                kept.append(line.text)
            }
        }
        return kept.joined(separator: "\n")
    }

    /// Everything outside code.
    var prose: String { lines.filter { !$0.isCode }.map(\.text).joined(separator: "\n") }

    /// The first lines of fenced code that look like the header of a submission, each split at commas.
    var exampleHeaders: [[String]] {
        var headers: [[String]] = []
        var isFirst = false
        for line in lines {
            if line.isFence {
                isFirst = line.opensFence
                continue
            }
            guard line.isCode, isFirst else { continue }
            isFirst = false
            headers.append(line.text.split(separator: ",").map { String($0).trimmingBlanks })
        }
        return headers
    }

    private static let evaluationWords = ["evaluation", "metric", "scoring"]
    /// Parts of an evaluation section that say nothing of the metric.
    private static let otherWords = ["submission", "file", "data", "column", "timeline", "prize"]

    private static let bareHeadings: Set = ["evaluation", "evaluation metric", "metric", "metrics", "scoring"]

    private struct Line {
        let text: Substring
        var isCode = false
        var isFence = false
        var opensFence = false
        var heading: (level: Int, title: Substring)?
    }

    private var lines: [Line] {
        var isInside = false
        return whole.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map { text in
            let trimmed = text.drop { $0 == " " }
            if trimmed.hasPrefix("```") || trimmed.hasPrefix("~~~") {
                isInside.toggle()
                return Line(text: text, isCode: true, isFence: true, opensFence: isInside)
            }
            return Line(text: text, isCode: isInside, heading: isInside ? nil : Self.heading(trimmed))
        }
    }

    /// `## Title`, or a line that is all bold or ends in a colon and is short, as plain text files have.
    private static func heading(_ line: Substring) -> (level: Int, title: Substring)? {
        let marks = line.prefix { $0 == "#" }.count
        if (1...6).contains(marks), line.dropFirst(marks).first == " " { return (marks, line.dropFirst(marks + 1)) }
        if line.hasPrefix("**"), line.hasSuffix("**"), line.count > 4, line.count <= 60 {
            return (7, line.dropFirst(2).dropLast(2))
        }
        if bareHeadings.contains(String(line).trimmingBlanks.lowercased()) { return (6, line) }
        if line.hasSuffix(":"), line.count <= 40, !line.contains("."), line.first?.isUppercase == true {
            return (8, line.dropLast())
        }
        return nil
    }
}

extension String {
    /// Without blanks, tabs and carriage returns at both ends.
    var trimmingBlanks: String {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\r" || $0 == "\n" || $0 == "\r\n" }
        let tail = drop(while: isBlank)
        guard let last = tail.lastIndex(where: { !isBlank($0) }) else { return "" }
        return String(tail[...last])
    }
}
