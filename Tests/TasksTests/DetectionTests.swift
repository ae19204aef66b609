import Testing
import Vocabulary

@testable import Tasks

@Suite("how test relates to train", .timeLimit(.minutes(5)))
struct DetectionTests {
    /// A regression whose tables have one column `x` beside a number.
    private func task(train: [String], test: [String], column: String = "x") throws -> TaskFolder {
        try Sample.task([
            "description.md": Sample.description("RMSE"),
            "train.csv": Sample.csv("id,\(column),n,y", train.enumerated().map { "\($0),\($1),\($0 % 7),\($0)" }),
            "test.csv": Sample.csv("id,\(column),n", test.enumerated().map { "\($0 + 10_000),\($1),\($0 % 7)" }),
            "sample_submission.csv": Sample.csv("id,y", test.indices.map { "\($0 + 10_000),0" }),
        ]).task
    }

    @Test("values that repeat in train and never occur in test are groups")
    func groups() throws {
        let task = try task(train: (0..<60).map { "p\($0 % 15)" }, test: (0..<20).map { "q\($0 % 5)" })
        #expect(task.split.kind == .grouped(column: "x"))
        #expect(task.split.reason.contains("'x' repeats within train.csv"))
    }

    @Test("values that test shares with train are no groups")
    func shared() throws {
        let task = try task(train: (0..<60).map { "p\($0 % 15)" }, test: (0..<20).map { "p\($0 % 15)" })
        #expect(task.split.kind == .plain)
    }

    @Test("values that occur once each are no groups")
    func unique() throws {
        let task = try task(train: (0..<60).map { "p\($0)" }, test: (0..<20).map { "q\($0)" })
        #expect(task.split.kind == .plain)
    }

    @Test("whole numbers are groups only under a name that says so")
    func numericGroups() throws {
        let train = (0..<60).map { "\($0 % 15)" }
        let test = (0..<20).map { "\(100 + $0 % 5)" }
        #expect(try task(train: train, test: test, column: "patient_id").split.kind == .grouped(column: "patient_id"))
        #expect(try task(train: train, test: test, column: "height").split.kind == .plain)
    }

    @Test("whole numbers are groups however they are written")
    func floatGroups() throws {
        let task = try task(
            train: (0..<60).map { "\($0 % 15).0" }, test: (0..<20).map { "\(100 + $0 % 5).0" }, column: "subject_id")
        #expect(task.split.kind == .grouped(column: "subject_id"))
    }

    @Test("what may be groups is said", arguments: ["patient", "height"])
    func maybeGroups(column: String) throws {
        let few = try task(train: (0..<60).map { "\($0 % 9)" }, test: (0..<20).map { "\(20 + $0 % 5)" }, column: column)
        #expect(few.split.kind == .plain)
        #expect(few.notes.contains { $0.contains("'\(column)' looks like groups") })
        #expect(few.notes.contains { $0.contains("'split: {kind: grouped, column: \(column)}'") })
    }

    @Test("the day on which training ends may be the day on which test begins")
    func sharedDay() throws {
        let train = (0..<60).map { "2023-0\(1 + $0 / 10)-1\($0 % 10)" }
        let test = ["2023-06-19"] + (0..<20).map { "2023-07-1\($0 % 10)" }
        #expect(try task(train: train, test: test).split.kind == .forwardInTime(column: "x"))
        let nearly = try task(train: train, test: ["2023-06-18"] + test)
        #expect(nearly.split.kind == .plain)
        #expect(nearly.notes.contains { $0.contains("write 'split: {kind: forward, column: x}'") })
    }

    @Test("milliseconds in a column called ts are time")
    func milliseconds() throws {
        let day = 86_400_000
        let task = try task(
            train: (0..<60).map { "\(1_672_531_200_000 + day * $0)" },
            test: (60..<80).map { "\(1_672_531_200_000 + day * $0)" }, column: "ts")
        #expect(task.split.kind == .forwardInTime(column: "ts"))
    }

    @Test("dates that are later in test than in train mean time")
    func time() throws {
        let train = (0..<60).map { "2023-0\(1 + $0 % 6)-1\($0 % 9)" }
        #expect(
            try task(train: train, test: (0..<20).map { "2023-07-0\(1 + $0 % 9)" }).split.kind
                == .forwardInTime(column: "x"))
        #expect(try task(train: train, test: (0..<20).map { "2023-06-0\(1 + $0 % 9)" }).split.kind == .plain)
    }

    @Test("missing numbers are no time", arguments: [0, 30, 59])
    func missingTime(row: Int) throws {
        var train = (0..<60).map { "\(1 + $0 % 9)" }
        train[row] = "nan"
        let test = (0..<20).map { $0 == 0 ? "nan" : "12" }
        #expect(try task(train: train, test: test, column: "month").split.kind == .forwardInTime(column: "month"))
    }

    @Test("numbers are time only under a name that says so")
    func numericTime() throws {
        let train = (0..<60).map { "\(2000 + $0 % 20)" }
        let test = (0..<20).map { _ in "2021" }
        #expect(try task(train: train, test: test, column: "year").split.kind == .forwardInTime(column: "year"))
        #expect(try task(train: train, test: test, column: "weight").split.kind == .plain)
    }

    @Test(
        "dates are read in the ways people write them",
        arguments: [
            ("2024-03-01", "2024-03-02"), ("2024/3/1", "2024/3/2"), ("20240301", "20240302"), ("2024-03", "2024-04"),
            ("03/01/2024", "03/02/2024"), ("1.3.2024", "2.3.2024"), ("2024-03-01T23:59:59Z", "2024-03-02"),
            ("2024-03-01 08:00", "2024-03-01 09:30:15.5"), ("2024-03-01T12:00:00+02:00", "2024-03-01T11:00:00Z"),
            ("15-Jan-23", "16-Jan-23"), ("31-Dec-99", "01-Jan-00"), ("15 Jan 2023", "1 February 2023"),
            ("January 15, 2023", "Feb 3, 2023"), ("31.12.22", "01.01.23"), ("12/31/22", "01/01/23"),
            ("2023-12-31", "2024-01-01"), ("2024-02-29", "2024-03-01"),
            ("2016-06-15 12:00:00 UTC", "2016-06-15 12:00:01 UTC"),
        ])
    func dates(earlier: String, later: String) throws {
        let first = try #require(DateReader().key(earlier))
        let second = try #require(DateReader().key(later))
        #expect(first < second)
    }

    @Test("a date is a day after the day before, over four centuries")
    func calendar() {
        var last: Int64?
        for year in 1896...2104 {
            for month in 1...12 {
                let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
                let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
                for day in 1...days {
                    let key = DateReader().key("\(year)-\(month)-\(day)")
                    if let last, let key { #expect(key - last == 86_400) }
                    last = key
                }
            }
        }
    }

    @Test(
        "what is no date is not read as one",
        arguments: ["12-345-6789", "2024-13-01", "1.2.3", "1.2.34", "1.10.12", "hello", "2024-03-01x", "99/99/2024"])
    func noDates(text: String) { #expect(DateReader().key(text) == nil) }

    @Test(
        "whether the day comes first is known of the whole column, also where test has no day above 12",
        arguments: ["/", "-", "."])
    func dayFirst(separator: String) throws {
        func task(from first: Int) throws -> DataProfile.Column? {
            func date(_ day: Int, _ month: Int) -> String { "\(day)\(separator)0\(month)\(separator)2024" }
            let train = (0..<60).map { date(first + $0 % 12, 1 + $0 % 9) }
            return try self.task(train: train, test: (0..<20).map { date(1 + $0 % 12, 1 + $0 % 9) })
                .profile.columns.first { $0.name == "x" }
        }
        let days = try #require(try task(from: 10))
        #expect(days.content == .date && days.isDayFirst)
        let open = try #require(try task(from: 1))
        #expect(open.content == .date && open.isDayFirst == (separator == "."))
    }

    @Test("which number of a date is the day is told by both tables together, for the split as well")
    func dayFirstByTest() throws {
        let train = (0..<60).map { "\(1 + $0 % 12)/01/2024" }
        let task = try task(train: train, test: (0..<20).map { "\(13 + $0 % 16)/02/2024" })
        #expect(task.split.kind == .forwardInTime(column: "x"))
        #expect(task.profile.columns.first { $0.name == "x" }?.isDayFirst == true)
    }

    @Test("whole numbers are codes where rows share them, test.csv has them, and they are many")
    func codes() throws {
        func isCode(_ train: [Int], _ test: [Int], written: (Int) -> String = String.init) throws -> Bool? {
            try task(train: train.map(written), test: test.map(written)).profile.columns.first { $0.name == "x" }?
                .isCode
        }
        let shops = (0..<300).map { 5_000 + $0 * 7 % 150 }
        #expect(try isCode(shops, (0..<60).map { 5_000 + $0 * 2 }) == true)
        #expect(try isCode(shops, (0..<60).map { 5_100 + $0 * 5 }) == false)
        #expect(try isCode(shops, Array(shops[..<60])) { "\($0).0" } == true)
        #expect(try isCode(shops, Array(shops[..<60])) { "\($0).5" } == false)
        #expect(try isCode(shops, Array(shops[..<60])) { "shop \($0)" } == false)
        #expect(try isCode((0..<300).map { $0 % 100 }, Array(0..<60)) == false)
        #expect(try isCode((0..<300).map { $0 % 250 }, Array(0..<60)) == false)
        // More than are counted one by one.
        let customers = (0..<60_000).map { $0 * 7 % 30_000 }
        #expect(try isCode(customers, Array(customers[..<12_000])) == true)
        #expect(try isCode(customers, (0..<12_000).map { 26_000 + $0 }) == false)
        #expect(try isCode((0..<40_000).map { $0 % 30_000 }, Array(customers[..<12_000])) == false)
    }

    @Test("columns are profiled")
    func profile() throws {
        let (_, task) = try Sample.task([
            "description.md": Sample.description("RMSE"),
            "train.csv": Sample.csv(
                "id,num,cat,day,note,same,y",
                (0..<30).map {
                    "\($0),\($0 % 3 == 0 ? "" : "\($0).5"),\($0 % 2),2024-01-\(10 + $0 % 20),some words number \($0),k,\($0)"
                }
                .map { $0.replacing(",0,2024", with: ",red,2024").replacing(",1,2024", with: ",blue,2024") }),
            "test.csv": Sample.csv("id,num,cat,day,note", (30..<40).map { "\($0),1.5,red,2024-01-12,some words" }),
            "sample_submission.csv": Sample.csv("id,y", (30..<40).map { "\($0),0" }),
        ])
        let columns = task.profile.columns
        #expect(columns.map(\.content) == [.number, .number, .category, .date, .text, .constant, .number])
        #expect(columns.map(\.isInTest) == [true, true, true, true, true, false, false])
        #expect(columns[1].distinctCount == 20)
        #expect(abs(columns[1].missingShare - 1.0 / 3) < 1e-12)
        #expect(columns[2].distinctCount == 2)
        #expect(task.profile.trainingRowCount == 30)
        #expect(task.profile.testRowCount == 10)
    }
}
