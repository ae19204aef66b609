/// What is predicted.
public enum TaskKind: String, Codable, Hashable, Sendable {
    case binaryClassification = "binary"
    case multiclassClassification = "multiclass"
    case multilabelClassification = "multilabel"
    case regression = "regression"
    case textGeneration = "text"
}

/// What a field of a submission must be.
public enum PredictionContent: String, Codable, Hashable, Sendable {
    /// A number from 0 to 1.
    case probability
    /// A finite number.
    case number
    /// A finite number, zero or more.
    case nonNegativeNumber
    /// One of the task's classes, as text.
    case label
    /// Any text.
    case text
}

/// What a submission looks like and how its columns answer the training labels.
public struct SubmissionSchema: Codable, Hashable, Sendable {
    /// One predicted column.
    public struct Column: Codable, Hashable, Sendable {
        /// The column's name in the submission.
        public let name: String
        /// The training column it predicts.
        public let target: String
        /// For a probability: the class (as written in training) whose probability it is.
        public let positiveClass: String?
        /// What its fields must be.
        public let content: PredictionContent

        /// A column of a submission.
        public init(name: String, target: String, positiveClass: String? = nil, content: PredictionContent) {
            self.name = name
            self.target = target
            self.positiveClass = positiveClass
            self.content = content
        }
    }

    /// The column that names the row.
    public let idColumn: String
    /// The predicted columns in the order of the sample submission.
    public let columns: [Column]

    /// A schema.
    public init(idColumn: String, columns: [Column]) {
        self.idColumn = idColumn
        self.columns = columns
    }

    /// The header a submission must have.
    public var header: [String] { [idColumn] + columns.map(\.name) }
}

/// What a competition asks, as far as every part of the system needs to know it.
public struct TaskSpecification: Codable, Hashable, Sendable {
    /// A short name fit for a file name: the folder's.
    public let name: String
    /// The description file, whole.
    public let description: String
    /// What is predicted.
    public let kind: TaskKind
    /// What submissions are scored with.
    public let metric: Metric
    /// The training columns to predict, in the order of the submission.
    public let targets: [String]
    /// The classes of a classification as written in training, sorted; empty otherwise.
    public let classes: [String]
    /// What a submission looks like.
    public let submission: SubmissionSchema

    /// A specification.
    public init(
        name: String, description: String, kind: TaskKind, metric: Metric, targets: [String], classes: [String],
        submission: SubmissionSchema
    ) {
        self.name = name
        self.description = description
        self.kind = kind
        self.metric = metric
        self.targets = targets
        self.classes = classes
        self.submission = submission
    }

    /// Which way scores get better.
    public var direction: Direction { metric.direction }
}
