/// Compares labels as text, except that spellings between which CSV readers and writers do not distinguish are one
/// label.
///
/// A script that reads `1` writes `1` or `1.0`, depending on whether pandas made the column whole numbers or floats;
/// `01` comes back as `1` and `true` as `True`. So each label has a key (see `canonical(_:)`), and labels with the
/// same key are equal. Where two *classes* of the task have the same key, nothing but the exact text counts.
struct Labels: Sendable {
    /// The class as written in training by its key; empty when any label is allowed.
    private let spellings: [String: String]
    private let isExact: Bool

    /// The labels of a task; without classes any text but the empty one is a label.
    init(classes: [String]) {
        isExact = Set(classes.map(Labels.canonical)).count < Set(classes).count
        let keys = isExact ? classes : classes.map(Labels.canonical)
        spellings = Dictionary(zip(keys, classes), uniquingKeysWith: { first, _ in first })
    }

    /// What two spellings of one label have in common.
    func key(_ text: String) -> String { isExact ? text : Labels.canonical(text) }

    /// The label as the training rows write it, or `nil` when it is no class.
    func spelling(of text: String) -> String? {
        spellings.isEmpty ? (text.isEmpty ? nil : text) : spellings[key(text)]
    }

    /// Whether both are the same label.
    func areEqual(_ a: String, _ b: String) -> Bool { a == b || key(a) == key(b) }

    /// A whole number without sign `+`, leading zeros and a fraction of zeros; `True` and `False` for the spellings
    /// pandas reads as such; any other text unchanged.
    ///
    /// "1.0", "01", "+1", "1." → "1"; "-0.0" → "0"; "TRUE" → "True"; "1.5", "1e3", " 1", "a1" → unchanged.
    static func canonical(_ text: String) -> String {
        switch text {
        case "True", "TRUE", "true": return "True"
        case "False", "FALSE", "false": return "False"
        default: return wholeNumber(text.utf8) ?? text
        }
    }

    private static func wholeNumber(_ text: String.UTF8View) -> String? {
        let zero = UInt8(ascii: "0")
        var rest = text[...]
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
        let digits = rest.prefix { (zero...UInt8(ascii: "9")).contains($0) }
        let fraction = rest.dropFirst(digits.count)
        guard !digits.isEmpty, fraction.isEmpty || fraction.first == UInt8(ascii: "."),
            fraction.dropFirst().allSatisfy({ $0 == zero })
        else { return nil }
        let significant = Substring(digits.drop { $0 == zero })
        if significant.isEmpty { return "0" }
        return isNegative ? "-\(significant)" : String(significant)
    }
}
