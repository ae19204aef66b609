import Testing
import Vocabulary

@Suite("Streams that are followed", .timeLimit(.minutes(5)))
struct StreamFollowerTests {
    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test("what was shown is not shown again, whatever of it a tail repeats")
    func overlap() {
        var follower = StreamFollower()
        #expect(follower.take(size: 4, tail: bytes("one\n")) == "one\n")
        #expect(follower.take(size: 4, tail: bytes("one\n")) == "")
        #expect(follower.take(size: 8, tail: bytes("one\ntwo\n")) == "two\n")
        #expect(follower.take(size: 10, tail: bytes("wo\n3\n")) == "3\n")
    }

    @Test("what no tail told is said to be left out")
    func gap() {
        var follower = StreamFollower()
        _ = follower.take(size: 4, tail: bytes("one\n"))
        #expect(follower.take(size: 20, tail: bytes("end\n")) == "… 12 bytes left out …\nend\n")
        #expect(follower.take(size: 24, tail: bytes("end\nnew\n")) == "new\n")
    }

    @Test("a character that is cut is shown when the rest of it has come")
    func characters() {
        var follower = StreamFollower()
        let text = bytes("aä€😀")
        var shown = ""
        for size in 1...text.count { shown += follower.take(size: size, tail: Array(text.prefix(size))) }
        #expect(shown == "aä€😀")
        #expect(follower.take(size: text.count + 1, tail: [0xFF]) == "\u{FFFD}")
    }

    @Test("another attempt begins anew")
    func anew() {
        var follower = StreamFollower()
        _ = follower.take(size: 8, tail: bytes("one\ntwo\n"))
        #expect(follower.take(size: 2, tail: bytes("1\n")) == "1\n")
    }

    @Test("of a kept log the part behind what was shown is left, all of it where nothing was shown")
    func rest() {
        var follower = StreamFollower()
        #expect(follower.rest(of: "one\ntwo\n") == "one\ntwo\n")
        _ = follower.take(size: 4, tail: bytes("one\n"))
        #expect(follower.rest(of: "one\ntwo\n") == "two\n")
        #expect(follower.rest(of: "something else") == "")
    }

    @Test("where the kept log lacks the place that was shown, what follows the gap is left")
    func restBehindGap() {
        var follower = StreamFollower()
        _ = follower.take(size: 8, tail: bytes("one\ntwo\n"))
        #expect(
            follower.rest(of: "one\n\n… 900 bytes left out …\nlast\nwords\n") == "… 900 bytes left out …\nlast\nwords\n"
        )
        #expect(follower.rest(of: "one\n\n… 4 bytes left out …\none\ntwo\nlast\n") == "last\n")
    }
}
