public import Vocabulary

/// The ways people write metrics, and what each way means.
///
/// Metrics that cannot be computed are listed too: "balanced accuracy" must not be read as accuracy.
enum MetricNames {
    /// What a phrase means.
    enum Meaning: Hashable {
        case metric(Metric)
        /// A family whose member is not said, such as "F1": the names to choose from.
        case family(String, [String])
        /// A metric that exists but cannot be computed here.
        case unsupported(String)

        /// As errors show it.
        var shown: String {
            switch self {
            case .metric(let metric): metric.name
            case .family(let name, _), .unsupported(let name): name
            }
        }
    }

    /// A way to write a metric: lower-case words; `#` stands for a whole number.
    struct Phrase {
        let words: [String]
        let meaning: Meaning
        /// Only in exactly this spelling, because in lower case it is an ordinary word.
        let exact: String?
    }

    /// The names that `metric:` in `task.yaml` takes.
    static let allowed = (Metric.named.map(\.name) + ["map@K"]).joined(separator: ", ")

    /// All phrases, those with more words first.
    static let phrases: [Phrase] = {
        var all: [Phrase] = []
        for (metric, spellings) in supported {
            all += spellings.map { Phrase(words: words($0), meaning: .metric(metric), exact: nil) }
        }
        for (name, spellings) in unsupported {
            all += spellings.map { Phrase(words: words($0), meaning: .unsupported(name), exact: nil) }
        }
        let f1 = Meaning.family("F1", ["macro_f1", "micro_f1"])
        all += ["f1", "f1 score", "f score", "f measure"].map { Phrase(words: words($0), meaning: f1, exact: nil) }
        let map = Meaning.family("mean average precision", ["map@K"])
        all.append(Phrase(words: words("mean average precision"), meaning: map, exact: nil))
        all += exactWords.map { Phrase(words: [$0.lowercased()], meaning: $1, exact: $0) }
        return all.enumerated().sorted {
            ($1.element.words.count, $0.offset) < ($0.element.words.count, $1.offset)
        }.map(\.element)
    }()

    private static func words(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }

    private static let exactWords: [(String, Meaning)] = [
        ("PER", .metric(.phonemeErrorRate)), ("CER", .metric(.characterErrorRate)),
        ("MAP", .family("mean average precision", ["map@K"])), ("WER", .unsupported("word error rate")),
    ]

    private static let supported: [(Metric, [String])] = [
        (
            .auc,
            [
                "auc", "auroc", "roc auc", "auc roc", "area under the roc curve", "area under roc curve",
                "area under the roc",
                "area under roc", "area under the receiver operating characteristic curve",
                "area under receiver operating characteristic curve",
                "area under the receiver operating characteristic",
                "area under the curve", "roc auc score",
            ]
        ),
        (
            .meanColumnAUC,
            [
                "mean column auc", "mean column wise auc", "mean column wise roc auc", "column wise roc auc",
                "column wise auc", "mean columnwise auc", "mean columnwise roc auc",
                "average auc of each predicted column",
                "average of the individual aucs of each predicted column", "mean of the individual aucs",
            ]
        ),
        (
            .logLoss,
            [
                "logloss", "log loss", "logarithmic loss", "cross entropy", "cross entropy loss",
                "binary cross entropy",
                "categorical cross entropy", "multi class logarithmic loss", "multiclass logarithmic loss",
                "multi class log loss", "multiclass log loss", "multi class logloss", "multiclass logloss",
                "binary log loss",
                "negative log likelihood",
            ]
        ),
        (
            .accuracy,
            [
                "accuracy", "accuracy score", "classification accuracy", "categorization accuracy",
                "multi class classification accuracy", "percentage of correct predictions",
                "share of correct predictions",
            ]
        ),
        (
            .macroF1,
            [
                "macro f1", "macro f1 score", "f1 macro", "macro averaged f1", "macro averaged f1 score",
                "macro average f1", "macro averaged f score", "macro f score", "f1 score macro",
            ]
        ),
        (
            .microF1,
            [
                "micro f1", "micro f1 score", "f1 micro", "micro averaged f1", "micro averaged f1 score",
                "micro average f1", "f1 score micro",
            ]
        ),
        (
            .matthewsCorrelation,
            [
                "mcc", "matthews correlation coefficient", "matthews correlation",
                "matthew s correlation coefficient",
            ]
        ),
        (
            .quadraticWeightedKappa,
            [
                "qwk", "quadratic weighted kappa", "quadratically weighted kappa",
                "cohen s kappa with quadratic weights", "quadratic kappa",
            ]
        ),
        (
            .rootMeanSquaredError,
            [
                "rmse", "root mean squared error", "root mean square error", "root mean squared errors",
                "root mean square deviation",
            ]
        ),
        (
            .rootMeanSquaredLogarithmicError,
            [
                "rmsle", "root mean squared logarithmic error",
                "root mean square logarithmic error", "root mean squared log error", "root mean square log error",
                "mean column wise root mean squared logarithmic error",
                "column wise root mean squared logarithmic error",
            ]
        ),
        (.meanAbsoluteError, ["mae", "mean absolute error", "mean absolute errors"]),
        (
            .coefficientOfDetermination,
            ["r2", "r^2", "r²", "r 2", "r2 score", "r squared", "coefficient of determination"]
        ),
        (
            .spearman,
            [
                "spearman", "spearman correlation", "spearman s correlation", "spearman rank correlation",
                "spearman s rank correlation", "spearman s rank correlation coefficient",
                "spearman s correlation coefficient",
            ]
        ),
        (.exactMatch, ["exact match", "exact string match", "exact match accuracy", "exact match rate"]),
        (.phonemeErrorRate, ["phoneme error rate"]),
        (.characterErrorRate, ["character error rate"]),
    ]

    private static let unsupported: [(String, [String])] = [
        ("balanced accuracy", ["balanced accuracy", "balanced accuracy score"]),
        ("weighted F1", ["weighted f1", "weighted f1 score", "f1 weighted", "weighted averaged f1"]),
        ("F-beta", ["f beta", "fbeta", "f2", "f2 score", "f0 5", "f0 5 score"]),
        ("mean F1 over samples", ["samples f1", "mean f1", "mean f1 score", "mean f score"]),
        ("mean squared error", ["mse", "mean squared error", "mean square error"]),
        ("mean squared logarithmic error", ["msle", "mean squared logarithmic error"]),
        (
            "mean absolute percentage error",
            ["mape", "mean absolute percentage error", "smape", "symmetric mean absolute percentage error"]
        ),
        (
            "root mean squared percentage error",
            ["rmspe", "root mean squared percentage error", "root mean square percentage error"]
        ),
        ("weighted mean absolute error", ["wmae", "weighted mean absolute error"]),
        ("median absolute error", ["median absolute error"]),
        (
            "weighted log loss",
            [
                "weighted log loss", "weighted logloss", "weighted multi class log loss",
                "weighted logarithmic loss", "weighted multi label logarithmic loss",
            ]
        ),
        ("weighted accuracy", ["weighted accuracy", "weighted categorization accuracy"]),
        (
            "misclassification error",
            [
                "misclassification error", "misclassification error rate", "misclassification rate",
                "classification error", "classification error rate", "zero one loss",
            ]
        ),
        ("partial AUC", ["partial auc", "partial area under the roc curve"]),
        (
            "area under the precision-recall curve",
            ["pr auc", "auc pr", "auprc", "average precision", "area under the precision recall curve"]
        ),
        ("Gini", ["gini", "normalized gini", "normalized gini coefficient", "gini coefficient"]),
        ("Cohen's kappa", ["kappa", "cohen kappa", "cohen s kappa", "linear weighted kappa", "weighted kappa"]),
        ("Pearson correlation", ["pearson", "pearson correlation", "pearson correlation coefficient"]),
        ("NDCG", ["ndcg", "normalized discounted cumulative gain"]),
        ("CRPS", ["crps", "continuous ranked probability score"]),
        ("pinball loss", ["pinball loss", "quantile loss"]),
        ("Brier score", ["brier score"]),
        ("intersection over union", ["iou", "intersection over union", "jaccard", "jaccard score", "jaccard index"]),
        ("Dice", ["dice", "dice coefficient"]),
        ("word error rate", ["word error rate"]),
        ("BLEU", ["bleu", "bleu score"]),
        ("Levenshtein distance", ["levenshtein distance", "levenshtein mean", "mean levenshtein distance"]),
        ("MCRMSE", ["mcrmse"]),
        ("log-cosh", ["log cosh"]),
        ("Hamming loss", ["hamming loss"]),
    ]
}

extension Metric {
    /// The metric that a text names in any way that descriptions may: `auc`, `AUC`, `Log loss`, `MAP@5`; `nil` when it
    /// names none or says more.
    public init?(spelling text: String) {
        let words = MetricText(text).words
        let lowered = words.map(\.lowered)
        let phrase = MetricNames.phrases.first { phrase in
            phrase.words == lowered && (phrase.exact == nil || phrase.exact == words.first?.written)
        }
        if let metric = Metric(name: text.trimmingBlanks.lowercased()) {
            self = metric
        } else if case .metric(let metric)? = phrase?.meaning {
            self = metric
        } else if let count = MetricText.precisionCount(words[...]), count.length == words.count,
            let metric = Metric(name: "map@\(count.at)")
        {
            self = metric
        } else {
            return nil
        }
    }
}
