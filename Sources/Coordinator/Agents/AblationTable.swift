import Search
import Vocabulary

/// A measured ablation in words.
struct AblationTable {
    let study: AblationStudy

    /// One line for the script as it is, one per variant, and the part that matters most; at most 3 000 characters.
    var text: String {
        let lines = ["The script as it is: \(words(for: study.baseline))."] + study.variants.map(line)
        let kept = lines.reduce(into: [String]()) { kept, line in
            if kept.map(\.count).reduce(0, +) + line.count < 2_600 { kept.append(line) }
        }
        return (kept + [conclusion]).joined(separator: "\n")
    }

    private func line(for variant: AblationStudy.Variant) -> String {
        let effect = variant.harm.map { harm in
            harm == 0 ? ", no difference" : ", \(rounded(abs(harm))) \(harm > 0 ? "worse" : "better")"
        }
        return "\(bounded(variant.edit.name)): \(words(for: variant.standing))\(effect ?? "")."
    }

    private var conclusion: String {
        let measured = study.variants.compactMap { variant in variant.harm.map { (variant.edit.name, $0) } }
        guard let first = measured.first else { return "No variant could be compared with the script as it is." }
        let (name, harm) = measured.dropFirst().reduce(first) { abs($1.1) > abs($0.1) ? $1 : $0 }
        if harm == 0 { return "No part that was examined makes a difference." }
        let verdict = harm > 0 ? "the part it changes is worth refining" : "the part it changes should be simpler"
        return "'\(bounded(name))' makes the largest difference: \(verdict)."
    }

    private func words(for standing: Standing) -> String {
        switch standing {
        case .scored(let score): "scores \(rounded(score.value))"
        case .failed(let failure): "failed (\(failure.ending))"
        }
    }

    private func bounded(_ text: String) -> String { text.count > 120 ? "\(text.prefix(119))…" : text }

    /// Six digits after the point are more than any score's noise.
    private func rounded(_ value: Double) -> String {
        guard abs(value) < 1e9 else { return "\(value)" }
        return "\((value * 1e6).rounded() / 1e6)"
    }
}
