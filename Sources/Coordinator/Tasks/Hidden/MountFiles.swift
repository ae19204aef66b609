import Vocabulary

/// The names that scripts find, whatever the owner's files are called.
enum MountFile {
    static let train = "train.csv"
    static let test = "test.csv"
    static let sample = "sample_submission.csv"
}

/// Puts the files that are no tables into a mount.
struct MountExtras {
    let task: TaskFolder

    /// A search mount does without the tables that hold labels.
    func place(isSearch: Bool, with builder: inout MountBuilder) throws(TaskError) {
        let layout = task.layout
        let description = FileNames.last(layout.description)
        if !builder.has(description) { try builder.write(description, text: task.specification.description) }
        // The owner's own names for the tables keep working.
        try builder.alias(layout.mountPath(layout.train), for: MountFile.train)
        if let test = layout.test { try builder.alias(layout.mountPath(test), for: MountFile.test) }
        if let sample = layout.sample { try builder.alias(layout.mountPath(sample), for: MountFile.sample) }
        for path in layout.extras where !(isSearch && task.withheld.contains(path)) {
            try builder.place(layout.absolute(path), as: layout.mountPath(path))
        }
        for path in layout.folders { try builder.placeFolder(layout.absolute(path), as: layout.mountPath(path)) }
    }
}

/// Writes a sample submission that says nothing of any row: the same predictions everywhere.
struct SampleWriter {
    let task: TaskFolder

    func write(_ ids: [String], with builder: inout MountBuilder) throws(TaskError) {
        let submission = task.specification.submission
        try builder.write(MountFile.sample) { record in
            record { $0.record(submission.header) }
            for id in ids { record { $0.record([id] + task.typicalPredictions) } }
        }
    }
}

/// Writes the mount with all training rows and the real test rows.
struct FullMountWriter {
    let task: TaskFolder

    func write(with builder: inout MountBuilder) throws(TaskError) {
        let layout = task.layout
        if case .rowOrder = task.identity, let test = layout.test {
            try writeNumbered(train: layout.absolute(layout.train), test: layout.absolute(test), with: &builder)
        } else {
            try builder.place(layout.absolute(layout.train), as: MountFile.train)
            if let test = layout.test { try builder.place(layout.absolute(test), as: MountFile.test) }
            if let sample = layout.sample { try builder.place(layout.absolute(sample), as: MountFile.sample) }
        }
        if !builder.has(MountFile.sample), let test = layout.test {
            let ids = try CSVFile(path: layout.absolute(test)).column(task.identity.column) ?? []
            try SampleWriter(task: task).write(ids, with: &builder)
        }
        try MountExtras(task: task).place(isSearch: false, with: &builder)
    }

    /// Tables of a task without an id column get one.
    private func writeNumbered(train: String, test: String, with builder: inout MountBuilder) throws(TaskError) {
        let names = try RowNames(task: task)
        for (path, name, ids) in [(train, MountFile.train, names.train), (test, MountFile.test, names.test)] {
            let file = try CSVFile(path: path)
            let layout = ColumnLayout(names: file.names, in: file.names, id: task.identity, rewritings: [:])
            try builder.write(name) { record in
                record { $0.record(layout.header) }
                file.forEachRow { row, fields in record { layout.write(fields, id: ids[row], to: &$0) } }
            }
        }
        try SampleWriter(task: task).write(names.test, with: &builder)
    }
}

/// Ids for the rows of a task that has none in its tables: the sample submission's for test rows, new ones for
/// training rows.
struct RowNames {
    let train: [String]
    let test: [String]

    init(task: TaskFolder) throws(TaskError) {
        var test: [String]?
        if case .rowOrder(let column, isInSubmission: true) = task.identity, let sample = task.layout.sample {
            test = try CSVFile(path: task.layout.absolute(sample)).column(column)
        }
        let own = test ?? (0..<task.profile.testRowCount).map(String.init)
        var stream = RandomStream(seed: task.fingerprint.rawValue, purpose: "training row names")
        train = IdentifierFormat(learningFrom: own).make(
            task.profile.trainingRowCount, avoiding: Set(own), stream: &stream)
        self.test = own
    }
}
