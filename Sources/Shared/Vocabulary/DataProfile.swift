/// What the columns of a task's tables hold, counted over the rows a script may see.
public struct DataProfile: Codable, Hashable, Sendable {
    /// What a column's fields look like.
    public enum Content: String, Codable, Hashable, Sendable {
        /// Numbers.
        case number
        /// Few distinct texts.
        case category
        /// Calendar dates or times.
        case date
        /// Many distinct texts of several words.
        case text
        /// One value in every row.
        case constant
    }

    /// One column.
    public struct Column: Codable, Hashable, Sendable {
        /// The column's name.
        public let name: String
        /// What its fields look like.
        public let content: Content
        /// Number of distinct non-empty fields, counted up to 10 000.
        public let distinctCount: Int
        /// Share of empty fields, 0 to 1.
        public let missingShare: Double
        /// Whether `test.csv` has it.
        public let isInTest: Bool
        /// Whether its dates are written with the day before the month.
        public let isDayFirst: Bool
        /// Whether it holds more than a hundred different whole numbers that rows share, most of those in `test.csv` among
        /// them: they may stand for things, such as shops or postal areas, and not for amounts.
        public let isCode: Bool

        /// A column's profile.
        public init(
            name: String, content: Content, distinctCount: Int, missingShare: Double, isInTest: Bool,
            isDayFirst: Bool = false, isCode: Bool = false
        ) {
            self.name = name
            self.content = content
            self.distinctCount = distinctCount
            self.missingShare = missingShare
            self.isInTest = isInTest
            self.isDayFirst = isDayFirst
            self.isCode = isCode
        }
    }

    /// Rows of `train.csv`.
    public let trainingRowCount: Int
    /// Rows of `test.csv`.
    public let testRowCount: Int
    /// The columns of `train.csv`, in file order.
    public let columns: [Column]

    /// A profile.
    public init(trainingRowCount: Int, testRowCount: Int, columns: [Column]) {
        self.trainingRowCount = trainingRowCount
        self.testRowCount = testRowCount
        self.columns = columns
    }
}
