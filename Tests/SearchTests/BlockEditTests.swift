import Testing
import Vocabulary

@testable import Search

@Suite("Replacing a block", .timeLimit(.minutes(5)))
struct BlockEditTests {
    /// A script, a block, a replacement, and what comes of it.
    struct Example: CustomTestStringConvertible, Sendable {
        let testDescription: String
        var script = "a = 1\nb = 2\nc = 3\n"
        var block = "b = 2"
        var replacement = "b = 5"
        let result: BlockEdit

        init(
            _ name: String, script: String? = nil, block: String? = nil, to replacement: String? = nil,
            _ result: BlockEdit
        ) {
            testDescription = name
            self.script = script ?? self.script
            self.block = block ?? self.block
            self.replacement = replacement ?? self.replacement
            self.result = result
        }
    }

    static let notThere = BlockEdit.impossible("the block does not occur in the script; copy it exactly, whole lines")

    static func twice(_ count: Int = 2) -> BlockEdit {
        .impossible("the block occurs \(count) times in the script; choose a longer one")
    }

    static let found: [Example] = [
        Example("an exact line", .edited(Script("a = 1\nb = 5\nc = 3\n"))),
        Example("the first line", block: "a = 1", .edited(Script("b = 5\nb = 2\nc = 3\n"))),
        Example("the last lines", block: "b = 2\nc = 3", .edited(Script("a = 1\nb = 5\n"))),
        Example("blank lines around the block", block: "\n\nb = 2\n  \n", .edited(Script("a = 1\nb = 5\nc = 3\n"))),
        Example("blank lines around the replacement", to: "\nb = 5\n\n", .edited(Script("a = 1\nb = 5\nc = 3\n"))),
        Example("several lines for one", to: "b = 5\nd = 6", .edited(Script("a = 1\nb = 5\nd = 6\nc = 3\n"))),
        Example("nothing for a line", to: "", .edited(Script("a = 1\nc = 3\n"))),
        Example(
            "trailing blanks in the script", script: "a = 1\nb = 2  \t\nc = 3", .edited(Script("a = 1\nb = 5\nc = 3"))),
        Example("trailing blanks in the block", block: "b = 2   ", .edited(Script("a = 1\nb = 5\nc = 3\n"))),
        Example("CRLF in the script", script: "a = 1\r\nb = 2\r\nc = 3", .edited(Script("a = 1\nb = 5\nc = 3"))),
        Example("CRLF in the block", block: "a = 1\r\nb = 2\r\n", .edited(Script("b = 5\nc = 3\n"))),
        Example(
            "a blank line inside the block", script: "a = 1\n   \nb = 2\n", block: "a = 1\n\nb = 2",
            .edited(Script("b = 5\n"))),
        Example(
            "a block without the script's indentation", script: "if x:\n    a = 1\n    if y:\n        b = 2\nc = 3",
            block: "a = 1\nif y:\n    b = 2", to: "d = 4\nif z:\n    e = 5",
            .edited(Script("if x:\n    d = 4\n    if z:\n        e = 5\nc = 3"))),
        Example(
            "a block indented more than in the script", script: "a = 1\nif y:\n    b = 2\n",
            block: "    if y:\n        b = 2", to: "    if z:\n        b = 3",
            .edited(Script("a = 1\nif z:\n    b = 3\n"))),
        Example(
            "a replacement indented less than the block", script: "def f():\n    a = 1\n    return a",
            block: "    a = 1", to: "a = 2\n\nb = 3", .edited(Script("def f():\n    a = 2\n\n    b = 3\n    return a"))),
        Example(
            "a replacement indented more than the block", script: "a = 1\nb = 2", to: "        if b:\n            c()",
            .edited(Script("a = 1\nif b:\n    c()"))),
        Example(
            "tabs", script: "if x:\n\tb = 2\n", block: "\tb = 2", to: "\tb = 5", .edited(Script("if x:\n\tb = 5\n"))),
        Example("the whole script", block: "a = 1\nb = 2\nc = 3", .edited(Script("b = 5\n"))),
        Example(
            "an exact line that also stands elsewhere with another indentation",
            script: "for x in y:\n    b = 2\nb = 2\n", .edited(Script("for x in y:\n    b = 2\nb = 5\n"))),
        Example(
            "part of a longer line is not the block", script: "b = 22\nb = 2\n", .edited(Script("b = 22\nb = 5\n"))),
    ]

    static let unchanged: [Example] = [
        Example("the same text", to: "b = 2", .unchanged),
        Example("the same text with other blanks", to: "\n    b = 2\n", .unchanged),
    ]

    static let impossible: [Example] = [
        Example("a block that is not there", block: "d = 4", notThere),
        Example("a part of a line", block: "= 2", notThere),
        Example("lines that do not follow each other", block: "a = 1\nc = 3", notThere),
        Example(
            "an uneven shift of the indentation", script: "if x:\n    a = 1\n    b = 2", block: "  a = 1\nb = 2",
            notThere),
        Example("an empty block", block: "", .impossible("the block is empty")),
        Example("a block of blanks", block: " \n\t\n", .impossible("the block is empty")),
        Example("an empty script", script: "", notThere),
        Example(
            "a block longer than the script", block: "a\nb\nc\nd\ne\nf",
            .impossible("the block is longer than the script")),
        Example("a block that occurs twice", script: "b = 2\nb = 2", twice()),
        Example("a block that occurs twice, overlapping", script: "b\nb\nb", block: "b\nb", twice()),
        Example(
            "a block that occurs twice, with other indentation", script: "if x:\n  b = 2\nelse:\n    b = 2", twice()),
    ]

    @Test("a block is replaced, or the reason against it given", arguments: found + unchanged + impossible)
    func edit(_ example: Example) {
        #expect(Script(example.script).edited(example.block, to: example.replacement) == example.result)
    }

    @Test("lines outside the block stay as they are", arguments: found)
    func surroundings(_ example: Example) throws {
        let script = Script("# first  \n\(example.script)\n# last\t")
        guard case .edited(let edited) = script.edited(example.block, to: example.replacement) else {
            Issue.record("not edited")
            return
        }
        #expect(edited.lines.first == "# first  ")
        #expect(edited.lines.last == "# last\t")
    }

    @Test(
        "a span that leaves nothing but blank lines is the whole script",
        arguments: [("\na\nb\n\n", "a\nb", true), ("a\nb", "a", false), ("# c\na", "a", false)])
    func covers(_ example: (script: String, block: String, isWhole: Bool)) {
        let script = Script(example.script)
        guard case .found(let span) = script.span(of: example.block) else {
            Issue.record("not found")
            return
        }
        #expect(script.covers(span) == example.isWhole)
    }
}
