import Testing
import Vocabulary

@testable import Tasks

@Suite("task.yaml", .timeLimit(.minutes(5)))
struct SettingsTests {
    private func fault(_ yaml: String) throws -> String {
        try TasksTests.fault(Sample.replacing(Sample.churn(), ["task.yaml": yaml]))
    }

    private func read(_ yaml: String) throws -> TaskFolder {
        try Sample.task(Sample.replacing(Sample.churn(), ["task.yaml": yaml])).task
    }

    @Test("every key is taken")
    func keys() throws {
        let task = try read(
            """
            name: my-task
            description: description.md
            metric: logloss
            direction: lower
            kind: binary
            id: id
            targets: [churn]
            classes: ["0", "1"]
            files: {train: train.csv, test: test.csv, sample_submission: sample_submission.csv}
            split: {kind: grouped, column: tenure}
            submission:
              churn: {target: churn, positive: "0", content: probability}
            hidden: true
            """)
        #expect(task.specification.name == "my-task")
        #expect(task.specification.metric == .logLoss)
        #expect(task.split == SplitAdvice(kind: .grouped(column: "tenure"), reason: "task.yaml says so"))
        #expect(task.specification.submission.columns[0].positiveClass == "0")
    }

    @Test("an empty task.yaml says nothing")
    func empty() throws { #expect(try read("# nothing\n").specification.metric == .auc) }

    @Test("unknown keys are named with line and the allowed ones")
    func unknownKey() throws {
        let message = try fault("metric: auc\nmetrik: auc\n")
        #expect(
            message.contains("task.yaml, line 2: unknown key 'metrik'; allowed: name, description, metric, direction"))
        #expect(
            try fault("files: {training: a.csv}").contains("unknown key 'training' in 'files'; allowed: train, test"))
        #expect(try fault("submission: {churn: {colour: red}}").contains("unknown key 'colour' in 'submission.churn'"))
    }

    @Test("wrong values are named with what is allowed, all at once")
    func wrongValues() throws {
        let message = try fault("metric: aucc\nkind: ternary\ndirection: up\nhidden: maybe\nname: a/b\ntargets: []\n")
        for part in [
            "line 1: 'metric' is 'aucc'; allowed: auc, mean_column_auc", "line 2: 'kind' is 'ternary'; allowed: binary",
            "line 3: 'direction' is 'up'; allowed: lower, higher", "line 4: 'hidden' is 'maybe'; allowed: true, false",
            "line 5: 'name' is 'a/b'; allowed: letters", "line 6: 'targets' must be a list",
        ] {
            #expect(message.contains(part), "\(part)\n\(message)")
        }
    }

    @Test("a split must be complete")
    func split() throws {
        #expect(try fault("split: {kind: grouped}").contains("split of kind 'grouped' needs 'column'"))
        #expect(try fault("split: {kind: plain, column: x}").contains("leave that key out"))
        #expect(
            try fault("split: {column: x}").contains("split needs 'kind', one of: stratified, grouped, forward, plain"))
        #expect(try fault("split: grouped").contains("'split' must hold 'key: value' lines with the keys kind, column"))
        #expect(
            try fault("split: {kind: grouped, column: town}")
                .contains(
                    "'split.column' is 'town', but train.csv has no such column. Allowed: id, tenure, plan, churn"))
        #expect(
            try fault("split: {kind: forward, column: plan}")
                .contains("'split.column' is 'plan', but not all its fields in train.csv are dates or numbers"))
    }

    @Test("ids without a group in front are no groups")
    func groupedByID() throws {
        #expect(
            try fault("split: {kind: grouped, column: id}")
                .contains("'split.column' is 'id', but it names single rows. Name a column whose values repeat"))
    }

    @Test("names must exist in the tables")
    func names() throws {
        #expect(
            try fault("id: key").contains(
                "'id' is 'key', but sample_submission.csv has no such column. Allowed: id, churn"))
        #expect(
            try fault("targets: [lost]").contains(
                "'targets' has 'lost', but train.csv has no such column. Allowed: churn"))
        #expect(
            try fault("submission: {gone: {target: churn}}")
                .contains("'submission' has the key 'gone', but sample_submission.csv has no such column"))
        #expect(try fault("submission: {churn: {target: lost}}").contains("'submission.churn.target' is 'lost'"))
        #expect(
            try fault("files: {train: data.csv}").contains("'files.train' is 'data.csv', but there is no such file"))
        #expect(try fault("description: text.md").contains("'description' is 'text.md', but there is no such file"))
        #expect(try fault("classes: [a, b]").contains("'classes' lacks '0', which occurs in the targets"))
    }

    @Test("what contradicts the metric is refused")
    func contradictions() throws {
        #expect(
            try fault("direction: lower").contains("'direction' is 'lower', but for the metric 'auc' higher is better"))
        #expect(
            try fault("kind: regression").contains(
                "'kind' is 'regression', but the metric 'auc' with these targets allows: binary"))
    }

    @Test("broken YAML is said to be broken")
    func broken() throws { #expect(try fault("metric: [auc").contains("task.yaml is not YAML")) }

    @Test("the metric of task.yaml wins over the description")
    func metricWins() throws { #expect(try read("metric: accuracy").specification.metric == .accuracy) }

    @Test("a metric may be spelt as descriptions spell it", arguments: ["Accuracy", "ACCURACY", "accuracy score"])
    func metricSpelling(text: String) throws {
        #expect(try read("metric: \(text)").specification.metric == .accuracy)
    }

    @Test("a folder read with its own template is understood in the same way")
    func template() throws {
        let renamed = Sample.replacing(
            Sample.churn(), ["sample_submission.csv": Sample.csv("customer,churn", (41...52).map { "\($0),0.5" })])
        for files in [Sample.churn(), Sample.prices(), LayoutTests.mleStar, renamed, IdentityTests.grouped()] {
            let (folder, task) = try Sample.task(files)
            try folder.write("task.yaml", task.yamlTemplate())
            let again = try TaskFolder.read(folder.path)
            #expect(again.specification == task.specification)
            #expect(again.identity == task.identity)
            #expect(again.split.kind == task.split.kind)
            #expect(again.hiddenEvaluation == task.hiddenEvaluation)
        }
    }

    @Test("a template says why labels cannot be hidden, and the next check says the same")
    func templateReason() throws {
        let (folder, task) = try Sample.task(Sample.replacing(Sample.churn(), ["test/41.png": "x"]))
        let template = task.yamlTemplate()
        #expect(
            template.contains("# hidden: labels cannot be hidden, because the folder 'test' has a file for each row"))
        try folder.write("task.yaml", template)
        #expect(try TaskFolder.read(folder.path).hiddenEvaluation == task.hiddenEvaluation)
        #expect(try read("hidden: false").yamlTemplate().contains("\nhidden: false\n"))
    }
}
