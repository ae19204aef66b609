import Testing

import Vocabulary

@Suite("Step paths", .timeLimit(.minutes(5)))
struct StepPathTests {
    @Test("a step is final below finish-N alone")
    func isFinal() {
        #expect(StepPath("finish-2/late-1/decision").isFinal && StepPath("finish-1").isFinal)
        #expect(!StepPath.root.isFinal && !StepPath("solution-1/finish-1").isFinal && !StepPath("finished").isFinal)
    }

    @Test("paths order as a tree, numbered parts by number")
    func treeOrder() {
        let paths = [
            "solution-1/outer-10", "solution-1", "solution-2", "solution-1/outer-2/inner-1", "solution-1/outer-2",
        ]
        #expect(
            paths.map { StepPath($0) }.sorted().map(\.description) == [
                "solution-1", "solution-1/outer-2", "solution-1/outer-2/inner-1", "solution-1/outer-10", "solution-2",
            ])
    }

    @Test("a job's name leads back to its run")
    func jobNames() {
        let job = JobID(run: RunID("telco-1a2b3c"), path: .root / "solution-1" / "evaluate")
        #expect(job.rawValue == "telco-1a2b3c:solution-1/evaluate")
        #expect(job.run == RunID("telco-1a2b3c"))
    }

    @Test("only 64 lower-case hexadecimal digits are a hash")
    func hashes() {
        #expect(ContentHash(checking: String(repeating: "0a", count: 32)) != nil)
        #expect(ContentHash(checking: String(repeating: "0A", count: 32)) == nil)
        #expect(ContentHash(checking: "0a") == nil)
    }
}
