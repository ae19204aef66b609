import Testing
import Vocabulary

@testable import Tasks

@Suite("CSV files", .timeLimit(.minutes(5)))
struct CSVTests {
    private func table(_ text: String) throws -> Table { try CSVFile(bytes: Array(text.utf8), name: "a.csv").table() }

    private func fault(_ bytes: [UInt8]) -> String {
        do {
            let file = try CSVFile(bytes: bytes, name: "a.csv")
            return "accepted: \(file.names) \(file.rowCount)"
        } catch {
            return error.message
        }
    }

    @Test("plain fields are read as they stand")
    func plain() throws {
        let table = try table("id,a\n007,x y\n2, z\n")
        #expect(table.names == ["id", "a"])
        #expect(table.columns == [["007", "2"], ["x y", " z"]])
    }

    @Test("quoted fields may hold commas, line breaks and doubled quotes")
    func quoted() throws {
        let table = try table("a,b\n\"x, y\",\"two\nlines\"\n\"say \"\"hi\"\"\",\"\"\n")
        #expect(table.columns == [["x, y", "say \"hi\""], ["two\nlines", ""]])
    }

    @Test(
        "line ends of all systems, a byte-order mark, a missing last line end and empty lines make no difference",
        arguments: ["a,b\r\n1,2\r\n3,4\r\n", "\u{FEFF}a,b\n1,2\n3,4", "a,b\r1,2\r3,4", "\na,b\n\n1,2\r\n\r\n3,4\n\n"])
    func lineEnds(text: String) throws {
        let table = try table(text)
        #expect(table.names == ["a", "b"])
        #expect(table.columns == [["1", "3"], ["2", "4"]])
    }

    @Test("a quote inside an unquoted field is an ordinary character, as pandas has it")
    func quoteInside() throws {
        #expect(try table("a,b\n5\" tall,x\n\"ab\"c,y\n").columns[0] == ["5\" tall", "abc"])
    }

    @Test("a row with too few or too many fields is named with its line")
    func ragged() {
        #expect(
            fault(Array("a,b\n1,2\n\"x\ny\",3\n4\n".utf8)).contains("a.csv, line 5: 1 fields where the header has 2"))
        #expect(fault(Array("a,b\n1,2,3\n".utf8)).contains("a.csv, line 2: 3 fields where the header has 2"))
    }

    @Test("a quote that never ends is named with the line it begins on")
    func unterminated() {
        #expect(
            fault(Array("a,b\n1,2\n3,\"x\n4,5\n".utf8)).contains(
                "a.csv, line 3: a quoted field that begins here never ends"))
    }

    @Test("bytes that are no text are named with their line")
    func notText() {
        #expect(fault(Array("a,b\n1,".utf8) + [0xE9] + Array(",\n".utf8)).contains("line 2: bytes that are not UTF-8"))
        #expect(fault(Array("a\n1\n".utf8) + [0, 10]).contains("a.csv, line 3: a NUL byte"))
        #expect(fault([0xFF, 0xFE, 0x61, 0]).contains("is UTF-16"))
        #expect(fault([0x50, 0x4B, 0x03, 0x04, 1]).contains("is compressed"))
        #expect(fault([]).contains("a.csv is empty"))
        #expect(fault(Array("\n\n".utf8)).contains("a.csv is empty"))
    }

    @Test("well-formed text of every length is accepted, ill-formed text is not")
    func encodings() {
        #expect(fault(Array("a\né€😀\n".utf8)).contains("accepted"))
        for bytes: [UInt8] in [[0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xE2, 0x82], [0x80]] {
            #expect(fault(Array("a\n".utf8) + bytes).contains("not UTF-8"), "\(bytes)")
        }
    }

    @Test("headers with equal names or other separators are refused")
    func headers() {
        #expect(fault(Array("id,x,x\n1,2,3\n".utf8)).contains("line 1: column 3 is called 'x' like an earlier one"))
        #expect(fault(Array("id;x\n1;2\n".utf8)).contains("separated by ';'. Convert the file to commas"))
        #expect(fault(Array("id\tx\n1\t2\n".utf8)).contains("separated by tabs"))
    }

    @Test("what is written is read back, and quotes are used only where needed")
    func writing() throws {
        let table = Table(names: ["a", "b,c"], columns: [["x", "", "line\nbreak", "q\"q"], ["1", "", "é", "\r"]])
        let bytes = CSVWriter.bytes(of: table)
        #expect(try CSVFile(bytes: bytes, name: "b.csv").table() == table)
        #expect(String(decoding: bytes, as: UTF8.self).hasPrefix("a,\"b,c\"\nx,1\n,\n\"line\nbreak\",é\n"))
        let single = Table(names: ["only"], columns: [["", "x", ""]])
        #expect(try CSVFile(bytes: CSVWriter.bytes(of: single), name: "c.csv").table() == single)
    }

    @Test("columns are taken out by name, in the order asked for")
    func columns() throws {
        let file = try CSVFile(bytes: Array("a,b,c\n1,2,3\n4,5,6\n".utf8), name: "a.csv")
        #expect(file.column("b") == ["2", "5"])
        #expect(file.column("z") == nil)
        #expect(file.table(of: ["c", "z", "a"]).names == ["c", "a"])
    }

    @Test("random tables survive writing and reading")
    func random() throws {
        let pieces = ["", "a", ",", "\"", "\n", "\r\n", " ", "é", "0.5", "\"\""]
        for seed in 0..<200 {
            var stream = RandomStream(seed: "\(seed)", purpose: "csv")
            let width = 1 + stream.below(4)
            let rows = stream.below(6)
            let columns = (0..<width).map { _ in
                (0..<rows).map { _ in (0..<stream.below(4)).map { _ in pieces[stream.below(pieces.count)] }.joined() }
            }
            let table = Table(names: (0..<width).map { "c\($0)" }, columns: columns)
            #expect(try CSVFile(bytes: CSVWriter.bytes(of: table), name: "r.csv").table() == table, "seed \(seed)")
        }
    }

    @Test(
        "fields are told apart by how they are written",
        arguments: [
            ("12", [.number, .integer]), ("-1.50", [.number, .trailingZero]), ("1e-5", [.number, .exponent]),
            ("007", [.number, .integer, .leadingZero]), (" 3", [.number, .integer, .padded]), ("", .empty),
            (".5", [.number, .bareDot]), ("NaN", .missingWord), ("True", .truth), ("1-2", []), ("-", []), ("1e", []),
        ] as [(String, FieldSyntax)])
    func syntax(text: String, expected: FieldSyntax) { #expect(FieldSyntax(of: text) == expected) }
}
