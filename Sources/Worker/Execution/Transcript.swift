import Foundation
import Vocabulary

/// What a script printed: read once, cut to size, and searched for the score line and the exception.
struct Transcript {
    /// Beginning and end of both streams, at most 64 KiB.
    let log: String
    /// The number of the last score line on standard output.
    let selfReported: Double?
    /// The exception's type and the last frames, when standard error ends in a traceback.
    let exception: (type: String, message: String)?

    private static let head = 8 << 10
    private static let tail = 20 << 10
    /// A stream of this size is kept whole.
    static let shortBytes = head + tail

    init(folder: JobFolder) {
        let output = Self.ends(of: folder.standardOutput)
        let errors = Self.ends(of: folder.standardError)
        log = Self.joined(output, title: nil) + Self.joined(errors, title: "--- standard error ---\n")
        selfReported = Self.score(in: output.tail) ?? Self.score(in: output.head)
        exception = Self.exception(in: errors.tail.isEmpty ? errors.head : errors.tail)
    }

    /// The last line of the form `Final Validation Performance: NUMBER` (script contract), if the number is finite.
    static func score(in text: String) -> Double? {
        let pattern = #/Final Validation Performance\s*[:=]\s*([-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?)(?![\w.])/#
        return text.matches(of: pattern).last.flatMap { Double($0.1) }.flatMap { $0.isFinite ? $0 : nil }
    }

    /// Type and last frames of the traceback that a text ends in.
    static func exception(in text: String) -> (type: String, message: String)? {
        guard let start = text.range(of: "Traceback (most recent call last)", options: .backwards)?.lowerBound else {
            return nil
        }
        let trace = text[start...].split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        // The exception's line is the first one after the frames that is not indented.
        guard let end = trace.dropFirst().firstIndex(where: { !$0.hasPrefix(" ") && !$0.isEmpty }) else { return nil }
        let type = trace[end].prefix { $0 != ":" && !$0.isWhitespace }
        let told = trace[end...].joined(separator: "\n")
        let frames = lastFrames(Array(trace[1..<end]))
        return (String(type.prefix(200)), ([trace[0]] + frames + [String(told.suffix(2_000))]).joined(separator: "\n"))
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

    private static func ends(of path: String) -> (head: String, tail: String, size: Int) {
        guard let file = FileHandle(forReadingAtPath: path) else { return ("", "", 0) }
        defer { try? file.close() }
        let size = Int((try? file.seekToEnd()) ?? 0)
        func piece(at offset: Int, _ count: Int) -> String {
            guard (try? file.seek(toOffset: UInt64(max(0, offset)))) != nil else { return "" }
            return String(decoding: (try? file.read(upToCount: count)) ?? Data(), as: UTF8.self)
        }
        if size <= head + tail { return (piece(at: 0, size), "", size) }
        return (piece(at: 0, head), piece(at: size - tail, tail), size)
    }

    private static func joined(_ ends: (head: String, tail: String, size: Int), title: String?) -> String {
        if ends.size == 0 { return "" }
        let gap = ends.tail.isEmpty ? "" : "\n… \(ends.size - head - tail) bytes left out …\n"
        return (title ?? "") + ends.head + gap + ends.tail
    }
}
