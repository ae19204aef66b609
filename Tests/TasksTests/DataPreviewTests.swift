import Foundation
import Testing

@testable import Tasks

@Suite("A preview of the data", .timeLimit(.minutes(5)))
struct DataPreviewTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.write("train.csv", "id,rooms,town,price\n1,2,Ulm,100\n2,,Bonn,250.5\n3,4,Ulm,90\n")
        try folder.write("test.csv", "id,rooms,town\n4,3,Ulm\n")
        try folder.write("sample_submission.csv", "id,price\n4,0\n")
        try folder.write("description.md", "# Homes\n")
        try folder.write("images/1.png", "x")
        try folder.write("images/2.png", "xyz")
        try folder.write("images/list.txt", "x")
    }

    @Test("tables are told by their columns, folders by the endings of their files")
    func text() throws {
        let text = try DataPreview(folder: folder.path).text
        for line in [
            "`train.csv`: 3 rows, 4 columns", "| rooms | number | 2 | 33.3 % | 2 to 4, mean 3 |",
            "| town | category | 2 | none | Ulm; Bonn |", "| price | number | 3 | none | 90 to 250.5, mean 146.833 |",
            "`test.csv`: 1 rows, 3 columns", "`images/`: 3 files (2 × .png, 1 × .txt)", "`images/1.png`",
        ] {
            #expect(text.contains(line), "\(line) is missing in:\n\(text)")
        }
    }

    @Test("a file under two names is told once")
    func alias() throws {
        try FileManager.default.createSymbolicLink(
            atPath: "\(folder.path)/Train.CSV", withDestinationPath: "train.csv")
        #expect(try DataPreview(folder: folder.path).text.components(separatedBy: "3 rows, 4 columns").count == 2)
    }

    @Test("very many columns are named, not told, and the whole stays short")
    func wide() throws {
        let names = (1...3_000).map { "column_\($0)" }
        let row = names.map { _ in "1" }.joined(separator: ",")
        try folder.write("train.csv", "\(names.joined(separator: ","))\n\(row)\n")
        let text = try DataPreview(folder: folder.path).text
        #expect(text.contains("and 2940 more columns") && text.count < 16_500)
    }
}
