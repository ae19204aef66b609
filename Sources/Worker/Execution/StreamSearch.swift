import Foundation
import Glibc

/// Finds words in a file that a script has printed, however long that is, reading a bounded piece at a time.
struct StreamSearch {
    private let file: FileHandle
    /// Bytes of the file.
    let size: Int

    /// Read at a time.
    private static let pieceBytes = 1 << 20
    /// What a limit on output leaves, and more; a file of holes may be longer, and nobody looks there.
    private static let mostBytes = 1 << 30
    /// Occurrences looked at before nothing is found: a script may print as many that are none.
    private static let mostOccurrences = 5_000

    /// Opens a file; `nil` when there is none.
    init?(_ path: String) {
        guard let file = FileHandle(forReadingAtPath: path), let end = try? file.seekToEnd() else { return nil }
        self.file = file
        size = Int(clamping: end)
    }

    /// Bytes of the file; fewer where it ends.
    func bytes(at offset: Int, _ count: Int) -> [UInt8] {
        guard (try? file.seek(toOffset: UInt64(max(0, offset)))) != nil else { return [] }
        return ((try? file.read(upToCount: count)) ?? nil).map(Array.init) ?? []
    }

    /// The same as text.
    func text(at offset: Int, _ count: Int) -> String { String(decoding: bytes(at: offset, count), as: UTF8.self) }

    /// What the last occurrence of some words comes to, of those that come to anything.
    ///
    /// - Parameters:
    ///   - before: bytes looked at before an occurrence, fewer at the beginning.
    ///   - after: bytes looked at from its beginning on.
    ///   - meaning: of the offset in the file, what is before, and what begins with the words.
    func last<Value>(
        _ words: String, before: Int, after: Int,
        _ meaning: (Int, ArraySlice<UInt8>, ArraySlice<UInt8>) -> Value?
    ) -> Value? {
        var left = Self.mostOccurrences
        var end = size
        while end > max(0, size - Self.mostBytes), left > 0 {
            let start = max(0, end - Self.pieceBytes)
            let margin = min(start, before)
            let piece = bytes(at: start - margin, end - start + margin + max(after, words.utf8.count))
            // What begins behind the end was seen in the piece before this one.
            let found = Self.offsets(of: Array(words.utf8), in: piece).filter {
                $0 >= margin && $0 < end - start + margin
            }
            for offset in found.reversed().prefix(left) {
                let above = piece[max(0, offset - before)..<offset]
                if let value = meaning(start - margin + offset, above, piece[offset...].prefix(after)) { return value }
            }
            left -= found.count
            end = start
        }
        return nil
    }

    private static func offsets(of words: [UInt8], in piece: [UInt8]) -> [Int] {
        piece.withUnsafeBytes { all in
            var found: [Int] = []
            var at = 0
            guard let base = all.baseAddress else { return [] }
            while at <= all.count - words.count,
                let first = memchr(base + at, Int32(words[0]), all.count - words.count + 1 - at)
            {
                at = base.distance(to: UnsafeRawPointer(first))
                if memcmp(first, words, words.count) == 0 { found.append(at) }
                at += 1
            }
            return found
        }
    }
}
