import Vocabulary

/// The names that scripts find, whatever the owner's files are called.
enum MountFile {
    static let train = "train.csv"
    static let test = "test.csv"
    static let sample = "sample_submission.csv"
}

extension TaskFolder {
    /// Where scripts find the rows to predict, relative to the mount: under our name and, where it differs, the owner's.
    public var testNames: [String] {
        let own = [layout.test].compactMap { $0 }.map(layout.mountPath)
        return [MountFile.test] + own.filter { $0 != MountFile.test }
    }
}

/// Puts the files that are no tables into a mount.
struct MountExtras {
    let task: TaskFolder

    /// A search mount does without the tables that hold labels.
    func place(isSearch: Bool, with builder: inout MountBuilder) throws(TaskError) {
        let layout = task.layout
        let description = FileNames.last(layout.description)
        let withheld = Set(task.withheld)
        if !builder.has(description) { try builder.write(description, text: task.specification.description) }
        // The owner's own names for the tables keep working.
        try builder.alias(layout.mountPath(layout.train), for: MountFile.train)
        if let test = layout.test { try builder.alias(layout.mountPath(test), for: MountFile.test) }
        if let sample = layout.sample { try builder.alias(layout.mountPath(sample), for: MountFile.sample) }
        for path in layout.extras where !(isSearch && withheld.contains(path)) {
            try builder.place(layout.absolute(path), as: layout.mountPath(path))
        }
        for folder in layout.folders {
            for file in try FolderListing.files(below: layout.absolute(folder)) {
                let path = folder + "/" + file
                guard !(isSearch && withheld.contains(path)) else { continue }
                try builder.place(layout.absolute(path), as: layout.mountPath(path))
            }
        }
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
        try writeTables(with: &builder)
        if !builder.has(MountFile.sample), let sample = layout.sample, !isNumbered {
            try builder.place(layout.absolute(sample), as: MountFile.sample)
        }
        if !builder.has(MountFile.sample), let test = layout.test {
            let column = task.identity.tableColumn ?? task.identity.column
            let ids =
                isNumbered
                ? try RowNames(task: task).test : try CSVFile(path: layout.absolute(test)).column(column) ?? []
            try SampleWriter(task: task).write(ids, with: &builder)
        }
        try MountExtras(task: task).place(isSearch: false, with: &builder)
    }

    /// Tables of a task without an id column get one.
    private var isNumbered: Bool {
        if case .rowOrder = task.identity { return task.layout.test != nil }
        return false
    }

    /// The tables as they are, unless scripts see other columns than the owner.
    private func writeTables(with builder: inout MountBuilder) throws(TaskError) {
        let layout = task.layout
        let names = isNumbered ? try RowNames(task: task) : nil
        let isRenamed = task.identity.tableColumn.map { $0 != task.identity.column } ?? false
        let isChanged = names != nil || isRenamed || !task.silent.isEmpty
        for (path, name, ids) in [
            (layout.train, MountFile.train, names?.train), (layout.test, MountFile.test, names?.test),
        ] {
            guard let path else { continue }
            if isChanged {
                try write(layout.absolute(path), as: name, ids: ids, with: &builder)
            } else {
                try builder.place(layout.absolute(path), as: name)
            }
        }
    }

    private func write(
        _ path: String, as name: String, ids: [String]?, with builder: inout MountBuilder
    ) throws(TaskError) {
        let file = try CSVFile(path: path)
        let layout = ColumnLayout(names: file.names, in: file.names, task: task, rewritings: [:])
        let place = task.identity.tableColumn.flatMap { file.names.firstIndex(of: $0) }
        try builder.write(name) { record in
            record { $0.record(layout.header) }
            file.forEachRow { row, fields in
                let id = ids?[row] ?? place.map { fields.text($0) } ?? ""
                record { layout.write(fields, id: id, to: &$0) }
            }
        }
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
