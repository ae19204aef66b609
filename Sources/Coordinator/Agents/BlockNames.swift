/// Finds the blocks that a person's words name.
///
/// A block goes by its whole name (`model lightgbm`, `encode topics`) and by plain forms: `LightGBM`, the recipe's title,
/// `topic encoding`, `feature`. Longer forms count first, and a word that one form has used is no other block's: "target
/// encoding" is about encodings and does not name the block `target`.
struct BlockNames {
    /// A way to name a block; `nil` stands for any word.
    private struct Form {
        let words: [String?]
        let block: String

        var isExact: Bool { !words.contains(nil) }

        func matches(_ other: ArraySlice<String>) -> Bool {
            zip(words, other).allSatisfy { $0 == nil || $0 == $1 }
        }
    }

    private static let encodingNouns = ["encoding", "encodings", "encoder", "encoders"]

    private let forms: [Form]

    /// The forms of the blocks called `names`.
    ///
    /// - Parameter titles: what recipes call the models, by the names of their blocks.
    init(_ names: [String], titles: [String: String] = [:]) {
        forms = names.flatMap { name in
            (Self.forms(of: name) + [titles[name]].compactMap { $0.map(Self.words) }).map {
                Form(words: $0, block: name)
            }
        }
    }

    /// The blocks that a text names: those by longer forms first, of equally long ones those that come first in the text.
    func named(in text: String) -> [String] {
        let words = Self.words(text)
        var used: Set<Int> = []
        var found: [String] = []
        for length in Set(forms.map(\.words.count)).sorted(by: >) where length <= words.count {
            for start in 0...(words.count - length) {
                let range = start..<(start + length)
                guard used.isDisjoint(with: range) else { continue }
                let matching = forms.filter { $0.words.count == length && $0.matches(words[range]) }
                let exact = matching.filter(\.isExact)
                for form in exact.isEmpty ? matching : exact {
                    used.formUnion(range)
                    if !found.contains(form.block) { found.append(form.block) }
                }
            }
        }
        return found
    }

    private static func forms(of name: String) -> [[String?]] {
        let parts = words(name)
        guard parts.count > 1 else { return [parts] + inflected(parts) }
        let own = Array(parts.dropFirst())
        switch parts[0] {
        case "model": return [parts, own, own + ["model"]]
        case "encode":
            let whole = encodingNouns.flatMap { noun in ([own] + inflected(own)).map { $0 + [noun] } }
            // Somebody who means "the encodings", or one that goes by another name here, means any of them.
            return [parts] + whole + encodingNouns.flatMap { [[nil, $0], [$0]] }
        default: return [parts]
        }
    }

    /// Singular and plural, and the noun of `predict`.
    private static func inflected(_ words: [String]) -> [[String]] {
        guard let last = words.last else { return [] }
        if last == "predict" { return [["prediction"], ["predictions"]] }
        return [words.dropLast() + [last.hasSuffix("s") ? String(last.dropLast()) : "\(last)s"]]
    }

    /// Lower-case words; `_` parts them as a blank does.
    private static func words(_ text: String) -> [String] {
        text.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
    }
}
