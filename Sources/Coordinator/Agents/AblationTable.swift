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
        guard study.variants.contains(where: { $0.harm != nil }) else {
            return "No variant could be compared with the script as it is."
        }
        guard let first = study.leads.first else { return "What was added does harm." }
        guard let harm = first.harm, harm != 0 else { return "No part that was examined makes a difference." }
        return harm > 0
            ? "'\(bounded(first.edit.name))' makes the largest difference: the part it changes is worth refining."
            : "'\(bounded(first.edit.name))' does better: the part should be changed so."
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

extension AblationStudy {
    /// A gain counts before all harm when it is at least this share of the largest.
    private static let notableGain = 0.25

    /// The measured variants, the one that tells most about where to go on first: what does better by a notable amount, since
    /// that change is known to help, then what makes the largest difference. That a part which was added does harm tells
    /// nothing of the others that could be.
    var leads: [Variant] {
        let measured = variants.filter { variant in variant.harm.map { $0 <= 0 || !variant.edit.isAddition } ?? false }
        let largest = measured.compactMap { $0.harm.map(abs) }.max() ?? 0
        func rank(_ harm: Double) -> (Int, Double) {
            harm < 0 && -harm >= Self.notableGain * largest ? (1, -harm) : (0, abs(harm))
        }
        return measured.enumerated().sorted { left, right in
            let (a, b) = (rank(left.element.harm ?? 0), rank(right.element.harm ?? 0))
            return a == b ? left.offset < right.offset : a > b
        }.map(\.element)
    }
}

extension NamedEdit {
    /// Whether the block gets something more to do, rather than less or in another way.
    var isAddition: Bool {
        guard let before = Block(block), let after = Block(replacement) else { return false }
        return !Set(after.definedNames).isSubset(of: before.definedNames)
    }
}
