/// What the names of files say about their role.
enum FileNames {
    /// Description files in order of preference.
    static let descriptions = [
        "description.md", "task_description.txt", "task_description.md", "description.txt", "task.md", "overview.md",
        "readme.md", "readme.txt",
    ]

    private static let trains = [
        "train.csv", "training.csv", "train_data.csv", "train_set.csv", "training_data.csv", "train_labels.csv",
        "labels.csv",
    ]
    private static let tests = ["test.csv", "testing.csv", "test_data.csv", "test_set.csv"]
    private static let notDescriptions = [
        "data_description.txt", "data_description.md", "requirements.txt", "license.txt", "license.md",
        "data_dictionary.txt",
    ]

    static func last(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

    static func isTrain(_ name: String) -> Bool { trains.contains(name.lowercased()) }

    static func isTest(_ name: String) -> Bool { tests.contains(name.lowercased()) }

    /// `train_labels.csv`, `labels.csv`: a training table, unless another file has the features.
    static func isLabelsOnly(_ name: String) -> Bool { name.lowercased().hasSuffix("labels.csv") }

    /// `train_values.csv`, `train_features.csv` of the part `train`.
    static func isFeaturesOnly(_ name: String, of part: String) -> Bool {
        let plain = name.lowercased().filter { $0 != "_" && $0 != "-" && $0 != " " }
        return ["values", "features", "data", "inputs"].contains {
            plain == "\(part)\($0).csv" || (part == "train" && plain == "training\($0).csv")
        } || plain == "x\(part).csv"
    }

    /// `sample_submission.csv`, `sampleSubmission.csv`, `SampleSubmission_stage1.csv`, `gender_submission.csv`,
    /// `…_null.csv`.
    static func isSample(_ name: String) -> Bool {
        let lowered = name.lowercased()
        guard lowered.hasSuffix(".csv") else { return false }
        let plain = lowered.filter { $0 != "_" && $0 != "-" && $0 != " " }
        return plain.hasPrefix("samplesubmission") || plain.hasPrefix("submissionsample")
            || plain.hasPrefix("submissionformat") || plain == "gendersubmission.csv" || lowered.hasSuffix("_null.csv")
    }

    /// The spelling that wins when several files could have the role.
    static func isCanonical(_ name: String) -> Bool {
        let lowered = name.lowercased()
        return ["train.csv", "test.csv", "sample_submission.csv", "samplesubmission.csv"].contains(lowered)
    }

    static func isArchive(_ name: String) -> Bool {
        let lowered = name.lowercased()
        return [".zip", ".gz", ".7z"].contains { lowered.hasSuffix($0) }
    }

    /// `test.csv.zip`, `test.zip`, `sampleSubmission.csv.gz`.
    static func isPackedTable(_ name: String) -> Bool {
        let lowered = name.lowercased()
        guard let dot = lowered.lastIndex(of: ".") else { return false }
        let inner = String(lowered[..<dot])
        let table = inner.hasSuffix(".csv") ? inner : inner + ".csv"
        return isTrain(table) || isTest(table) || isSample(table)
    }

    static func isText(_ name: String) -> Bool {
        let lowered = name.lowercased()
        return (lowered.hasSuffix(".md") || lowered.hasSuffix(".txt")) && !notDescriptions.contains(lowered)
    }
}
