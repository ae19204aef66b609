import Testing
import Vocabulary

@Suite("What peers write, for people", .timeLimit(.minutes(5)))
struct PrintableTests {
    @Test("so many characters are kept, and none that writes lines of its own")
    func characters() {
        #expect("one two".printable(3) == "one")
        #expect("a\nb\u{1B}[2J".printable() == "a?b?[2J")
        let widest = String(repeating: "😀", count: 200)
        #expect(widest.printable(200) == widest)
    }

    @Test("a character with a thousand marks is cut between two of them")
    func marks() {
        let text = "a" + String(repeating: "\u{301}", count: 1_000)
        #expect(text.count == 1 && text.printable(5) == "a" + String(repeating: "\u{301}", count: 9))
        #expect(text.printable(5).utf8.count == 19)
    }

    @Test("text for a terminal keeps its lines and tabs, and holds no command to it")
    func controls() {
        #expect("a\tb\r\n\u{1B}]0;title\u{7}c\u{9B}2J\u{0}\n".withoutControls == "a\tb\n]0;titlec2J\n")
    }
}
