/// One step of a change of a block.
enum Operation: Hashable, Sendable {
    /// `NAME = value` at the outermost level, or `name=value,` on a line of a call, gets another value.
    case set(name: String, value: String, isArgument: Bool)
    /// The line that gives an argument goes.
    case unset(name: String)
    /// An entry is added to the list `NAME = [...]`.
    case append(list: String, entry: String)
    /// An entry is taken from the list `NAME = [...]`.
    case remove(list: String, entry: String)
    /// Code is put before the line that begins with `NAME =`, unless what it defines is there.
    case insert(code: [String], before: String)
    /// A function of the outermost level is written anew.
    case rewrite(function: String, code: [String])
    /// Other code takes the place of the block's.
    case replace(code: [String])
}

extension Operation {
    /// The block after this step; `nil` when it does not fit the block.
    func applied(to block: Block) -> Block? {
        switch self {
        case .set(let name, let value, let isArgument):
            isArgument ? block.setting(argument: name, to: value) : block.setting(constant: name, to: value)
        case .unset(let name): block.removing(argument: name)
        case .append(let list, let entry): block.changing(list: list) { $0.contains(entry) ? $0 : $0 + [entry] }
        case .remove(let list, let entry): block.changing(list: list) { $0.filter { $0 != entry } }
        case .insert(let code, let name): block.inserting(code, before: name)
        case .rewrite(let function, let code): block.rewriting(function: function, as: code)
        case .replace(let code): Block(name: block.name, code: code)
        }
    }
}

extension Block {
    fileprivate func with(_ lines: some Sequence<String>) -> Block { Block(name: name, code: Array(lines.dropFirst())) }

    func setting(constant name: String, to value: String) -> Block? {
        var lines = self.lines
        guard let place = lines.firstIndex(where: { $0.hasPrefix("\(name) = ") }) else { return nil }
        let comment = lines[place].range(of: "  #").map { String(lines[place][$0.lowerBound...]) } ?? ""
        lines[place] = "\(name) = \(value)\(comment)"
        return with(lines)
    }

    func setting(argument name: String, to value: String) -> Block? {
        var lines = self.lines
        if let place = place(ofArgument: name) {
            lines[place] = "\(lines[place].prefix { $0 == " " })\(name)=\(value),"
        } else if let opening = lines.firstIndex(where: { $0.hasSuffix(" = dict(") }) {
            lines.insert("    \(name)=\(value),", at: opening + 1)
        } else {
            return nil
        }
        return with(lines)
    }

    func removing(argument name: String) -> Block? {
        guard let place = place(ofArgument: name) else { return self }
        var lines = self.lines
        lines.remove(at: place)
        return with(lines)
    }

    private func place(ofArgument name: String) -> Int? {
        lines.firstIndex { line in
            let body = line.drop { $0 == " " }
            return body.count < line.count && body.hasPrefix("\(name)=") && line.hasSuffix(",")
        }
    }

    /// The entries of `NAME = [...]` or `NAME = {...}`; `nil` when there is no such list.
    func entries(of list: String) -> [String]? { span(of: list).map { entries(in: $0) } }

    func changing(list: String, by change: ([String]) -> [String]) -> Block? {
        guard let span = span(of: list) else { return nil }
        let (opening, closing) = lines[span.lowerBound].hasPrefix("\(list) = {") ? ("{", "}") : ("[", "]")
        let entries = change(entries(in: span))
        let short = "\(list) = \(opening)\(entries.joined(separator: ", "))\(closing)"
        let isLong = short.count > 96 || (opening == "{" && !entries.isEmpty)
        let written = isLong ? ["\(list) = \(opening)"] + entries.map { "    \($0)," } + [closing] : [short]
        return with(lines[..<span.lowerBound] + written + lines[span.upperBound...])
    }

    private func span(of list: String) -> Range<Int>? {
        let lines = self.lines
        guard let start = lines.firstIndex(where: { $0.hasPrefix("\(list) = [") || $0.hasPrefix("\(list) = {") }) else {
            return nil
        }
        if lines[start].hasSuffix("]") || lines[start].hasSuffix("}") { return start..<start + 1 }
        guard let end = lines[start...].firstIndex(where: { $0 == "]" || $0 == "}" }) else { return nil }
        return start..<end + 1
    }

    private func entries(in span: Range<Int>) -> [String] {
        let text = lines[span].joined(separator: " ")
        let inside = text.drop { $0 != "[" && $0 != "{" }.dropFirst().dropLast()
        return inside.split(separator: ",").map { $0.trimmed }.filter { !$0.isEmpty }
    }

    func inserting(_ code: [String], before name: String) -> Block? {
        let code = code.trimmingBlankLines
        let defined = Set(Block(name: "", code: code).definedNames)
        if !defined.isEmpty, defined.isSubset(of: definedNames) { return self }
        guard let place = lines.firstIndex(where: { $0.hasPrefix("\(name) = ") }) else { return nil }
        return with(lines[..<place] + code + ["", ""] + lines[place...])
    }
}

extension Block {
    func rewriting(function name: String, as code: [String]) -> Block? {
        var lines = self.lines
        guard let start = lines.firstIndex(where: { $0.hasPrefix("def \(name)(") }) else { return nil }
        let body = lines[(start + 1)...].prefix { $0.isEmpty || $0.hasPrefix(" ") || $0.hasPrefix(")") }
        let end = start + 1 + Array(body).reversed().drop { $0.isEmpty }.count
        lines.replaceSubrange(start..<end, with: code.trimmingBlankLines)
        return with(lines)
    }
}

/// A named change of one block: an adjustment to a kind of task, an ablation, or a refinement plan.
struct Change: Hashable, Sendable {
    /// When a change is made.
    enum Purpose: String, Hashable, Sendable {
        /// On every script, where its condition holds.
        case adjust
        /// To see how much a part matters: leaves it out or makes it plain.
        case ablation
        /// To make the block better.
        case plan
    }

    let purpose: Purpose
    /// The block it changes.
    let block: String
    /// What it is called, distinct among the changes of its block.
    let title: String
    let condition: Condition
    /// Tasks on which it is tried before its place in the file.
    var favoured: Condition?
    /// How many times as long the script may run with it.
    let cost: Double
    /// Plans that are worth trying when this one helped, and the other way round.
    let near: [String]
    /// Other changes of the block that are made first.
    let includes: [String]
    /// What to do and why, in sentences.
    let text: String
    let operations: [Operation]
    /// Where its heading stands in the recipe's file, from 1; `nil` when no file spells the change out.
    var line: Int?
}

extension StringProtocol {
    /// The text without blanks at both ends.
    var trimmed: String {
        let fromFirst = drop { $0.isWhitespace }
        return String(String(fromFirst.reversed().drop { $0.isWhitespace }.reversed()))
    }

    /// Where a text occurs first.
    func range(of part: String) -> Range<Index>? { ranges(of: part).first }
}
