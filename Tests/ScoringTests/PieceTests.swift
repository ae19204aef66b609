import Testing

@testable import Scoring

@Suite("Pieces of the metrics", .timeLimit(.minutes(5)))
struct PieceTests {
    @Test(
        "the edit distance counts insertions, deletions and replacements",
        arguments: [
            ("kitten", "sitting", 3), ("", "", 0), ("", "abc", 3), ("abc", "", 3), ("abc", "abc", 0),
            ("aaa", "aa", 1), ("abab", "ab", 2), ("flaw", "lawn", 2), ("xaby", "xbay", 2), ("a", "b", 1),
        ])
    func editDistance(_ example: (a: String, b: String, distance: Int)) {
        let (a, b) = (Array(example.a), Array(example.b))
        #expect(EditDistance.between(a, b) == example.distance)
        #expect(EditDistance.between(b, a) == example.distance)
    }

    @Test("the edit distance is the least cost over all alignments of short texts")
    func editDistanceBruteForce() {
        func slow(_ a: ArraySlice<Int>, _ b: ArraySlice<Int>) -> Int {
            guard let x = a.first else { return b.count }
            guard let y = b.first else { return a.count }
            let rest = slow(a.dropFirst(), b.dropFirst()) + (x == y ? 0 : 1)
            return min(rest, 1 + slow(a.dropFirst(), b), 1 + slow(a, b.dropFirst()))
        }
        var generator = TestGenerator(seed: 17)
        for _ in 0..<100 {
            let texts = (0..<2).map { _ in
                (0..<Int.random(in: 0...5, using: &generator)).map { _ in Int.random(in: 0...2, using: &generator) }
            }
            #expect(EditDistance.between(texts[0], texts[1]) == slow(texts[0][...], texts[1][...]), "\(texts)")
        }
    }

    @Test("equal values share their mean rank")
    func ranks() {
        #expect(RankOrder([5, 7, 7]).ranks == [1, 2.5, 2.5])
        #expect(RankOrder([3, 1, 2]).ranks == [3, 1, 2])
        #expect(RankOrder([4, 4, 4]).ranks == [2, 2, 2])
        #expect(RankOrder([0.0, -0.0]).ranks == [1.5, 1.5])
        #expect(RankOrder([]).ranks.isEmpty)
    }

    @Test("ranks of resampled rows are those of the rows written out")
    func resampledRanks() {
        // Values 5, 7, 7, 9 drawn 2, 0, 3 and 1 times: 5 5 7 7 7 9.
        #expect(RankOrder([5, 7, 7, 9]).ranks(multiplicities: [2, 0, 3, 1]) == [1.5, 4, 4, 6])
    }

    @Test("the generator gives the published numbers for a seed")
    func generator() {
        var generator = SeededGenerator(seed: 1_234_567)
        let numbers = (0..<5).map { _ in generator.next() }
        #expect(
            numbers == [
                6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
                4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
            ])
    }

    @Test("indices are in range and all occur about equally often")
    func indices() {
        var generator = SeededGenerator(seed: 0)
        var counts = [Int](repeating: 0, count: 7)
        for _ in 0..<7000 { counts[generator.index(below: 7)] += 1 }
        #expect(counts.allSatisfy { (850...1150).contains($0) })
        #expect(generator.index(below: 1) == 0)
    }

    @Test("symbols stand between white space of any kind")
    func symbols() {
        #expect(Scorer.symbols(" AH  K\tS\nT\u{a0}R\u{1f}IY ") == ["AH", "K", "S", "T", "R", "IY"])
        #expect(Scorer.symbols("  ").isEmpty)
    }

    @Test("texts are exactly equal when their bytes are")
    func exactText() {
        #expect(ExactText(text: "\u{e9}") != ExactText(text: "e\u{301}"))
        #expect(ExactText(text: "\u{e9}") == ExactText(text: "\u{e9}"))
    }
}
