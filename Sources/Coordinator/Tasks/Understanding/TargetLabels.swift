/// What the fields of the target columns mean where the target is a class.
struct TargetLabels {
    let train: CSVFile
    /// Words that are classes although they usually say that a value is missing: what `classes:` of task.yaml and the
    /// columns of the submission name.
    let named: Set<String>

    /// The classes that occur.
    func classes(of target: String) -> Set<String> {
        Set((train.column(target) ?? []).filter { Self.isLabel($0, classes: named) })
    }

    /// Whether a field is a label: not empty and no word for a missing value, unless that is a class.
    static func isLabel(_ text: String, classes: Set<String>) -> Bool {
        !text.isEmpty && !(FieldSyntax(of: text).contains(.missingWord) && !classes.contains(text))
    }

    /// Says which rows count as unlabelled because of a word.
    func note(on target: String) -> String? {
        let words = (train.column(target) ?? []).filter { !$0.isEmpty && !Self.isLabel($0, classes: named) }
        guard let word = words.first else { return nil }
        return "\(train.name), column '\(target)': \(words.count) \(words.count == 1 ? "row" : "rows") with '\(word)' "
            + "count as rows without a label. If '\(word)' is a class, list it under 'classes:' in task.yaml."
    }

    /// Refuses classes that programs read as one: `1` and `1.0` where all classes are numbers, `True` and `true`.
    func checkSpellings(of target: String) throws(TaskError) {
        let classes = classes(of: target)
        let syntaxes = classes.map { FieldSyntax(of: $0) }
        let isAlike =
            syntaxes.allSatisfy { $0.contains(.number) } || syntaxes.allSatisfy { $0.contains(.truth) }
        guard isAlike, Set(classes.map(Self.shared)).count < classes.count else { return }
        var first: [String: (text: String, row: Int)] = [:]
        for (row, text) in (train.column(target) ?? []).enumerated() where classes.contains(text) {
            guard let known = first[Self.shared(text)] else {
                first[Self.shared(text)] = (text, row)
                continue
            }
            guard known.text != text else { continue }
            throw TaskError(
                .contradiction,
                "\(train.name), line \(train.line(ofRow: row)), column '\(target)': '\(text)' is read as the same class "
                    + "as '\(known.text)' in line \(train.line(ofRow: known.row)). Write both alike.")
        }
    }

    /// The form that two spellings of one number or truth value share.
    private static func shared(_ text: String) -> String {
        var text = text.trimmingBlanks
        guard FieldSyntax(of: text).contains(.number) else { return text.lowercased() }
        return text.withUTF8 { String(decoding: FieldRewriting.number.rewritten($0), as: UTF8.self) }
    }
}
