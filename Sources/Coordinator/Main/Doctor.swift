import Foundation
import HTTP
import LanguageModels
import Retrieval
import Subprocess
import SystemPackage

/// The checks of `mlestar doctor`: each gives lines that are fine, worth knowing, or say what to do.
struct Doctor {
    let variables: [String: String]
    private let keyring: ModelKeys

    init(variables: [String: String]) {
        self.variables = variables
        keyring = ModelKeys(variables)
    }

    /// One line of the result.
    struct Finding: Hashable, CustomStringConvertible {
        enum Mark: String {
            /// As it should be.
            case fine = "OK  "
            /// Worth knowing; a run works all the same.
            case note = "NOTE"
            /// Must be mended; the line says how.
            case mend = "MEND"
        }

        let mark: Mark
        let subject: String
        let text: String
        var description: String { "\(mark.rawValue)  \(subject): \(text)" }

        init(_ mark: Mark, _ subject: String, _ text: String) {
            self.mark = mark
            self.subject = subject
            self.text = text
        }
    }

    // MARK: Language models

    /// Which keys there are and who would play the roles.
    func keys() -> [Finding] {
        let providers: [ModelName.Provider] = [.gemini, .openAI, .anthropic]
        let found = providers.compactMap { provider in
            keyring.variable(for: provider).map { "\(provider.word) (\($0))" }
        }
        guard let first = keyring.firstModel() else {
            return [
                Finding(
                    .note, "keys",
                    "none; the playbook plays the roles. For a language model export GEMINI_API_KEY, OPENAI_API_KEY or "
                        + "ANTHROPIC_API_KEY")
            ]
        }
        return [
            Finding(.fine, "keys", "\(found.joined(separator: ", ")); without --model: \(first.name)")
        ]
    }

    /// How old the prices are.
    func prices() -> [Finding] { [Finding(.fine, "prices", "as of \(PriceTable.builtIn.asOf)")] }

    /// Whether a model answers, in JSON too, with two tiny calls.
    func model(_ text: String, trySearch: Bool) async -> [Finding] {
        let name: ModelName
        do throws(ModelNameError) { name = try ModelName(text) } catch { return [Finding(.mend, "model", "\(error)")] }
        guard name != .playbook else { return [Finding(.fine, "model", "the playbook needs nothing")] }
        let ledger = Ledger(prices: .builtIn)
        var findings: [Finding] = []
        if let price = PriceTable.builtIn.price(of: name) {
            let million = price.cost(of: TokenUsage(input: 1_000_000)),
                written = price.cost(of: TokenUsage(output: 1_000_000))
            findings.append(Finding(.fine, "price", "\(million) per million tokens read, \(written) written"))
        } else {
            findings.append(
                Finding(
                    .note, "price", "none is known for \(name): budgets in money need a price file, tokens are counted")
            )
        }
        do {
            var settings = ModelSettings()
            settings.retry = RetryPolicy(attempts: 2)
            settings.idleTimeout = .seconds(120)
            let http = try HTTPClient()
            let factory = LanguageModelFactory(keys: keyring, ledger: ledger, http: http, settings: settings)
            let model = try factory.model(name)
            findings += try await answers(model, name)
            if trySearch { findings += await webSearch(model) }
        } catch let error as ModelError {
            findings.append(Finding(.mend, "model", "\(error)"))
        } catch {
            findings.append(Finding(.mend, "model", "\(error)"))
        }
        let total = ledger.bill.total
        let cost = total.unpricedCalls == 0 ? "\(total.cost)" : "an unknown price"
        findings.append(Finding(.fine, "calls", "\(total.calls) made, \(total.usage.total) tokens, \(cost)"))
        return findings
    }

    private func answers(_ model: any LanguageModel, _ name: ModelName) async throws(ModelError) -> [Finding] {
        let plain = try await model.answer(
            ModelPrompt(text: "Answer with the word: ready", maximumOutputTokens: 2048, effort: .low, label: "doctor"))
        let milliseconds =
            plain.latency.components.seconds * 1000 + plain.latency.components.attoseconds / 1_000_000_000_000_000
        var findings = [Finding(.fine, "model", "\(name) answers as \(plain.model) after \(milliseconds) ms")]
        findings += plain.notes.map { Finding(.note, "model", $0) }
        let schema = AnswerSchema(
            name: "answer",
            schema: ["type": "object", "properties": ["ready": ["type": "boolean"]], "required": ["ready"]])
        do throws(ModelError) {
            let answer = try await model.answer(
                ModelPrompt(
                    text: "Answer with a JSON object whose member \"ready\" is true.", maximumOutputTokens: 2048,
                    effort: .low, schema: schema, label: "doctor"))
            let isJSON = JSONValue(parsing: answer.text)?["ready"]?.bool != nil
            findings.append(
                isJSON
                    ? Finding(.fine, "json", "structured answers come as asked")
                    : Finding(.note, "json", "structured answers are not enforced: JSON is cut out of the text"))
            findings += answer.notes.filter { !plain.notes.contains($0) }.map { Finding(.note, "json", $0) }
        } catch {
            findings.append(Finding(.mend, "json", "\(error)"))
        }
        return findings
    }

    private func webSearch(_ model: any LanguageModel) async -> [Finding] {
        do throws(RetrievalError) {
            let found = try await ModelSearch(model, label: "doctor").search("gradient boosting on tables", count: 5)
            return found.isEmpty
                ? [Finding(.note, "web search", "the model gave no sources: it may have no web search")]
                : [Finding(.fine, "web search", "the model's own, \(found.count) pages")]
        } catch { return [Finding(.mend, "web search", "\(error)")] }
    }

    /// Which search provider there is.
    func search(asks: Bool) async -> [Finding] {
        let cards = ModelCatalogue.builtIn.cards.count
        do {
            guard let engine = SearchEngine.first(in: variables, http: try HTTPClient()) else {
                let names = SearchEngine.Kind.allCases.map { $0.variables.joined(separator: " and ") }
                return [
                    Finding(
                        .note, "search",
                        "no provider (\(names.joined(separator: ", "))); the model's own search or the built-in catalogue "
                            + "of \(cards) model cards is used")
                ]
            }
            let isEnding = engine.kind == .programmable ? "; it ends on 2027-01-01" : ""
            guard asks else { return [Finding(.fine, "search", "\(engine.name)\(isEnding)")] }
            let found = try await engine.search("gradient boosting on tables", count: 5)
            return [Finding(.fine, "search", "\(engine.name) finds \(found.count) pages\(isEnding)")]
        } catch { return [Finding(.mend, "search", "\(error)")] }
    }
}
