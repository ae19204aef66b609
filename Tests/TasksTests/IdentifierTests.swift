import Testing

@testable import Tasks

@Suite("new ids", .timeLimit(.minutes(5)))
struct IdentifierTests {
    private func make(_ ids: [String], _ count: Int) -> [String] {
        var stream = RandomStream(seed: "x", purpose: "ids")
        let made = IdentifierFormat(learningFrom: ids).make(count, stream: &stream)
        #expect(made.count == count)
        #expect(Set(made).count == count)
        return made
    }

    @Test("whole numbers stay whole numbers, from the same start")
    func integers() {
        let made = make((5...20).map(String.init), 30)
        #expect(made.compactMap { Int($0) }.sorted() == Array(5..<35))
        #expect(made != made.sorted())
    }

    @Test("numbers of a fixed width keep it")
    func padded() {
        let made = make(["00007", "00012", "04100"], 500)
        #expect(made.allSatisfy { $0.count == 5 && Int($0) != nil })
    }

    @Test("what all ids begin and end with stays")
    func ends() {
        #expect(
            make(["img_0001.jpg", "img_0002.jpg", "img_0310.jpg"], 50).allSatisfy {
                $0.hasPrefix("img_") && $0.hasSuffix(".jpg") && $0.count == 12
            })
        #expect(make(["row 1", "row 2", "row 10"], 20).sorted() == (1...20).map { "row \($0)" }.sorted())
    }

    @Test("other ids become random ones of the same form")
    func tokens() {
        let ids = ["a3f09c", "0bd41e", "ffe120"]
        let made = make(ids, 200)
        #expect(made.allSatisfy { $0.count == 6 && $0.allSatisfy(\.isHexDigit) })
        #expect(Set(made).isDisjoint(with: ids))
        #expect(
            make(["0013_01", "0013_02", "0020_01"], 30).allSatisfy { $0.count == 7 && $0.dropFirst(4).first == "_" })
    }

    @Test("forms with little room grow longer instead of failing")
    func crowded() { #expect(make(["a", "b", "c"], 40).count == 40) }
}
