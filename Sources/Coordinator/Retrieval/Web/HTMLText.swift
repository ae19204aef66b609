/// Reduces a page to its text: a bounded tag stripper, not a parser. Headings, list marks and code keep their lines.
enum HTMLText {
    /// A page's title and text.
    struct Reduced: Hashable {
        var title = ""
        var text = ""
        var isCut = false
    }

    private static let dropped: Set<String> = [
        "script", "style", "noscript", "template", "svg", "nav", "header", "footer", "aside", "form", "iframe",
        "button", "title",
    ]
    private static let breaking: Set<String> = [
        "p", "div", "br", "section", "article", "main", "ul", "ol", "table", "tr", "blockquote", "pre",
        "h1", "h2", "h3", "h4", "h5", "h6", "dt", "dd", "figure", "hr",
    ]

    /// The text of a page, at most so many characters.
    static func reduce(_ html: String, limit: Int) -> Reduced {
        var reduced = Reduced()
        let whole = Array(html.utf8)
        reduced.title = plain(String(decoding: content(of: "title", in: whole[...]) ?? [], as: UTF8.self))
        // What a page marks as its own part leaves menus and the like behind.
        let body = content(of: "article", in: whole[...]) ?? content(of: "main", in: whole[...]) ?? whole[...]
        let lastClose = body.lastIndex(of: UInt8(ascii: ">")) ?? -1
        var writer = Writer(limit: limit)
        var rest = body
        var skipping: (name: String, depth: Int)?
        while let byte = rest.first, !writer.isFull {
            guard byte == UInt8(ascii: "<"), let tag = Tag(rest, lastClose: lastClose) else {
                let run = rest.dropFirst().prefix { $0 != UInt8(ascii: "<") }
                if skipping == nil { writer.add(String(decoding: rest[rest.startIndex..<run.endIndex], as: UTF8.self)) }
                rest = rest[run.endIndex...]
                continue
            }
            rest = rest[tag.end...]
            if let open = skipping {
                if tag.name == open.name, !tag.isEmpty {
                    let depth = open.depth + (tag.closes ? -1 : 1)
                    skipping = depth > 0 ? (open.name, depth) : nil
                }
            } else if dropped.contains(tag.name), !tag.closes, !tag.isEmpty {
                skipping = (tag.name, 1)
                // Scripts hold text that looks like tags: go straight to their end.
                if ["script", "style"].contains(tag.name) {
                    rest = Self.after(closing: tag.name, in: rest)
                    skipping = nil
                }
            } else {
                writer.apply(tag)
            }
        }
        reduced.text = writer.finished
        reduced.isCut = writer.isFull
        return reduced
    }

    /// Text with marks and entities resolved, on one line.
    static func plain(_ text: String) -> String {
        var writer = Writer(limit: 10_000)
        var rest = Array(text.utf8)[...]
        let lastClose = rest.lastIndex(of: UInt8(ascii: ">")) ?? -1
        while let byte = rest.first {
            if byte == UInt8(ascii: "<"), let tag = Tag(rest, lastClose: lastClose) {
                rest = rest[tag.end...]
            } else {
                let run = rest.dropFirst().prefix { $0 != UInt8(ascii: "<") }
                writer.add(String(decoding: rest[rest.startIndex..<run.endIndex], as: UTF8.self))
                rest = rest[run.endIndex...]
            }
        }
        return writer.finished.replacing("\n", with: " ")
    }

    private static func content(of name: String, in bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        var rest = bytes
        let lastClose = bytes.lastIndex(of: UInt8(ascii: ">")) ?? -1
        while let start = rest.firstIndex(of: UInt8(ascii: "<")) {
            guard let tag = Tag(rest[start...], lastClose: lastClose) else {
                rest = rest[(start + 1)...]
                continue
            }
            rest = rest[tag.end...]
            if tag.name == "script" || tag.name == "style", !tag.closes { rest = after(closing: tag.name, in: rest) }
            guard tag.name == name, !tag.closes else { continue }
            let inner = rest
            while let start = rest.firstIndex(of: UInt8(ascii: "<")) {
                guard let tag = Tag(rest[start...], lastClose: lastClose) else {
                    rest = rest[(start + 1)...]
                    continue
                }
                if tag.name == name, tag.closes { return inner[inner.startIndex..<start] }
                rest = rest[tag.end...]
            }
            return inner
        }
        return nil
    }

    /// What follows the closing tag, found by its letters: what lies before it is no markup.
    private static func after(closing name: String, in bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let letters = Array(name.utf8)
        var rest = bytes
        while let start = rest.firstIndex(of: UInt8(ascii: "<")) {
            rest = rest[(start + 1)...]
            guard rest.first == UInt8(ascii: "/"),
                rest.dropFirst().prefix(letters.count).elementsEqual(letters, by: { $0 | 32 == $1 })
            else { continue }
            return rest.firstIndex(of: UInt8(ascii: ">")).map { rest[($0 + 1)...] } ?? rest[rest.endIndex...]
        }
        return rest[rest.endIndex...]
    }

    /// A tag or comment at the start of some bytes.
    fileprivate struct Tag {
        var name = ""
        var closes = false
        var isEmpty = false
        var end: Int

        init?(_ bytes: ArraySlice<UInt8>, lastClose: Int) {
            let start = bytes.startIndex + 1
            // Only a tag that is never closed would be looked for in vain, and each time to the end of the page.
            guard start <= lastClose else { return nil }
            if bytes[start...].starts(with: "!--".utf8) {
                end = Self.end(ofComment: bytes[start...])
                name = "!"
                return
            }
            closes = bytes[start] == UInt8(ascii: "/")
            let letters = bytes[(closes ? start + 1 : start)...].prefix(20).prefix {
                $0 != 32 && $0 != 10 && $0 != 13 && $0 != 9 && $0 != UInt8(ascii: ">") && $0 != UInt8(ascii: "/")
            }
            guard let first = letters.first, first == UInt8(ascii: "!") || (first | 32) >= 97 && (first | 32) <= 122,
                let close = bytes[start...].firstIndex(of: UInt8(ascii: ">"))
            else { return nil }
            name = String(decoding: letters, as: UTF8.self).lowercased()
            isEmpty = bytes[close - 1] == UInt8(ascii: "/")
            end = close + 1
        }

        private static func end(ofComment bytes: ArraySlice<UInt8>) -> Int {
            var place = bytes.startIndex + 3
            while place + 2 < bytes.endIndex {
                if bytes[place...].starts(with: "-->".utf8) { return place + 3 }
                place += 1
            }
            return bytes.endIndex
        }
    }

    /// Collects text with white space folded, but not in preformatted parts.
    fileprivate struct Writer {
        let limit: Int
        private var text = ""
        private var count = 0
        private var depth = 0
        private var lineIsEmpty = true
        private var pendingSpace = false

        init(limit: Int) { self.limit = limit }

        var isFull: Bool { count >= limit }

        mutating func add(_ raw: String) {
            let resolved = Entities.resolve(raw)
            if depth > 0 {
                put(resolved)
                return
            }
            for character in resolved where !isFull {
                if character.isWhitespace {
                    pendingSpace = !lineIsEmpty
                } else {
                    if pendingSpace { put(" ") }
                    pendingSpace = false
                    put(String(character))
                }
            }
        }

        mutating func apply(_ tag: Tag) {
            guard tag.name == "li" || breaking.contains(tag.name) else { return }
            if tag.name == "pre" { depth = max(0, depth + (tag.closes ? -1 : 1)) }
            newLine()
            if tag.closes { return }
            if tag.name == "li" { put("- ") }
            if tag.name.count == 2, tag.name.first == "h", let level = tag.name.last?.wholeNumberValue {
                put(String(repeating: "#", count: level) + " ")
            }
        }

        private mutating func newLine() {
            pendingSpace = false
            if !lineIsEmpty {
                text += "\n"
                count += 1
            }
            lineIsEmpty = true
        }

        private mutating func put(_ piece: String) {
            let taken = piece.prefix(max(0, limit - count))
            text += taken
            count += taken.count
            if let last = taken.last { lineIsEmpty = last == "\n" }
        }

        var finished: String {
            String(text.reversed().drop { $0.isWhitespace }.reversed().drop { $0.isNewline })
        }
    }
}

/// Character references of HTML.
enum Entities {
    private static let named = [
        "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": " ", "ndash": "–", "mdash": "—",
        "hellip": "…",
        "lsquo": "‘", "rsquo": "’", "ldquo": "“", "rdquo": "”", "copy": "©", "times": "×", "middot": "·", "bull": "•",
        "eacute": "é", "uuml": "ü", "ouml": "ö", "auml": "ä", "szlig": "ß", "deg": "°", "le": "≤", "ge": "≥", "ne": "≠",
    ]

    static func resolve(_ text: String) -> String {
        guard text.contains("&") else { return text }
        var resolved = ""
        var rest = text[...]
        while let start = rest.firstIndex(of: "&") {
            resolved += rest[..<start]
            let body = rest[rest.index(after: start)...]
            let name = body.prefix(10).prefix { $0 != ";" && $0 != "&" && !$0.isWhitespace }
            if name.endIndex < body.endIndex, body[name.endIndex] == ";", let value = value(of: name) {
                resolved += value
                rest = body[body.index(after: name.endIndex)...]
            } else {
                resolved += "&"
                rest = body
            }
        }
        return resolved + rest
    }

    private static func value(of name: Substring) -> String? {
        guard name.hasPrefix("#") else { return named[String(name)] }
        let digits = name.dropFirst()
        let isHexadecimal = digits.first == "x" || digits.first == "X"
        let number = isHexadecimal ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
        return number.flatMap(Unicode.Scalar.init).map { String(Character($0)) }
    }
}
