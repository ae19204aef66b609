import Testing
import Vocabulary

@testable import Tasks

@Suite("how often scripts are scored", .timeLimit(.minutes(5)))
struct UsualFoldsTests {
    private func folds(rows: Int, column: (Int) -> String = { "\($0 % 31)" }, more: [String: String] = [:]) throws
        -> Int
    {
        let test = rows..<(rows + 20)
        let files = [
            "description.md": Sample.description("RMSE"),
            "train.csv": Sample.csv("id,x,n,y", (0..<rows).map { "\($0),\(column($0)),\($0 % 7),\($0 % 13)" }),
            "test.csv": Sample.csv("id,x,n", test.map { "\($0),\(column($0)),\($0 % 7)" }),
            "sample_submission.csv": Sample.csv("id,y", test.map { "\($0),0" }),
        ]
        return try Sample.task(files.merging(more) { $1 }).task.usualFolds
    }

    @Test("the fewer rows, the more parts are held out", arguments: [(1_999, 5), (2_000, 3), (5_999, 3), (6_000, 1)])
    func rows(count: Int, folds: Int) throws {
        #expect(try self.folds(rows: count) == folds)
    }

    @Test("three parts are held out of few rows with other files, and of few rows in groups")
    func longScripts() throws {
        #expect(try folds(rows: 100, more: ["notes.txt": "Read these."]) == 3)
        #expect(try folds(rows: 100, column: { $0 < 100 ? "p\($0 % 15)" : "q\($0 % 5)" }) == 3)
    }

    @Test("time only goes forward once")
    func forward() throws {
        #expect(try folds(rows: 60, column: { "2023-0\(1 + $0 / 28)-\(10 + $0 % 28 / 2)" }) == 1)
    }

    @Test("five parts hold no row of a small table out twice, and leave out few", arguments: [20, 23, 101])
    func disjoint(rows: Int) throws {
        let material = SplitMaterial(rowCount: rows, labelled: Array(0..<rows), strata: (0..<rows).map { $0 % 3 })
        let settings = SplitSettings(seed: 1, folds: 5)
        let splitter = RowSplitter(material: material, kind: .stratified, settings: settings, seed: "s")
        let held = try splitter.folds().flatMap { $0.search + $0.judge }
        #expect(Set(held).count == held.count)
        // A part has a fifth of each class, rounded down.
        #expect(held.count > rows - 3 * 5)
    }
}
