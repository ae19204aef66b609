/// How often each true class met each predicted class in one column, ready to be counted again for a resample.
///
/// Only pairs that occur have a cell, so that a thousand classes do not cost a million cells a resample.
struct ConfusionTable: Sendable {
    /// What is made of the counts.
    enum Measure: Sendable { case macroF1, matthewsCorrelation }

    /// Each row's cell.
    private let cellOfRow: [Int]
    private let cells: [Cell]
    private let classCount: Int

    private struct Cell: Hashable {
        let truth: Int
        let prediction: Int
    }

    /// A table of one column; both sides are keys of labels, by row. `classes` only settles the order of summation.
    init(truth: [String], predictions: [String], classes: [String]) {
        var codes: [String: Int] = [:]
        for label in classes where codes[label] == nil { codes[label] = codes.count }
        func code(_ label: String) -> Int {
            if let known = codes[label] { return known }
            codes[label] = codes.count
            return codes.count - 1
        }
        var places: [Cell: Int] = [:]
        var cells: [Cell] = []
        cellOfRow = zip(truth, predictions).map { truth, prediction in
            let cell = Cell(truth: code(truth), prediction: code(prediction))
            if let place = places[cell] { return place }
            places[cell] = cells.count
            cells.append(cell)
            return cells.count - 1
        }
        self.cells = cells
        classCount = codes.count
    }

    /// The measure when row r occurs `multiplicities[r]` times.
    func value(_ measure: Measure, multiplicities: [Double]) -> Double {
        var counts = [Double](repeating: 0, count: cells.count)
        for (row, cell) in cellOfRow.enumerated() { counts[cell] += multiplicities[row] }
        var margins = Margins(classCount: classCount)
        for (cell, count) in zip(cells, counts) {
            margins.truth[cell.truth] += count
            margins.prediction[cell.prediction] += count
            if cell.truth == cell.prediction { margins.agreement[cell.truth] += count }
        }
        return switch measure {
        case .macroF1: margins.macroF1
        case .matthewsCorrelation: margins.matthewsCorrelation
        }
    }
}

/// Counts by class: how often it is true, how often predicted, how often both at once.
private struct Margins {
    var truth: [Double]
    var prediction: [Double]
    var agreement: [Double]

    init(classCount: Int) {
        truth = [Double](repeating: 0, count: classCount)
        prediction = truth
        agreement = truth
    }

    /// The mean F1 of the classes that occur in truth or predictions, as scikit-learn takes them by default.
    var macroF1: Double {
        var sum = 0.0
        var occurring = 0.0
        for label in truth.indices where truth[label] + prediction[label] > 0 {
            sum += 2 * agreement[label] / (truth[label] + prediction[label])
            occurring += 1
        }
        return sum / occurring
    }

    /// Matthews correlation for any number of classes (Gorodkin 2004); 0 where truth or predictions are one class.
    var matthewsCorrelation: Double {
        let total = truth.reduce(0, +)
        let right = agreement.reduce(0, +)
        var chance = 0.0
        var truthSquares = 0.0
        var predictionSquares = 0.0
        for label in truth.indices {
            chance += truth[label] * prediction[label]
            truthSquares += truth[label] * truth[label]
            predictionSquares += prediction[label] * prediction[label]
        }
        let spread = (total * total - truthSquares) * (total * total - predictionSquares)
        return spread > 0 ? (right * total - chance) / spread.squareRoot() : 0
    }
}
