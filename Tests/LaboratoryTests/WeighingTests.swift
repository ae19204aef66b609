import Foundation
import Scoring
import Search
import Tasks
import TestKit
import Testing
import Vocabulary

@testable import Laboratory

/// Scripts that know how probable a class is, asked for labels.
@Suite("What an ensemble's weights are chosen by", .timeLimit(.minutes(5)))
struct WeighingTests {
    /// A task whose column `x` is the probability of the class `yes`, at most `most`; labels are drawn by it.
    private struct Labels {
        let folder: TemporaryFolder
        let evaluation: HiddenEvaluation
        let examiner: Examiner

        init(most: Double) throws {
            folder = try TemporaryFolder()
            let rows = (1...700).map { row in (row, most * (Double(row * 331 % 700) + 0.5) / 700) }
            let known = rows.prefix(600).map { row, x in
                "\(row),\(x),\(Double(row * 7919 % 1000) / 1000 < x ? "yes" : "no")"
            }
            let asked = rows.dropFirst(600)
            try folder.write((["id,x,y"] + known).joined(separator: "\n") + "\n", to: "task/train.csv")
            try folder.write(
                (["id,x"] + asked.map { "\($0),\($1)" }).joined(separator: "\n") + "\n", to: "task/test.csv")
            try folder.write(
                (["id,y"] + asked.map { "\($0.0),no" }).joined(separator: "\n") + "\n",
                to: "task/sample_submission.csv")
            try folder.write("# Labels\n## Evaluation\nMacro F1. Higher is better.\n", to: "task/description.md")
            let task = try TaskFolder.read("\(folder.path)/task")
            try #require(task.specification.metric == .macroF1)
            evaluation = try HiddenEvaluation.prepare(
                task, settings: SplitSettings(seed: 1), in: "\(folder.path)/mounts")
            examiner = Examiner(task: task.specification, basis: .hidden(evaluation, isProtected: false))
        }

        /// What a script hands in that holds `yes` for probable as `said` tells from `x`.
        func member(_ said: (Double) -> Double) throws -> EnsembleMember {
            let classes = examiner.task.classes
            var tables: [Table] = []
            var shares: [ClassShares?] = []
            for (fold, mount) in examiner.mounts(.search).enumerated() {
                let test = try CSVFile(path: "\(mount.path)/test.csv").table()
                let values = try #require(test["x"]).map { said(Double($0) ?? 0) }
                let ids = try #require(test["id"])
                let answer = Table(names: ["id", "y"], columns: [ids, values.map { $0 > 0.5 ? "yes" : "no" }])
                let columns = classes.map { name in values.map { "\(name == "yes" ? $0 : 1 - $0)" } }
                let file = Table(names: ["id"] + classes, columns: [ids] + columns)
                let aligned = try SubmissionCheck.align(
                    answer, to: evaluation.submissionIDs(fold: fold), schema: examiner.task.submission,
                    classes: classes)
                tables.append(aligned)
                shares.append(try ClassShares(file, beside: aligned, scorer: examiner.scorer))
            }
            return EnsembleMember(tables: tables, classShares: shares)
        }
    }

    /// Tells the truth about `x`; overstates it; does so only to name the rare class more often.
    private static func knowing(_ x: Double) -> Double { x }
    private static func boastful(_ x: Double) -> Double { x > 0.5 ? 0.99 - 0.1 * x : 0.01 + 0.1 * x }
    private static func deciding(_ x: Double) -> Double { 3 * x / (3 * x + 1 - x) }

    @Test("they follow what members know, where the more probable class is the better answer")
    func likelihood() throws {
        let labels = try Labels(most: 1)
        let members = try [labels.member(Self.boastful), labels.member(Self.knowing)]
        let found = try labels.examiner.weights(of: members, by: .weighted, limit: 2)
        #expect(found.weights[1] > 0.9 && found.crossFitted.count == 5, "\(found.weights)")
        #expect(try labels.examiner.finalWeights(of: members)[1] > 0.9)
    }

    @Test("they follow the metric, where it asks for a rare class to be named more often than it is probable")
    func metric() throws {
        let labels = try Labels(most: 0.5)
        let members = try [labels.member(Self.knowing), labels.member(Self.deciding)]
        let found = try labels.examiner.weights(of: members, by: .weighted, limit: 2).weights
        #expect(found[1] > 0.5, "\(found)")
        #expect(try labels.examiner.finalWeights(of: members)[1] > 0.5)
    }
}
