import Vocabulary

/// The metrics a text names, in order; at each place the phrase with the most words counts.
struct MetricMentions {
    struct Mention {
        let meaning: MetricNames.Meaning
        var note: String?
        /// Where in the text's words it stands.
        let place: Range<Int>
    }

    let words: [MetricText.Word]
    private(set) var all: [Mention] = []

    init(in text: String) {
        words = MetricText(text).words
        var at = 0
        while at < words.count {
            guard let (meaning, length) = match(at) else {
                at += 1
                continue
            }
            all.append(mention(meaning, at..<(at + length)))
            at += length
        }
    }

    /// The different metrics, without what only explains another: "RMSLE: the RMSE between logarithms" names one.
    var distinct: [Mention] {
        var found: [Mention] = []
        for mention in all where !found.contains(where: { $0.meaning == mention.meaning }) { found.append(mention) }
        let metrics = found.map(\.meaning)
        return found.filter { mention in
            switch mention.meaning {
            case .metric(.rootMeanSquaredError): !metrics.contains(.metric(.rootMeanSquaredLogarithmicError))
            case .metric(.auc): !metrics.contains(.metric(.meanColumnAUC))
            case .family("F1", _): !metrics.contains(.metric(.macroF1)) && !metrics.contains(.metric(.microF1))
            case .family("mean average precision", _):
                !metrics.contains { if case .metric(.meanAveragePrecision) = $0 { true } else { false } }
            default: true
            }
        }
    }

    private func match(_ start: Int) -> (MetricNames.Meaning, Int)? {
        if let count = MetricText.precisionCount(words[start...]) {
            return (.metric(.meanAveragePrecision(at: count.at)), count.length)
        }
        for phrase in MetricNames.phrases where start + phrase.words.count <= words.count {
            let slice = words[start..<(start + phrase.words.count)]
            if let exact = phrase.exact, slice.first?.written != exact { continue }
            if zip(slice, phrase.words).allSatisfy({ $0.lowered == $1 }) { return (phrase.meaning, phrase.words.count) }
        }
        return nil
    }

    /// What a phrase means where it stands: "weighted AUC" is not AUC, "RMSE between the logarithms of …" is RMSLE.
    private func mention(_ meaning: MetricNames.Meaning, _ place: Range<Int>) -> Mention {
        if case .unsupported = meaning { return Mention(meaning: meaning, place: place) }
        let name = meaning.shown
        if let qualified = MetricModifiers(words: words, place: place).qualified(name) {
            return Mention(meaning: .unsupported(qualified), place: place)
        }
        let logarithms = Logarithms(words: words, place: place).finding
        switch (meaning, logarithms) {
        case (.metric(.rootMeanSquaredError), .taken):
            return Mention(
                meaning: .metric(.rootMeanSquaredLogarithmicError),
                note: "RMSE between logarithms is scored as rmsle, which takes log(1 + x).", place: place)
        case (.metric(.rootMeanSquaredError), .unclear):
            return Mention(
                meaning: .family("RMSE of something with 'log'", ["rmse", "rmsle"]), place: place)
        case (.metric(.meanAbsoluteError), .taken), (.metric(.coefficientOfDetermination), .taken):
            return Mention(meaning: .unsupported("\(name) of logarithms"), place: place)
        case (.metric(.meanAbsoluteError), .unclear), (.metric(.coefficientOfDetermination), .unclear):
            return Mention(meaning: .family("\(name) of something with 'log'", [name]), place: place)
        default: return Mention(meaning: meaning, place: place)
        }
    }
}
