/// Reads a recipe file: a header of `# key: value` lines, then sections that begin with `# --- sort: name ---`.
struct RecipeReader {
    /// What is wrong with a file.
    struct Defect: Error {
        let line: Int
        let message: String
    }

    /// The file's name, for messages and as the source of model cards.
    let source: String
    let lines: [String]

    init(source: String, text: String) {
        self.source = source
        lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }.map(String.init)
    }

    /// Reads the file.
    func recipe() throws(Defect) -> Recipe {
        let starts = lines.indices.filter { Section.heading(in: lines[$0]) != nil }
        let header = try header(of: lines[..<(starts.first ?? lines.endIndex)])
        var blocks: [BlockTemplate] = []
        var changes: [Change] = []
        for (start, end) in zip(starts, starts.dropFirst() + [lines.count]) {
            let section = try Section(lines: lines[start..<end])
            if section.sort == "block" {
                blocks.append(BlockTemplate(condition: section.condition, block: section.block))
            } else {
                changes.append(try section.change())
            }
        }
        try check(header, blocks, changes)
        return Recipe(
            title: header["recipe"] ?? "", source: source, condition: try condition(header["suits"], of: "suits"),
            packages: list(header["packages"]), strength: try strength(header["tier"]),
            rank: try rank(header["rank"]), uses: list(header["uses"]), blocks: blocks, changes: changes)
    }

    private func header(of lines: ArraySlice<String>) throws(Defect) -> [String: String] {
        var header: [String: String] = [:]
        let keys: Set = ["recipe", "frame", "suits", "packages", "tier", "rank", "uses"]
        for (index, line) in zip(lines.indices, lines) where !line.trimmed.isEmpty {
            guard line.hasPrefix("#") else {
                throw Defect(line: index + 1, message: "code stands before the first '# --- block: … ---' line")
            }
            let parts = line.dropFirst().split(separator: ":", maxSplits: 1)
            guard parts.count == 2, keys.contains(parts[0].trimmed) else { continue }
            header[parts[0].trimmed] = parts[1].trimmed
        }
        return header
    }

    private func check(
        _ header: [String: String], _ blocks: [BlockTemplate], _ changes: [Change]
    ) throws(Defect) {
        if header["frame"] != nil { return }
        guard let title = header["recipe"], !title.isEmpty else {
            throw Defect(line: 1, message: "the header has no line '# recipe: NAME'")
        }
        guard header["suits"] != nil else {
            throw Defect(line: 1, message: "the header has no line '# suits: binary or multiclass or regression'")
        }
        let models = Set(blocks.map(\.block.name).filter { $0.hasPrefix("model ") })
        guard models.count == 1, let model = models.first else {
            throw Defect(line: 1, message: "a recipe needs blocks '# --- block: model NAME ---' of exactly one name")
        }
        let function = "train_" + model.dropFirst(6)
        for template in blocks where template.block.name == model {
            guard template.block.definedNames.contains(function) else {
                throw Defect(line: 1, message: "the block '\(model)' does not define \(function)(table, target, seed)")
            }
        }
    }

    private func condition(_ text: String?, of key: String) throws(Defect) -> Condition {
        do { return try Condition(text ?? "") } catch {
            throw Defect(line: 1, message: "'\(error.text)' in '# \(key):' is not a trait of tasks")
        }
    }

    /// `companion`, `strong`, or `strong where CONDITION`.
    private func strength(_ text: String?) throws(Defect) -> Condition? {
        let words = (text ?? "companion").split(separator: " ", maxSplits: 2).map(String.init)
        switch (words.first, words.dropFirst().first) {
        case ("companion", nil): return nil
        case ("strong", nil): return try condition("", of: "tier")
        case ("strong", "where") where words.count == 3: return try condition(words[2], of: "tier")
        default:
            throw Defect(
                line: 1,
                message: "'# tier: \(text ?? "")' is none of 'companion', 'strong' and 'strong where CONDITION'")
        }
    }

    private func rank(_ text: String?) throws(Defect) -> Int {
        guard let text else { return 100 }
        guard let rank = Int(text), rank > 0 else {
            throw Defect(line: 1, message: "'# rank: \(text)' is not a whole number from 1")
        }
        return rank
    }

    private func list(_ text: String?) -> [String] {
        (text ?? "").split(separator: ",").map(\.trimmed).filter { !$0.isEmpty }
    }
}

/// One section of a recipe file.
private struct Section {
    let sort: String
    let name: String
    let title: String
    let condition: Condition
    private let line: Int
    private var settings: [(key: String, value: String)] = []
    private var sentences: [String] = []
    private var code: [String] = []

    /// Sort and name in a section's first line.
    static func heading(in line: String) -> (sort: String, name: String)? {
        guard line.hasPrefix("# --- "), line.hasSuffix(" ---") else { return nil }
        let parts = line.dropFirst(6).dropLast(4).split(separator: ":", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        return (String(parts[0]), parts[1].trimmed)
    }

    init(lines: ArraySlice<String>) throws(RecipeReader.Defect) {
        let heading = Section.heading(in: lines[lines.startIndex]) ?? ("", "")
        line = lines.startIndex + 1
        sort = heading.sort
        let names = heading.name.split(separator: " / ").map(\.trimmed)
        name = names.first ?? ""
        title = names.count > 1 ? names[1] : ""
        let keys: Set = ["when", "favoured", "cost", "near", "includes", "set", "unset", "append", "remove", "code"]
        var rest = lines.dropFirst()
        while let next = rest.first {
            if next.hasPrefix("# > ") {
                sentences.append(next.dropFirst(4).trimmed)
            } else if let parts = Section.setting(in: next), keys.contains(parts.key) {
                settings.append(parts)
            } else {
                break
            }
            rest = rest.dropFirst()
        }
        code = Array(rest).trimmingBlankLines
        do {
            condition = try Condition(settings.first { $0.key == "when" }?.value ?? "")
        } catch {
            throw RecipeReader.Defect(line: line, message: "'\(error.text)' in '# when:' is not a trait of tasks")
        }
        guard ["block", "adjust", "ablation", "plan"].contains(sort), !name.isEmpty else {
            let message = "a section is a block, an adjust, an ablation or a plan, with a name"
            throw RecipeReader.Defect(line: line, message: message)
        }
    }

    private static func setting(in line: String) -> (key: String, value: String)? {
        guard line.hasPrefix("# ") else { return nil }
        let parts = line.dropFirst(2).split(separator: ":", maxSplits: 1)
        return parts.count == 2 ? (parts[0].trimmed, parts[1].trimmed) : nil
    }

    var block: Block { Block(name: name, code: code) }

    func change() throws(RecipeReader.Defect) -> Change {
        guard let purpose = Change.Purpose(rawValue: sort), !title.isEmpty else {
            throw RecipeReader.Defect(line: line, message: "a change is headed '# --- \(sort): BLOCK / TITLE ---'")
        }
        let text = sentences.joined(separator: " ")
        guard purpose == .adjust || !text.isEmpty else {
            throw RecipeReader.Defect(line: line, message: "a change needs its sentences, on lines that begin '# > '")
        }
        let cost = settings.first { $0.key == "cost" }.map { Double($0.value) } ?? 1
        guard let cost, cost > 0 else {
            throw RecipeReader.Defect(line: line, message: "'# cost:' is not a number above zero")
        }
        let operations = try operations()
        let includes = names("includes")
        guard !operations.isEmpty || !includes.isEmpty else {
            throw RecipeReader.Defect(line: line, message: "the change changes nothing")
        }
        return Change(
            purpose: purpose, block: name, title: title, condition: condition, favoured: try favoured(), cost: cost,
            near: names("near"), includes: includes, text: text, operations: operations, line: line)
    }

    private func favoured() throws(RecipeReader.Defect) -> Condition? {
        guard let text = settings.first(where: { $0.key == "favoured" })?.value else { return nil }
        do { return try Condition(text) } catch {
            throw RecipeReader.Defect(line: line, message: "'\(error.text)' in '# favoured:' is not a trait of tasks")
        }
    }

    private func names(_ key: String) -> [String] {
        settings.filter { $0.key == key }.flatMap { $0.value.split(separator: ",").map(\.trimmed) }
    }

    /// Code first, then values and lists in the order they are written.
    private func operations() throws(RecipeReader.Defect) -> [Operation] {
        var operations: [Operation] = []
        if !code.isEmpty {
            let place = (settings.first { $0.key == "code" }?.value ?? "").split(separator: " ").map(String.init)
            switch (place.first, place.count) {
            case ("whole", 1): operations.append(.replace(code: code))
            case ("before", 2): operations.append(.insert(code: code, before: place[1]))
            case ("function", 2): operations.append(.rewrite(function: place[1], code: code))
            default:
                let message = "code needs a line '# code: whole', '# code: before NAME' or '# code: function NAME'"
                throw RecipeReader.Defect(line: line, message: message)
            }
        }
        for (key, value) in settings {
            switch key {
            case "set":
                let parts = value.split(separator: "=", maxSplits: 1)
                guard parts.count == 2 else {
                    throw RecipeReader.Defect(line: line, message: "'# set: \(value)' has no '='")
                }
                let isArgument = !parts[0].hasSuffix(" ")
                operations.append(.set(name: parts[0].trimmed, value: parts[1].trimmed, isArgument: isArgument))
            case "unset": operations.append(.unset(name: value))
            case "append", "remove":
                let parts = value.split(separator: ",", maxSplits: 1).map(\.trimmed)
                guard parts.count == 2 else {
                    throw RecipeReader.Defect(line: line, message: "'# \(key): \(value)' is not LIST, ENTRY")
                }
                let list = parts[0]
                operations.append(
                    key == "append"
                        ? .append(list: list, entry: parts[1]) : .remove(list: list, entry: parts[1]))
            default: break
            }
        }
        return operations
    }
}
