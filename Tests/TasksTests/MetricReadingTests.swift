import Testing
import Vocabulary

@testable import Tasks

@Suite("metrics that a description qualifies", .timeLimit(.minutes(5)))
struct MetricReadingTests {
    private func find(_ text: String) throws -> MetricFinder.Finding {
        try MetricFinder(description: DescriptionText(whole: text), fileName: "description.md").find()
    }

    /// What is found, or the error, of an evaluation section.
    private func read(_ evaluation: String) -> String { readWhole("# Task\n\n## Evaluation\n\(evaluation)\n") }

    private func readWhole(_ text: String) -> String {
        do {
            return try find(text).metric.name
        } catch {
            return "\(error)"
        }
    }

    @Test(
        "words beside a name that make another metric of it",
        arguments: [
            ("mean per-class accuracy", "mean per-class accuracy"),
            ("average class accuracy", "mean per-class accuracy"),
            ("accuracy averaged over the five classes", "mean per-class accuracy"),
            ("accuracy of each class, then the mean", "mean per-class accuracy"),
            ("class-wise accuracy", "mean per-class accuracy"),
            ("accuracy within 5%", "accuracy within a tolerance"), ("weighted AUC", "weighted auc"),
            ("AUC (weighted by region)", "weighted auc"), ("weighted mean ROC AUC", "weighted auc"),
            ("balanced multi-class accuracy", "balanced accuracy"), ("weighted RMSE", "weighted rmse"),
            ("normalized root mean squared error", "normalized rmse"), ("normalised RMSE", "normalized rmse"),
            ("RMSE, normalized by the mean", "normalized rmse"), ("relative RMSE", "relative rmse"),
            ("weighted MAE", "weighted mae"), ("log MAE", "log mae"),
            ("mean absolute error between the logarithms of both", "mae of logarithms"), ("adjusted R2", "adjusted r2"),
            ("R² (adjusted)", "adjusted r2"), ("the error is 1 - AUC", "1 - auc"),
            ("one minus accuracy", "1 - accuracy"),
            ("top-5 accuracy", "top-K accuracy"), ("mean per-user AUC", "auc per user"),
        ])
    func qualified(text: String, name: String) {
        #expect(
            read(text).contains("asks for \(name), which cannot be computed. Write the nearest of these as 'metric:'"),
            "\(read(text))")
    }

    @Test("an error rate that is explained by accuracy is not accuracy")
    func errorRate() {
        #expect(read("misclassification error rate (1 - accuracy)").contains("names more than one metric"))
        #expect(read("the misclassification rate").contains("asks for misclassification error"))
    }

    @Test(
        "words that only look like it leave the metric alone",
        arguments: [
            ("multi-class accuracy", "accuracy"), ("accuracy over the seven classes", "accuracy"),
            ("the multi-class classification accuracy of each submission", "accuracy"),
            ("Two parts are weighted equally; RMSE", "rmse"), ("1. Accuracy", "accuracy"),
            ("phase 1: accuracy", "accuracy"), ("Stage 1 - AUC", "auc"),
            ("the mean of per-column RMSE", "rmse"), ("normalized text. Exact match", "exact"),
            ("one prediction per row, scored by AUC", "auc"), ("mean AUC", "auc"),
            ("log loss (negative log-likelihood of the true class)", "logloss"),
            ("AUC (normalized to lie between 0 and 1)", "auc"),
        ])
    func innocent(text: String, name: String) { #expect(read(text) == name) }

    @Test(
        "RMSLE is meant only where logarithms are taken of values",
        arguments: [
            ("RMSE between the logarithm of the predicted and of the true price", "rmsle"),
            ("RMSE of `log(1 + price)`", "rmsle"), ("RMSE on the column log_price", "rmse"),
            ("RMSE (not log-transformed)", "rmse"), ("RMSE without taking the logarithm of the price", "rmse"),
        ])
    func logarithms(text: String, name: String) { #expect(read(text) == name) }

    @Test(
        "where it is not said whether logarithms are to be taken, an error asks",
        arguments: [
            "RMSE between predicted and true log solubility", "RMSE on log-transformed prices",
            "RMSE on log_price, the logarithm of the price", "We take the logarithm of all prices and compute RMSE",
        ])
    func unclearLogarithms(text: String) {
        #expect(
            read(text).contains("not exact enough. Write 'metric: rmse' or 'metric: rmsle' in task.yaml"),
            "\(read(text))")
    }

    @Test("the same question about another metric has one answer to write")
    func unclearLogarithmsOfOthers() {
        #expect(read("MAE in log space").contains("not exact enough. Write 'metric: mae' in task.yaml"))
        #expect(read("MAE on the column log_price") == "mae")
    }

    @Test(
        "a direction may be demanded by a verb",
        arguments: [
            "Minimize AUC", "Log loss; maximize it", "RMSE, to be maximised", "AUC. The lower the better.",
            "Minimise the area under the ROC curve", "MAE; higher scores are better",
        ])
    func verbs(text: String) { #expect(read(text).contains("is better, but for the metric"), "\(read(text))") }

    @Test(
        "a verb that agrees, or is not about the metric, does no harm",
        arguments: [
            ("Maximize AUC", "auc"), ("RMSE is minimized", "rmse"),
            ("Shops maximize what they earn in a year; the RMSE counts", "rmse"),
        ])
    func innocentVerbs(text: String, name: String) { #expect(read(text) == name) }

    @Test("a metric in passing is not taken; the error says what to write")
    func passing() {
        let message = readWhole("# Sensors\nThe accuracy of the sensors is high. Predict y.\n")
        #expect(
            message.contains("no section '## Evaluation' that says what counts, and names 'accuracy' only in passing"))
        #expect(message.contains("'The accuracy of the sensors is high'") && message.contains("'metric: accuracy'"))
    }

    @Test("without an evaluation section a sentence about scoring counts, and is noted")
    func prose() throws {
        let text = "# Sensors\nThe accuracy of the sensors is high.\n\nSubmissions are scored\nby RMSE. Predict y.\n"
        let finding = try find(text)
        #expect(finding.metric == .rootMeanSquaredError)
        #expect(finding.note?.contains("it was read from 'Submissions are scored by RMSE'") == true)
        #expect(try find("RMSE").metric == .rootMeanSquaredError)
        #expect(readWhole("Scored by RMSE. The metric is MAE.").contains("more than one metric: 'rmse' and 'mae'"))
    }
}
