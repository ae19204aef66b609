import Vocabulary

extension TaskFolder {
    /// How often a script is scored where nobody says so: more often the fewer rows there are, as few held-out rows tell
    /// good from lucky badly (decision 0016). Time only goes forward once, and groups may be few.
    public var usualFolds: Int {
        let rows = profile.trainingRowCount
        guard rows < 6_000 else { return 1 }
        switch split.kind {
        case .forwardInTime: return 1
        case .grouped: return 3
        case .stratified, .plain: return rows < 2_000 && isTablesAlone ? 5 : 3
        }
    }

    /// Whether scripts read nothing but the two tables: those that read pictures or sounds take long, however few these are.
    private var isTablesAlone: Bool {
        files.allSatisfy { file in
            switch file.role {
            case .extra, .folder: false
            case .description, .settings, .train, .test, .sampleSubmission: true
            }
        }
    }
}
