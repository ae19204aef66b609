import Testing
import Vocabulary

@testable import Tasks

@Suite("metrics in descriptions", .timeLimit(.minutes(5)))
struct MetricTests {
    private func find(_ evaluation: String, heading: String = "## Evaluation") throws -> MetricFinder.Finding {
        let text =
            "# Task\nWe had accuracy problems with the R2 sensor.\n\n\(heading)\n\(evaluation)\n\n"
            + "## Data\nMAE of the maker: 3.\n"
        return try MetricFinder(description: DescriptionText(whole: text), fileName: "description.md").find()
    }

    private func fault(_ evaluation: String) -> String {
        do {
            return "found \(try find(evaluation).metric)"
        } catch {
            return (error as? TaskError)?.message ?? "\(error)"
        }
    }

    @Test(
        "each metric is found in the words people use",
        arguments: [
            ("evaluated on area under the ROC curve between the predicted probability and the observed target", "auc"),
            ("the area under the **receiver operating characteristic** curve", "auc"),
            (
                "mean column-wise ROC AUC, the average of the individual AUCs of each predicted column",
                "mean_column_auc"
            ),
            ("Submissions are scored on log loss", "logloss"),
            ("multi-class logarithmic loss. Each row has one true class.", "logloss"),
            ("the categorization accuracy of your predictions (the percentage of images you get correct)", "accuracy"),
            ("**Macro-averaged F1** over the seven classes", "macro_f1"),
            ("micro-averaged F1 score", "micro_f1"),
            ("Matthews correlation coefficient (MCC)", "mcc"),
            ("scored with the quadratic weighted kappa, which measures agreement", "qwk"),
            (
                "[Root-Mean-Squared-Error (RMSE)](https://en.wikipedia.org/wiki/Root-mean-square_deviation) of the price",
                "rmse"
            ),
            ("root_mean_squared_error", "rmse"),
            ("**RMSLE**: the RMSE between log(1 + predicted) and log(1 + true)", "rmsle"),
            ("RMSE between the logarithm of the predicted value and the logarithm of the price.", "rmsle"),
            ("column-wise root mean squared logarithmic error", "rmsle"),
            ("Mean absolute error (MAE) over all columns", "mae"),
            ("the coefficient of determination R²", "r2"),
            ("Spearman's rank correlation coefficient", "spearman"),
            ("Phoneme error rate (PER): the summed edit distance", "per"),
            ("character error rate", "cer"),
            ("Mean Average Precision @ 5 (MAP@5)", "map@5"),
            ("mean average precision at 3", "map@3"),
            ("exact match of the normalised text", "exact"),
        ])
    func names(text: String, metric: String) throws { #expect(try find(text).metric.name == metric) }

    @Test("only the evaluation section counts when it names a metric")
    func section() throws {
        #expect(try find("AUC").metric == .auc)
        #expect(try find("RMSE", heading: "# Metric").metric == .rootMeanSquaredError)
        #expect(try find("RMSE", heading: "**Evaluation**").metric == .rootMeanSquaredError)
        #expect(try find("RMSE", heading: "Evaluation metric:").metric == .rootMeanSquaredError)
    }

    @Test("ordinary words are no metrics")
    func ordinaryWords() { #expect(fault("One score per row, see the map.").contains("names more than one metric")) }

    @Test("two metrics are refused with both names")
    func two() {
        let message = fault("We use accuracy and the AUC.")
        #expect(message.contains("names more than one metric: 'accuracy' and 'auc'"))
        #expect(message.contains("the evaluation section of description.md"))
        #expect(message.contains("task.yaml, such as 'metric: accuracy'"))
    }

    @Test(
        "metrics that cannot be computed are not taken for similar ones",
        arguments: [
            ("balanced accuracy", "balanced accuracy"),
            ("weighted mean absolute error (WMAE)", "weighted mean absolute error"),
            ("Root Mean Square Percentage Error (RMSPE)", "root mean squared percentage error"),
            ("normalized Gini coefficient", "Gini"), ("mean squared error", "mean squared error"),
            ("Dice coefficient", "Dice"),
        ])
    func unsupported(text: String, name: String) {
        #expect(
            fault(text).contains("asks for \(name), which cannot be computed. Write the nearest of these as 'metric:'"))
    }

    @Test("F1 alone is not exact enough")
    func family() {
        #expect(fault("the F1 score").contains("'F1', which is not exact enough. Write 'metric: macro_f1' or"))
    }

    @Test("a direction that contradicts the metric is refused")
    func direction() {
        #expect(
            fault("AUC. Lower is better.").contains(
                "says that lower is better, but for the metric 'auc' higher is better"))
        #expect(fault("RMSE, the higher the better").contains("higher is better, but for the metric 'rmse' lower"))
        #expect(fault("RMSE; lower is better") == "found rmse")
    }

    @Test("a description without a metric is refused with the list")
    func none() {
        let text = DescriptionText(whole: "# Task\nPredict y.\n")
        let finder = MetricFinder(description: text, fileName: "task.md")
        let error = #expect(throws: TaskError.self) { try finder.find() }
        #expect(
            error?.message.contains(
                "task.md names no known metric. Write 'metric:' with one of these in task.yaml: auc") == true)
    }

    @Test("RMSE between logarithms is noted")
    func note() throws { #expect(try find("RMSE between the logarithms").note?.contains("log(1 + x)") == true) }
}
