import Testing

@testable import Scoring

@Suite("Labels and numbers as text", .timeLimit(.minutes(5)))
struct LabelTests {
    @Test(
        "whole numbers are one label however a CSV writer spells them",
        arguments: [
            ("1.0", "1"), ("01", "1"), ("+1", "1"), ("1.", "1"), ("1", "1"), ("-1.00", "-1"), ("-0", "0"),
            ("000", "0"), ("0.0", "0"), ("10", "10"), ("100.0", "100"),
        ])
    func wholeNumbers(_ pair: (spelling: String, label: String)) {
        #expect(Labels.canonical(pair.spelling) == pair.label)
    }

    @Test("the spellings of truth values that pandas reads are one label")
    func truthValues() {
        #expect(["true", "TRUE", "True"].map(Labels.canonical) == ["True", "True", "True"])
        #expect(["false", "FALSE", "False"].map(Labels.canonical) == ["False", "False", "False"])
    }

    @Test(
        "any other text is a label of its own",
        arguments: ["", "1.5", "1e3", " 1", "a1", "1a", "-", "+", ".", ".0", "1.0.0", "tRUE", "nan", "1.01", "--1"])
    func otherText(_ text: String) {
        #expect(Labels.canonical(text) == text)
    }

    @Test("a label comes back as training writes it")
    func spelling() {
        let labels = Labels(classes: ["01", "2.0", "yes", "True"])
        #expect(labels.spelling(of: "1.0") == "01")
        #expect(labels.spelling(of: "2") == "2.0")
        #expect(labels.spelling(of: "true") == "True")
        #expect(labels.spelling(of: "yes") == "yes")
        #expect(labels.spelling(of: "Yes") == nil)
        #expect(labels.spelling(of: "") == nil)
    }

    @Test("where two classes differ only in spelling, the exact text counts")
    func exactClasses() {
        let labels = Labels(classes: ["1", "01", "2"])
        #expect(!labels.areEqual("1", "01"))
        #expect(!labels.areEqual("2", "2.0"))
        #expect(labels.spelling(of: "2.0") == nil)
    }

    @Test("without classes any text but the empty one is a label")
    func noClasses() {
        let labels = Labels(classes: [])
        #expect(labels.spelling(of: "anything") == "anything")
        #expect(labels.spelling(of: "") == nil)
        #expect(labels.areEqual("3", "3.0"))
    }

    @Test(
        "numbers are read as CSV writers write them",
        arguments: [("1", 1), ("-0.5", -0.5), ("1e-05", 1e-5), ("+2E3", 2000), (" 7 ", 7), (".5", 0.5), ("3.", 3)])
    func numbers(_ pair: (field: String, value: Double)) {
        #expect(DecimalNumber.finite(pair.field) == pair.value)
    }

    @Test(
        "what is no finite number is refused",
        arguments: [
            "", " ", "nan", "NaN", "inf", "-inf", "infinity", "1e999", "0x10", "1,5", "1 2", "True", "--1", "e",
            "1_000",
        ])
    func notNumbers(_ field: String) {
        #expect(DecimalNumber.finite(field) == nil)
    }
}
