import Foundation
import Vocabulary

/// What a script printed: cut to size, and searched for the score line and the exception.
struct Transcript {
    /// Beginning and end of both streams, at most 64 KiB.
    let log: String
    /// The number of the last score line on standard output.
    let selfReported: Double?
    /// The last one on standard error.
    let exception: Traceback?

    private static let head = 8 << 10
    private static let tail = 20 << 10
    /// A stream of this size is kept whole.
    static let shortBytes = head + tail

    init(folder: JobFolder) {
        let output = StreamSearch(folder.standardOutput)
        let errors = StreamSearch(folder.standardError)
        log = Self.joined(output, title: nil) + Self.joined(errors, title: "--- standard error ---\n")
        selfReported = output.flatMap(Self.score)
        exception = errors.flatMap(Traceback.last)
    }

    /// The last line of the form `Final Validation Performance: NUMBER` (script contract), if its number is finite.
    static func score(in stream: StreamSearch) -> Double? {
        let longest = 200
        return stream.last("Final Validation Performance", before: 0, after: longest) { _, _, words in
            // A number that goes on behind what is looked at is none.
            score(in: String(decoding: words, as: UTF8.self) + (words.count == longest ? "_" : ""))
        }
    }

    /// The number of a score line.
    static func score(in text: String) -> Double? {
        let pattern = #/Final Validation Performance\s*[:=]\s*([-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?)(?![\w.])/#
        return text.matches(of: pattern).last.flatMap { Double($0.1) }.flatMap { $0.isFinite ? $0 : nil }
    }

    private static func joined(_ stream: StreamSearch?, title: String?) -> String {
        guard let stream, stream.size > 0 else { return "" }
        let title = title ?? ""
        if stream.size <= shortBytes { return title + stream.text(at: 0, stream.size) }
        return title + stream.text(at: 0, head) + "\n… \(stream.size - shortBytes) bytes left out …\n"
            + stream.text(at: stream.size - tail, tail)
    }
}

/// An exception as Python prints it.
struct Traceback {
    /// The exception's type.
    let type: String
    /// The last frames, and the exception with its words.
    let message: String
    /// The top name of a module that was not found, because of which the exception was raised.
    private(set) var lack: String?

    private static let title = "Traceback (most recent call last):"
    /// How far behind a traceback's title the exception is looked for; frames of a deep recursion may take more.
    private static let longest = 64 << 10
    private static let tail = 20 << 10

    /// Type and last frames of the last traceback of a stream, or of what Python prints when it cannot read the script.
    static func last(in stream: StreamSearch) -> Traceback? {
        let found: (start: Int, lack: String?)? = stream.last(title, before: 400, after: 0) { offset, above, _ in
            let end = above.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? above.startIndex
            let line = above[end...]
            // Others stand in the midst of a group's, or of a message.
            let isOwn = ["", "  + Exception Group "].contains(String(decoding: line, as: UTF8.self))
            return isOwn ? (offset - line.count, lack(above: above)) : nil
        }
        guard let (start, lack) = found else { return unreadable(stream.text(at: stream.size - tail, tail)) }
        let text = stream.text(at: start, longest)
        var traceback = exception(in: text)
        // So many frames that the exception itself is far behind them: at the end.
        if traceback == nil, stream.size > start + longest {
            traceback = exception(
                in: text.prefix(1000) + "\n" + stream.text(at: stream.size - tail, tail).drop { $0 != "\n" })
        }
        traceback?.lack = lack
        return traceback
    }

    /// Top names of modules that were not found, if that is what the exception says. The environment must be asked: a module
    /// may be there and lack a part.
    var missingModules: [String] {
        switch type {
        case "ModuleNotFoundError":
            message.firstMatch(of: #/No module named '(\w+)[.\w]*'/#).map { [String($0.1)] } ?? []
        case "ImportError":
            (lack.map { [$0] } ?? [])
                // What pandas says of packages that it can do without, before version 3 and since.
                + message.matches(of: #/Missing optional dependency '([\w.-]+)'|`Import ([\w.-]+)` failed/#)
                .compactMap { $0.1 ?? $0.2 }.map(Self.module(ofPackage:))
        default: []
        }
    }

    /// The top name of a package's module, of those that pandas names by their packages.
    private static func module(ofPackage name: Substring) -> String {
        let plain = name.lowercased().replacing("-", with: "_")
        let others = ["beautifulsoup4": "bs4", "odfpy": "odf", "pytables": "tables"]
        return others[plain] ?? String(plain.prefix { $0 != "." })
    }

    /// The top name of a module that was not found, of what stands above the traceback of an exception raised because of that.
    private static func lack(above bytes: ArraySlice<UInt8>) -> String? {
        let cause = "\n\nThe above exception was the direct cause of the following exception:\n\n"
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.hasSuffix(cause) else { return nil }
        let line = text.dropLast(cause.count).split(separator: "\n").last ?? ""
        return line.wholeMatch(of: #/ModuleNotFoundError: No module named '(\w+)[.\w]*'/#).map { String($0.1) }
    }

    /// Type and last frames of the last traceback in a text.
    static func exception(in text: String) -> Traceback? {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard let start = lines.lastIndex(where: { $0 == title || $0 == "  + Exception Group \(title)" }) else {
            return nil
        }
        let isGroup = lines[start] != title
        lines = lines[start...].map { isGroup && $0.hasPrefix("  | ") ? String($0.dropFirst(4)) : $0 }
        // The exception's line is the first one after the frames that is not indented.
        guard let end = lines.dropFirst().firstIndex(where: { !$0.hasPrefix(" ") && !$0.isEmpty }) else { return nil }
        return told(Array(lines[end...]), below: [title] + lastFrames(Array(lines[1..<end])))
    }

    /// A script that is no Python has no traceback: the place, the line, and the error.
    private static func unreadable(_ text: String) -> Traceback? {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard let start = lines.lastIndex(where: { $0.hasPrefix("  File \"") && $0.contains("solution.py\", line ") }),
            let end = lines[start...].dropFirst().firstIndex(where: { !$0.hasPrefix(" ") && !$0.isEmpty }),
            lines[end].firstMatch(of: #/^\w+Error: /#) != nil
        else { return nil }
        return told(Array(lines[end...]), below: lines[start..<end].prefix(6).map { String($0.prefix(300)) })
    }

    private static func told(_ lines: [String], below frames: [String]) -> Traceback {
        let type = lines[0].prefix { $0 != ":" && !$0.isWhitespace }
        let words = lines.joined(separator: "\n")
        let short = words.count <= 2_000 ? words : "\(words.prefix(1_500))\n…\n\(words.suffix(500))"
        return Traceback(type: String(type.prefix(200)), message: (frames + [short]).joined(separator: "\n"))
    }

    /// The last frames in the script, and the very last one, wherever that is; a frame is its line and what is below it.
    private static func lastFrames(_ lines: [String]) -> [String] {
        var frames: [[String]] = []
        for line in lines {
            if line.hasPrefix("  File ") {
                frames.append([line])
            } else if !frames.isEmpty {
                frames[frames.count - 1].append(line)
            }
        }
        let own = frames.indices.filter { frames[$0][0].contains("/solution.py\"") }.suffix(4)
        let shown =
            own.isEmpty
            ? Array(frames.indices.suffix(3)) : Array(own) + (own.last == frames.count - 1 ? [] : [frames.count - 1])
        return shown.flatMap { frames[$0].prefix(4).map { String($0.prefix(300)) } }
    }
}
