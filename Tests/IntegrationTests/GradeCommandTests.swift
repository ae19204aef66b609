import Foundation
import TestKit
import Testing

@Suite("mlestar grade, as its user runs it", .timeLimit(.minutes(5)))
struct GradeCommandTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func grade(
        _ submission: String, _ answers: String, _ metric: String, _ more: String...
    ) async throws -> Program.Result {
        try folder.write(submission, to: "submission.csv")
        try folder.write(answers, to: "answers.csv")
        return try await Program.run(
            "mlestar",
            [
                "grade", "\(folder.path)/submission.csv", "--answers", "\(folder.path)/answers.csv", "--metric", metric,
            ] + more)
    }

    private struct Printed: Decodable {
        let metric: String
        let better: String
        let valid: Bool
        let score: Double?
        let positive: [String: String]?
        let error: String?
    }

    private func printed(_ result: Program.Result) throws -> Printed {
        try JSONDecoder().decode(Printed.self, from: Data(result.output.utf8))
    }

    private static let scores = "id,y\n1,0.9\n2,0.2\n3,0.6\n"

    @Test("prints metric and score, and which class the scores are about")
    func plain() async throws {
        let result = try await grade(Self.scores, "id,y\n1,1\n2,2\n3,2\n", "AUC")
        #expect(result.exitCode == 0 && result.errors.isEmpty)
        #expect(result.output == "auc 0.0\npositive class of column 'y': '2'\n")
        let other = try await grade(Self.scores, "id,y\n1,1\n2,2\n3,2\n", "auc", "--positive", "1")
        #expect(other.output == "auc 1.0\npositive class of column 'y': '1'\n")
        let accuracy = try await grade("id,y\n1,0.0\n2,1.0\n", "id,y\n2,1\n1,0\n", "accuracy")
        #expect(accuracy.output == "accuracy 1.0\n", "\(accuracy.errors)")
    }

    @Test("prints JSON, also of a column per class")
    func json() async throws {
        let columns = "id,s_a,s_b\n1,0.5,0.5\n2,0.5,0.5\n"
        let found = try printed(try await grade(columns, "id,s\n1,a\n2,b\n", "log loss", "--json"))
        #expect(found.metric == "logloss" && found.better == "lower" && found.valid && found.error == nil)
        #expect(abs(try #require(found.score) - 0.693_147_180_559_945_3) < 1e-12)
        #expect(found.positive == ["s_a": "a", "s_b": "b"])
        let rmse = try printed(try await grade(Self.scores, "id,y\n1,1\n2,0\n3,1\n", "rmse", "--json"))
        #expect(rmse.positive == nil && rmse.score != nil)
    }

    @Test("a submission or answers that cannot be used: exit code 2, and what to do")
    func unusable() async throws {
        let cases = [
            ("id,y\n1,0.9\n2,0.2\n", "id,y\n1,1\n2,0\n3,1\n", "'3'"),
            ("id,prediction\n1,0.9\n", "id,y\n1,1\n", "'prediction'"),
            (Self.scores, "id,y\n1,1\n1,0\n3,1\n", "again in row 2"),
            (Self.scores, "id,y\n1,1\n2,NA\n3,0\n", "no true value"),
        ]
        for (submission, answers, words) in cases {
            let result = try await grade(submission, answers, "auc")
            #expect(result.exitCode == 2 && result.output.isEmpty)
            #expect(result.errors.hasPrefix("Error: ") && result.errors.contains(words), "\(result.errors)")
            let found = try printed(try await grade(submission, answers, "auc", "--json"))
            #expect(!found.valid && found.score == nil && found.error?.contains(words) == true)
        }
        let missing = try await Program.run("mlestar", ["grade", "/nowhere.csv", "--answers", "/x", "--metric", "auc"])
        #expect(missing.exitCode == 2 && missing.errors.contains("/nowhere.csv"))
    }

    @Test("an unknown metric is answered with all that are known")
    func unknownMetric() async throws {
        let result = try await grade(Self.scores, "id,y\n1,1\n2,0\n3,1\n", "f1")
        #expect(result.exitCode == 64 && result.errors.contains("macro_f1") && result.errors.contains("map@K"))
    }
}
