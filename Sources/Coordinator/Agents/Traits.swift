import Vocabulary

/// What a task is like, in the words that recipes use in their conditions.
struct Traits: Hashable, Sendable {
    /// The words that hold.
    let words: Set<String>

    /// Every word a condition may use.
    static let vocabulary: Set<String> = Set(
        [
            "binary", "multiclass", "regression", "classification", "probabilities", "labels", "numeric",
            "nonnegative", "ranked", "map", "text", "dates", "categories", "numbers", "codes", "gaps", "wide",
            "small", "medium", "large",
        ] + Metric.named.map(\.name))

    /// The traits of a task and of the columns that scripts learn from.
    init(of task: TaskSpecification, columns: FeatureColumns, rowCount: Int) {
        var words: Set = [task.kind.rawValue]
        if task.kind == .binaryClassification || task.kind == .multiclassClassification {
            words.insert("classification")
        }
        if case .meanAveragePrecision = task.metric { words.insert("map") } else { words.insert(task.metric.name) }
        switch task.submission.columns.first?.content {
        case .probability?: words.insert("probabilities")
        case .label?: words.insert("labels")
        case .number?: words.insert("numeric")
        case .nonNegativeNumber?: words.formUnion(["numeric", "nonnegative"])
        case .text?, nil: break
        }
        if task.metric == .rootMeanSquaredLogarithmicError { words.insert("nonnegative") }
        if task.metric == .auc || task.metric == .meanColumnAUC { words.insert("ranked") }
        words.formUnion(columns.words)
        words.insert(rowCount < 3_000 ? "small" : rowCount < 30_000 ? "medium" : "large")
        self.words = words
    }
}

/// The columns of a task that scripts learn from, by what they hold.
struct FeatureColumns: Hashable, Sendable {
    /// All of them, in file order.
    let names: [String]
    let categories: [String]
    let dates: [String]
    /// Those of the dates that are written with the day before the month.
    let dayFirst: [String]
    let texts: [String]
    /// Numbers that may stand for things.
    let codes: [String]
    /// Columns of which some fields are empty.
    let withGaps: [String]

    /// Those that train and test share, without identifier, targets and columns that hold one value or none.
    init(task: TaskSpecification, profile: DataProfile) {
        let columns = profile.columns.filter { column in
            column.isInTest && column.name != task.submission.idColumn && !task.targets.contains(column.name)
                && column.content != .constant && column.distinctCount > 0
        }
        func named(_ content: DataProfile.Content) -> [String] {
            columns.filter { $0.content == content }.map(\.name)
        }
        names = columns.map(\.name)
        categories = named(.category)
        dates = named(.date)
        dayFirst = columns.filter { $0.content == .date && $0.isDayFirst }.map(\.name)
        texts = named(.text)
        codes = columns.filter(\.isCode).map(\.name)
        withGaps = columns.filter { $0.missingShare > 0 }.map(\.name)
    }

    /// The traits that follow from the columns.
    var words: Set<String> {
        let present: [(String, Bool)] = [
            ("text", !texts.isEmpty), ("dates", !dates.isEmpty), ("categories", !categories.isEmpty),
            ("numbers", names.count > categories.count + texts.count), ("codes", !codes.isEmpty),
            ("gaps", !withGaps.isEmpty), ("wide", names.count > 60),
        ]
        return Set(present.filter(\.1).map(\.0))
    }
}

/// When a part of a recipe applies: all of some alternatives, such as `regression, mae or rmse, not text`.
struct Condition: Hashable, Sendable {
    private struct Word: Hashable, Sendable {
        let text: String
        let isWanted: Bool
    }

    private let clauses: [[Word]]

    /// Holds always.
    static let always = Condition(clauses: [])

    private init(clauses: [[Word]]) { self.clauses = clauses }

    /// Reads a condition; throws the word that no trait is called.
    init(_ text: String) throws(UnknownWord) {
        var clauses: [[Word]] = []
        for clause in text.split(separator: ",") {
            var words: [Word] = []
            var isWanted = true
            for part in clause.split(separator: " ") where part != "or" {
                if part == "not" {
                    isWanted = false
                    continue
                }
                guard Traits.vocabulary.contains(String(part)) else { throw UnknownWord(text: String(part)) }
                words.append(Word(text: String(part), isWanted: isWanted))
                isWanted = true
            }
            clauses.append(words)
        }
        self.clauses = clauses
    }

    /// Whether it holds for a task.
    func holds(for traits: Traits) -> Bool {
        clauses.allSatisfy { $0.contains { traits.words.contains($0.text) == $0.isWanted } }
    }

    /// A word in a condition that names no trait.
    struct UnknownWord: Error {
        let text: String
    }
}
