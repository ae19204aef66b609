public import Vocabulary

/// What every role is told of the task and of where its scripts run.
public struct AgentContext: Sendable {
    /// The machine and the Python a script gets.
    public struct Machine: Hashable, Sendable {
        /// The interpreter's packages as `name==version`, sorted; empty where the workers are not known.
        public var packages: [String]
        /// Cores of one script.
        public var cores: Int
        /// The graphics processor, where there is one.
        public var gpu: String?
        /// Limits of one script.
        public var limits: Limits

        /// A machine.
        public init(packages: [String], cores: Int, gpu: String?, limits: Limits) {
            self.packages = packages
            self.cores = cores
            self.gpu = gpu
            self.limits = limits
        }
    }

    /// What is asked.
    public let task: TaskSpecification
    /// Whether scores come from labels that scripts never see; else from the line each script prints.
    public let isHidden: Bool
    /// The data as scripts see it during the search, in words.
    public let preview: String
    /// Rows of the training table.
    public let trainingRowCount: Int
    /// Where scripts run.
    public let machine: Machine
    /// Training rows a script works on at most where scores are self-reported.
    public let subsampleRows = 30_000

    /// A context.
    public init(
        task: TaskSpecification, isHidden: Bool, preview: String, trainingRowCount: Int, machine: Machine
    ) {
        self.task = task
        self.isHidden = isHidden
        self.preview = preview
        self.trainingRowCount = trainingRowCount
        self.machine = machine
    }

    /// The values that the shared parts of all prompts need.
    func values(_ bounds: Bounds) -> [String: String] {
        [
            "description": task.description.cutOff(at: bounds.description),
            "kind": task.kind.rawValue, "metric": task.metric.name, "better": task.direction.rawValue,
            "targets": task.targets.joined(separator: ", "),
            "classes": task.classes.joined(separator: ", ").cutOff(at: 1_000),
            "header": task.submission.header.joined(separator: ", ").cutOff(at: 2_000), "contents": contents,
            "preview": preview.cutOff(at: bounds.preview), "environment": environment(bounds),
            "limits": limits, "hidden": isHidden ? "yes" : "", "reported": isHidden ? "" : "yes",
            "labels": isHidden && namesOneLabel ? "yes" : "",
            "subsample": "\(subsampleRows)", "rows": "\(trainingRowCount)",
        ]
    }

    /// Whether class probabilities beside the labels are of use.
    private var namesOneLabel: Bool {
        task.submission.columns.map(\.content) == [.label] && task.classes.count > 1
    }

    private var contents: String {
        let columns = task.submission.columns.prefix(20).map { column in
            let of = column.positiveClass.map { " of class \($0)" } ?? ""
            return "\(column.name): \(column.content.words)\(of)"
        }
        let more = task.submission.columns.count > 20 ? "; and \(task.submission.columns.count - 20) more alike" : ""
        return columns.joined(separator: "; ") + more
    }

    private var limits: String {
        "\(machine.limits.wall.components.seconds) s of wall time, \(machine.limits.memoryBytes >> 20) MiB of memory, "
            + "\(machine.cores) CPU core\(machine.cores == 1 ? "" : "s"), \(machine.gpu ?? "no GPU")."
    }

    private func environment(_ bounds: Bounds) -> String {
        let packages =
            machine.packages.isEmpty
            ? "Which packages are installed is not known; numpy, scipy, pandas and scikit-learn are."
            : "Installed packages and nothing else: " + machine.packages.joined(separator: ", ")
        return "Limits of one run: \(limits) No network.\n" + packages.cutOff(at: bounds.environment)
    }
}

extension PredictionContent {
    fileprivate var words: String {
        switch self {
        case .probability: "a probability from 0 to 1"
        case .number: "a number"
        case .nonNegativeNumber: "a number not below 0"
        case .label: "a class label"
        case .text: "a text"
        }
    }
}
