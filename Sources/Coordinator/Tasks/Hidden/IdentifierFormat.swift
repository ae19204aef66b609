/// How a task writes its ids, so that new ones look alike.
struct IdentifierFormat {
    private enum Shape {
        /// Whole numbers from `least` upwards.
        case integers(least: Int)
        /// Digits of a fixed width with zeros in front.
        case padded(width: Int)
        /// Characters of the same kinds as in the samples.
        case tokens(samples: [[UInt8]], alphabet: Alphabet)
    }

    private let shape: Shape
    private let prefix: [UInt8]
    private let suffix: [UInt8]

    /// Learns from a task's ids; of very many, from some of them spread evenly.
    init(learningFrom ids: [String]) {
        let texts = stride(from: 0, to: ids.count, by: max(1, ids.count / 100_000)).map { Array(ids[$0].utf8) }
        let ends = CommonEnds(of: texts)
        (prefix, suffix) = (ends.prefix, ends.suffix)
        let middles = texts.map { Array($0[ends.prefix.count..<($0.count - ends.suffix.count)]) }
        let width = middles.first?.count ?? 0
        let isDigits = middles.allSatisfy {
            !$0.isEmpty && $0.count <= 17 && $0.allSatisfy { (0x30...0x39).contains($0) }
        }
        let hasPadding = middles.contains { $0.count > 1 && $0[0] == 0x30 }
        if middles.isEmpty {
            shape = .integers(least: 0)
        } else if isDigits, !hasPadding {
            shape = .integers(least: middles.compactMap { Int(String(decoding: $0, as: UTF8.self)) }.min() ?? 0)
        } else if isDigits, middles.allSatisfy({ $0.count == width }) {
            shape = .padded(width: width)
        } else {
            let step = max(1, middles.count / 1000)
            shape = .tokens(
                samples: stride(from: 0, to: middles.count, by: step).map { middles[$0] },
                alphabet: Alphabet(of: middles))
        }
    }

    /// Whole numbers from 0, for rows that had no ids.
    static let rowNumbers = IdentifierFormat(learningFrom: [])

    /// `count` different new ids in random order, none of them in `avoiding`.
    func make(_ count: Int, avoiding used: Set<String> = [], stream: inout RandomStream) -> [String] {
        switch shape {
        case .integers(let least): numbers(count, from: least, avoiding: used, width: 0, &stream)
        case .padded(let width): numbers(count, from: 0, avoiding: used, width: width, &stream)
        case .tokens(let samples, let alphabet): tokens(count, samples, alphabet, avoiding: used, &stream)
        }
    }

    private func numbers(
        _ count: Int, from least: Int, avoiding used: Set<String>, width: Int, _ stream: inout RandomStream
    ) -> [String] {
        var ids: [String] = []
        ids.reserveCapacity(count)
        var number = least
        while ids.count < count {
            let digits = Array(String(number).utf8)
            let zeros = [UInt8](repeating: 0x30, count: max(0, width - digits.count))
            let id = framed(zeros + digits)
            if !used.contains(id) { ids.append(id) }
            number += 1
        }
        return stream.shuffled(ids)
    }

    private func tokens(
        _ count: Int, _ samples: [[UInt8]], _ alphabet: Alphabet, avoiding used: Set<String>,
        _ stream: inout RandomStream
    ) -> [String] {
        var ids: [String] = []
        ids.reserveCapacity(count)
        var taken = used
        while ids.count < count {
            var token = alphabet.redrawn(samples[stream.below(samples.count)], &stream)
            // Where nearly all tokens of that form are taken, longer ones are the way out, for every kind of row alike.
            var failures = 0
            while taken.contains(framed(token)) {
                failures += 1
                token = alphabet.redrawn(samples[stream.below(samples.count)], &stream)
                for _ in 0..<(failures / 20) { token.append(alphabet.any(&stream)) }
            }
            let id = framed(token)
            taken.insert(id)
            ids.append(id)
        }
        return ids
    }

    private func framed(_ middle: [UInt8]) -> String { String(decoding: prefix + middle + suffix, as: UTF8.self) }
}

/// What all ids begin and end with, not counting letters and digits that only happen to be equal.
private struct CommonEnds {
    var prefix: [UInt8] = []
    var suffix: [UInt8] = []

    init(of texts: [[UInt8]]) {
        guard texts.count > 1, let first = texts.first else { return }
        let shortest = texts.map(\.count).min() ?? 0
        var front = 0
        while front < shortest, texts.allSatisfy({ $0[front] == first[front] }) { front += 1 }
        while front > 0, (0x30...0x39).contains(first[front - 1]) || first[front - 1] >= 0x80 { front -= 1 }
        var back = 0
        let room = shortest - front
        while back < room, texts.allSatisfy({ $0[$0.count - 1 - back] == first[first.count - 1 - back] }) { back += 1 }
        while back > 0, (0x30...0x39).contains(first[first.count - back]) || first[first.count - back] >= 0x80 {
            back -= 1
        }
        prefix = Array(first[..<front])
        suffix = Array(first[(first.count - back)...])
    }
}

/// The letters and digits that ids are made of, by kind.
private struct Alphabet {
    private var digits: [UInt8] = []
    private var lower: [UInt8] = []
    private var upper: [UInt8] = []

    init(of texts: [[UInt8]]) {
        var seen = [Bool](repeating: false, count: 128)
        for text in texts { for byte in text where byte < 128 { seen[Int(byte)] = true } }
        digits = (0x30...0x39).filter { seen[Int($0)] }
        lower = (0x61...0x7A).filter { seen[Int($0)] }
        upper = (0x41...0x5A).filter { seen[Int($0)] }
    }

    /// The token with every letter and digit drawn anew; other characters stay, bytes beyond ASCII become letters.
    func redrawn(_ token: [UInt8], _ stream: inout RandomStream) -> [UInt8] {
        token.map { byte in
            switch byte {
            case 0x30...0x39: digits[stream.below(digits.count)]
            case 0x61...0x7A: lower[stream.below(lower.count)]
            case 0x41...0x5A: upper[stream.below(upper.count)]
            case 0x80...: any(&stream)
            default: byte
            }
        }
    }

    func any(_ stream: inout RandomStream) -> UInt8 {
        let all = digits + lower + upper
        return all.isEmpty ? UInt8(ascii: "x") : all[stream.below(all.count)]
    }
}
