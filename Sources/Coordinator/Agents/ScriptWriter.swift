import Vocabulary

/// Makes scripts of recipes: the frame's blocks and the models' under the task's constants.
struct ScriptWriter: Sendable {
    let task: TaskSpecification
    let columns: FeatureColumns
    let traits: Traits
    let catalogue: Catalogue
    /// What `MLESTAR_SEED` is when it is not set.
    let seed: UInt64

    /// The order of blocks in a script; encodings that a model does not use are left out.
    private static let order = [
        "setup", "load", "features", "encode topics", "encode codes", "encode scaled", "encode weights", "target",
        "model", "members", "metric", "decision", "validate", "predict", "submit",
    ]

    /// The first script of a recipe.
    func script(of recipe: Recipe) -> BlockScript? {
        guard let model = recipe.modelBlock(for: traits) else { return nil }
        var blocks: [Block] = []
        for name in ScriptWriter.order {
            switch name {
            case "model": blocks.append(adjusted(model, by: recipe))
            case "members": blocks += frameBlock(name).flatMap { $0.adding(member: model.name) }.map { [$0] } ?? []
            default:
                let isWanted = name == "encode topics" || !name.hasPrefix("encode ") || recipe.uses.contains(name)
                if isWanted, let block = recipe.block(name, for: traits) ?? frameBlock(name) { blocks.append(block) }
            }
        }
        if let setup = blocks.first, setup.name == "setup" { blocks[0] = filled(setup) }
        var script = BlockScript(heading: heading(of: [recipe.title]), blocks: blocks)
        script.removeUnusedEncodings()
        return script
    }

    /// A block of the frame as it suits the task.
    func frameBlock(_ name: String) -> Block? {
        catalogue.frame.block(name, for: traits).map { adjusted($0, by: catalogue.frame) }
    }

    /// The comment at the head of a script.
    func heading(of titles: [String]) -> String {
        let models = titles.count == 1 ? titles[0] : "Mean of " + titles.joined(separator: ", ")
        let target = task.targets.first ?? ""
        return ScriptWriter.comment("\(models) for \(task.name): predicts \(target), scored by \(task.metric).")
    }

    /// The titles of the models in a script.
    func titles(in script: BlockScript) -> [String] {
        script.models.map { model in
            catalogue.recipes.first { $0.modelNames.contains(model.name) }?.title ?? String(model.name.dropFirst(6))
        }
    }

    private func adjusted(_ block: Block, by recipe: Recipe) -> Block {
        recipe.changes.filter { $0.purpose == .adjust && $0.block == block.name && $0.condition.holds(for: traits) }
            .reduce(block) { $1.operations.applied(to: $0) ?? $0 }
    }

    /// The setup with the task's constants; lines whose constant the task lacks go.
    private func filled(_ setup: Block) -> Block {
        let constants = self.constants
        var lines: [String] = []
        for line in setup.lines.dropFirst() {
            guard let (name, literal) = constants.first(where: { line.contains("__\($0.name)__") }) else {
                lines.append(line)
                continue
            }
            guard let literal else { continue }
            lines += ScriptWriter.wrapped(line.replacing("__\(name)__", with: literal))
        }
        return Block(name: setup.name, code: lines)
    }

    private var constants: [(name: String, literal: String?)] {
        let predicted = task.submission.columns
        let positive = predicted.first?.positiveClass ?? task.classes.last
        let outcome = predicted.map { column in
            let label = column.content == .probability ? column.positiveClass ?? positive : nil
            return "\(column.name.pythonLiteral): \(label?.pythonLiteral ?? "None")"
        }
        var guesses: String?
        if case .meanAveragePrecision(let count) = task.metric { guesses = String(count) }
        return [
            ("ID", task.submission.idColumn.pythonLiteral),
            ("TARGET", (task.targets.first ?? "").pythonLiteral),
            ("KIND", task.kind.rawValue.pythonLiteral),
            ("METRIC", task.metric.name.pythonLiteral),
            ("CLASSES", task.classes.pythonLiteral),
            ("POSITIVE", traits.words.contains("auc") ? positive?.pythonLiteral : nil),
            ("GUESSES", guesses),
            ("COLUMNS", "{\(outcome.joined(separator: ", "))}"),
            ("FEATURES", columns.names.pythonLiteral),
            ("CATEGORIES", columns.categories.pythonLiteral),
            ("CODES", columns.codes.isEmpty ? nil : columns.codes.pythonLiteral),
            ("DATES", columns.dates.pythonLiteral),
            ("DAY_FIRST", columns.dayFirst.pythonLiteral),
            ("TEXTS", columns.texts.pythonLiteral),
            ("SEED", String(seed % 2_147_483_648)),
        ]
    }

    /// A text as comment lines.
    private static func comment(_ text: String) -> String {
        var lines: [String] = []
        for word in text.split(whereSeparator: \.isWhitespace) {
            if let last = lines.last, last.count + word.count < 96 {
                lines[lines.count - 1] = "\(last) \(word)"
            } else {
                lines.append("# \(word)")
            }
        }
        return lines.joined(separator: "\n")
    }

    /// A list or mapping that is too long for a line, broken between its entries.
    private static func wrapped(_ line: String) -> [String] {
        guard line.count > 100, let opening = line.firstIndex(where: { "[{".contains($0) }) else { return [line] }
        let close: Character = line[opening] == "[" ? "]" : "}"
        guard let closing = line.lastIndex(of: close) else { return [line] }
        let tail = String(line[closing...])
        var lines = [String(line[...opening])]
        var current = "   "
        for entry in pythonEntries(line[line.index(after: opening)..<closing]) {
            if current.count > 3, current.count + entry.count > 96 {
                lines.append(current)
                current = "   "
            }
            current += " \(entry),"
        }
        return lines + [current, tail]
    }

    /// The entries of a list of text literals, which may hold commas.
    private static func pythonEntries(_ text: Substring) -> [String] {
        var entries: [String] = []
        var current = ""
        var isQuoted = false
        var isEscaped = false
        for character in text {
            if character == "," && !isQuoted {
                entries.append(current.trimmed)
                current = ""
                continue
            }
            if character == "\"" && !isEscaped { isQuoted.toggle() }
            isEscaped = character == "\\" && !isEscaped
            current.append(character)
        }
        return entries + [current.trimmed].filter { !$0.isEmpty }
    }
}

extension [Operation] {
    /// The block after all steps; `nil` when one does not fit.
    func applied(to block: Block) -> Block? {
        var block = block
        for operation in self {
            guard let next = operation.applied(to: block) else { return nil }
            block = next
        }
        return block
    }
}

extension Block {
    /// The line that makes a model block's model a member.
    static func memberEntry(of model: String) -> String {
        let name = model.dropFirst(6)
        return "\"\(name)\": train_\(name)"
    }

    /// The members with one more.
    func adding(member model: String) -> Block? {
        Operation.append(list: "MEMBERS", entry: Block.memberEntry(of: model)).applied(to: self)
    }
}

extension String {
    /// The text as a Python literal in double quotes, on one line.
    var pythonLiteral: String {
        var literal = "\""
        for scalar in unicodeScalars {
            switch scalar {
            case "\"": literal += "\\\""
            case "\\": literal += "\\\\"
            case "\n": literal += "\\n"
            case "\r": literal += "\\r"
            case "\t": literal += "\\t"
            default:
                if scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value)
                    || [0x2028, 0x2029, 0xfeff].contains(scalar.value)
                {
                    let digits = String(scalar.value, radix: 16)
                    literal += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                } else {
                    literal.unicodeScalars.append(scalar)
                }
            }
        }
        return literal + "\""
    }
}

extension [String] {
    /// A Python list of text literals.
    var pythonLiteral: String { "[\(map(\.pythonLiteral).joined(separator: ", "))]" }
}
