import Journal
import Search
import Testing
import Vocabulary

@testable import Reporting

@Suite("The report of a run", .timeLimit(.minutes(5)))
struct ReportTests {
    @Test("plans are shown with their scores on the search part, never with those on the judge part")
    func plansWithSearchScores() async throws {
        let story = try await Bench().story()
        let tried = StepPath("solution-1/outer-1/inner-1/try-1")
        let scores = story.scores.filter { $0.path == tried / "evaluate" }
        let search = try #require(scores.first { $0.part == "search" }?.score)
        let judge = try #require(scores.first { $0.part == "judge" }?.score)
        let line = try #require(
            Report(story).text.split(separator: "\n").first { $0.contains("Take out most of the noise") })
        #expect(line.contains(Report.rounded(search.value)), "\(line)")
        #expect(!line.contains(Report.rounded(judge.value)), "\(line)")
    }
}
