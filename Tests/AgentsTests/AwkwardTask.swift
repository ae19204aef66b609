import Foundation
import Tasks
import Vocabulary

/// A task whose tables have all that tables of strangers have: gaps, a column without any value and one with hardly any,
/// one value throughout, truth values, numbers among words, dates with the day first, categories that only test has,
/// names that mean something to programs, a column without a name, and rows without a label. Some have whole numbers that
/// stand for things, too.
struct AwkwardTask: Sendable {
    let name: String
    let metric: String
    /// The columns that the submission predicts.
    var predicted = ["answer"]
    var hasTexts = false
    var hasCodes = false
    /// The label of a training row.
    let label: @Sendable (Int) -> String

    /// Tasks of every kind and with every metric that makes a difference to scripts.
    static let all = [
        // Training has no row of a third class that the submission has a column for.
        AwkwardTask(name: "absent", metric: "multi-class log loss", predicted: ["p_a", "p_b", "p_c"]) {
            kind($0) > 4 ? "a" : "b"
        },
        AwkwardTask(name: "shops", metric: "macro F1", hasCodes: true) { ["a", "b", "c"][kind($0) / 3] },
        AwkwardTask(name: "turnovers", metric: "RMSE", hasCodes: true) { "\(kind($0) * 100)" },
        AwkwardTask(name: "binary", metric: "AUC") { $0 == 5 ? "" : kind($0) > 4 ? "Sick" : "None" },
        AwkwardTask(name: "threshold", metric: "macro F1", hasTexts: true) {
            $0 == 5 ? "NA" : kind($0) > 4 ? "<b>" : "a,b"
        },
        AwkwardTask(name: "classes", metric: "macro F1") {
            $0 == 5 ? "NA" : $0 == 6 ? "Rare" : ["None", "Insomnia", "Sleep \"Apnea\""][kind($0) / 3]
        },
        AwkwardTask(
            name: "shares", metric: "multi-class log loss", predicted: ["p_low", "p_middle", "p_high"], hasTexts: true
        ) { ["low", "middle", "high"][kind($0) / 3] },
        AwkwardTask(name: "grades", metric: "quadratic weighted kappa") { $0 == 5 ? "nan" : "\(1 + kind($0) / 2)" },
        AwkwardTask(name: "guesses", metric: "MAP@3") { ["a", "b", "c", "d", "e"][kind($0) / 2] },
        AwkwardTask(name: "numbers", metric: "RMSE") { $0 % 20 == 5 ? "NA" : "\(Double(kind($0)) * 1.5 - 9)" },
        AwkwardTask(name: "sizes", metric: "RMSLE") { $0 == 5 ? "None" : "\(kind($0) * kind($0) * 100)" },
        AwkwardTask(name: "order", metric: "Spearman correlation") { "\(kind($0) - 4)" },
        AwkwardTask(name: "errors", metric: "mean absolute error", hasTexts: true) { "\(Double(kind($0)) * 1e-7)" },
    ]

    /// What the columns know of a row's label, 0 to 8.
    private static func kind(_ row: Int) -> Int { row * 37 % 101 % 9 }

    private var trainingRows: [Int] { hasCodes ? Array(0..<90) + Array(200..<400) : Array(0..<90) }
    private static let testRows = 100..<130

    private var header: String {
        #"größe [mm],"a-b, ""c"" {d}: <e>",empty,hardly,same,flag,mixed,colour,seen__on"#
            + (hasTexts ? ",note__text" : "") + (hasCodes ? ",shop" : "")
    }

    private func fields(_ row: Int) -> String {
        let kind = Self.kind(row)
        let size = row % 9 == 0 ? "" : "\(Double(kind * 10 - 40) + Double(row * 53 % 17) / 10)"
        let other = row % 11 == 0 ? "NA" : row == 104 ? "unknown" : "\(row * 53 % 17)"
        let flag = row % 13 == 0 ? "" : row * 29 % 3 == 0 ? "True" : "False"
        let colour =
            Self.testRows.contains(row) && row % 10 < 2 ? "unseen" : ["red", "None", "", "blau, grün"][kind / 3]
        let day = Self.testRows.contains(row) ? 1 + row % 12 : 1 + row % 28
        let words = ["well", "badly", "not at all", "naïve?"][kind / 3]
        let text = hasTexts ? ",\"It went \(words), \(row * 53 % 17) times!\"" : ""
        let shop = hasCodes ? ",\(row % 31 == 0 ? "" : row == 105 ? "9999" : "\(1_000 + row * 7 % 110)")" : ""
        return
            "\(size),\(other),,\(row == 7 || row == 110 ? "3" : ""),k,\(flag),\(row % 5 == 0 ? "x\(row % 3)" : "\(row % 7)"),"
            + "\"\(colour)\",\(row % 17 == 0 ? "" : "\(day)/0\(1 + row % 9)/2023")\(text)\(shop)"
    }

    /// The task as it is read from its folder, which is written first.
    func written(to folder: String) throws -> TaskFolder {
        let quoted: (String) -> String = { "\"\($0.replacing("\"", with: "\"\""))\"" }
        let train = trainingRows.map { "\($0 * 17 % 97),0\($0),\(quoted(label($0))),\(fields($0))" }
        let test = Self.testRows.map { "\($0 * 17 % 97),0\($0),\(fields($0))" }
        let sample = Self.testRows.map { "0\($0)" + String(repeating: ",0", count: predicted.count) }
        let files = [
            "description.md": "# A task\n\n## Evaluation\n\(metric)\n",
            "train.csv": ([",id,answer,\(header)"] + train).joined(separator: "\n") + "\n",
            "test.csv": ([",id,\(header)"] + test).joined(separator: "\n") + "\n",
            "sample_submission.csv": (["id," + predicted.joined(separator: ",")] + sample).joined(separator: "\n")
                + "\n",
        ]
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for (name, text) in files { try text.write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8) }
        return try TaskFolder.read(folder)
    }

    /// The ids of the rows to predict.
    static var ids: [String] { testRows.map { "0\($0)" } }
}
