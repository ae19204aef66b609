import Testing

import Vocabulary

@Suite("Scores and standings", .timeLimit(.minutes(5)))
struct ScoreTests {
    private func scored(_ value: Double) throws -> Standing {
        .scored(try #require(Score(value, rowCount: 10, evaluation: .hidden)))
    }

    @Test("NaN and infinity are no scores", arguments: [Double.nan, .infinity, -.infinity])
    func finite(_ value: Double) {
        #expect(Score(value, rowCount: 1, evaluation: .hidden) == nil)
    }

    @Test("a failure is worse than every score in both directions")
    func failures() throws {
        let failure = Standing.failed(Failure(ending: .timeout, message: ""))
        for direction in [Direction.higherIsBetter, .lowerIsBetter] {
            for value in [-1e300, -1, 0, 1, 1e300] {
                #expect(try scored(value).isBetter(than: failure, by: direction))
                #expect(try !failure.isBetter(than: scored(value), by: direction))
            }
            #expect(!failure.isBetter(than: failure, by: direction))
        }
    }

    @Test("metrics are found by their names, and by nothing else")
    func metricNames() {
        for (name, metric) in Metric.named { #expect(Metric(name: name) == metric && metric.name == name) }
        #expect(Metric(name: "map@5")?.name == "map@5")
        for name in ["", "AUC", "map@0", "map@x", "map@1001"] { #expect(Metric(name: name) == nil) }
    }

    @Test("a canonical form keeps fields apart that would run together")
    func canonicalForm() {
        var one = CanonicalForm("t")
        one.append("a", "bc")
        var other = CanonicalForm("t")
        other.append("ab", "c")
        #expect(one != other)
    }

    @Test("equal content means equal jobs, whatever their names and wall limits")
    func jobContent() {
        func job(_ name: String, wall: Duration = .seconds(1), seed: Int = 0) -> Job {
            Job(
                id: JobID(name), kind: .ablation, script: Script("print()"),
                mount: Mount(manifest: ContentHash("m"), path: "/p"), seed: seed, cores: 1,
                limits: Limits(wall: wall, memoryBytes: 1, outputBytes: 1))
        }
        let environment = ContentHash("e")
        #expect(
            job("a").content(environment: environment) == job("b", wall: .seconds(9)).content(environment: environment))
        #expect(job("a").content(environment: environment) != job("a", seed: 1).content(environment: environment))
        #expect(job("a").content(environment: environment) != job("a").content(environment: ContentHash("f")))
    }
}
