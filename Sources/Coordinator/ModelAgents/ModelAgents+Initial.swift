import Journal
import LanguageModels
public import Search
public import Vocabulary

extension ModelAgents {
    /// Shortens the task's description for the retriever.
    public func summarizeTask(_ request: SummarizeTask) async throws -> RoleReply<String> {
        try await answer(to: request, Question(.taskSummarizer) { _ in [:] }) { words(in: $0) }
    }

    /// Names effective models: found by the model's own search, by ours, or in the catalogue.
    public func retrieveModels(_ request: RetrieveModels) async throws -> RoleReply<[ModelCard]> {
        let query = request.summary ?? "\(context.task.kind.rawValue) \(context.task.name) \(context.task.metric.name)"
        let searches = desk.source.searchesWeb(.retriever)
        let found = searches ? nil : try await look(for: query)
        let question = Question(.retriever, schema: searches ? nil : Schemas.models, webSearch: searches) { bounds in
            [
                "count": "\(request.count)", "solution": "\(request.solution)", "summary": request.summary ?? "",
                "web": searches ? "yes" : "", "found": found.map { Self.listed($0, bounds) } ?? "",
            ]
        }
        let reply = try await answer(to: request, question) { answer in
            try self.cards(in: answer, atMost: request.count)
        }
        guard reply.answer == nil, let cards = sources?.cards(for: query, count: request.count), !cards.isEmpty else {
            return reply
        }
        // A path without cards is lost as a whole: what the catalogue knows stands in, and its source says so.
        return .valid(cards)
    }

    private func look(for query: String) async throws -> FoundModels? {
        guard let sources else { return nil }
        let place = CallPlace(path: path, role: "model-search", attempt: 1)
        let found = try await desk.call(place, model: sources.name, request: query) {
            let found: FoundModels
            do { found = try await sources.find(query) } catch is CancellationError {
                throw CancellationError()
            } catch {
                // The search helps but is not needed: the model's own knowledge is the rest.
                found = FoundModels(items: [], notes: ["the search for models failed: \(error)"])
            }
            return (found, CallCost.none, found.notes + found.items.map { "found: \($0.source)" })
        }
        return found.value
    }

    private static func listed(_ found: FoundModels, _ bounds: Bounds) -> String {
        let share = bounds.found / max(1, found.items.count)
        return found.items.map { "### \($0.title)\nSource: \($0.source)\n\n\($0.text.cutOff(at: share))" }
            .joined(separator: "\n\n")
    }

    private func cards(in answer: AnswerText, atMost count: Int) throws -> Reading<[ModelCard]> {
        var flags: [String] = []
        var cards: [ModelCard] = []
        for item in try answer.json().items("models") {
            let source = item["source_url"]?.string ?? ""
            if let reason = sources?.refusal(of: source) {
                flags.append("left out \(source): \(reason)")
                continue
            }
            let card = ModelCard(
                name: try item.text("model_name").cutOff(at: 200),
                exampleCode: AnswerText(text: try item.text("example_code")).unfenced.cutOff(at: 20_000),
                source: source.isEmpty ? "\(desk.source.model(for: .retriever)), from memory" : source)
            if !cards.contains(where: { $0.name == card.name }) { cards.append(card) }
        }
        if cards.isEmpty, !flags.isEmpty {
            throw AnswerDefect("every model came from a page that must not be used: \(flags.joined(separator: "; "))")
        }
        let named = cards.map { "card: \($0.name), \($0.source)" }
        return Reading(answer: Array(cards.prefix(count)), flags: flags + named)
    }

    /// Writes the first script of a model card.
    public func writeCandidate(_ request: WriteCandidate) async throws -> RoleReply<Script> {
        let question = Question(.candidateCoder) { bounds in
            [
                "name": request.card.name,
                "example": request.card.exampleCode.shortened(to: bounds.script / 3),
            ]
        }
        return try await answer(to: request, question) { try await script(in: $0, solutionRules) }
    }

    /// Brings another script's model into a script.
    public func mergeSolutions(_ request: MergeSolutions) async throws -> RoleReply<Script> {
        let question = Question(.merger) { _ in
            ["base": request.base.text, "reference": request.reference.text]
        }
        return try await answer(to: request, question) { try await script(in: $0, solutionRules) }
    }

    /// Says whether a script uses everything the task provides, or brings the rest in.
    public func checkDataUsage(_ request: CheckDataUsage) async throws -> RoleReply<DataUsage> {
        let question = Question(.dataUsageChecker) { _ in ["script": request.script.text] }
        return try await answer(to: request, question) { answer in
            let python = answer.blocks.filter { $0.language != "json" }
            if python.isEmpty, let json = try? answer.json(), let isUsed = json["all_used"]?.bool {
                if isUsed { return Reading(answer: .everythingUsed) }
                guard let code = json["code"]?.string else {
                    throw AnswerDefect("not everything is used, but the changed script is missing")
                }
                let reading = try await script(in: AnswerText(text: "```python\n\(code)\n```"), solutionRules)
                return Reading(answer: .revised(reading.answer), flags: reading.flags)
            }
            let reading = try await script(in: answer, solutionRules)
            // The script as it was means that nothing is missing.
            let isSame = reading.answer.text.trimmed == request.script.text.trimmed
            return Reading(answer: isSame ? .everythingUsed : .revised(reading.answer), flags: reading.flags)
        }
    }

    /// Mends a script that failed.
    public func debug(_ request: DebugScript) async throws -> RoleReply<Script> {
        var missing = ""
        if case .missingPackage(let name) = request.failure.ending { missing = name }
        let question = Question(.debugger) { [missing] bounds in
            [
                "script": request.script.text, "ending": request.failure.ending.description, "missing": missing,
                "message": request.failure.message.shortened(to: bounds.log),
            ]
        }
        return try await answer(to: request, question) { try await script(in: $0, solutionRules) }
    }

    /// Cuts a long error report down to what a debugger needs; a short one is left as it is without asking anybody.
    public func summarizeFailure(_ request: SummarizeFailure) async throws -> RoleReply<String> {
        let message = request.failure.message
        guard message.count > 1_500 else { return message.isEmpty ? .notApplicable("no report") : .valid(message) }
        let question = Question(.bugSummarizer) { bounds in
            ["ending": request.failure.ending.description, "message": message.shortened(to: bounds.log)]
        }
        return try await answer(to: request, question) { words(in: $0) }
    }

    /// The rules of a solution here.
    var solutionRules: ScriptRules { .solution(isHidden: context.isHidden) }
}

extension String {
    /// Without white space at its ends.
    var trimmed: Substring {
        let start = drop { $0.isWhitespace }
        return start.lastIndex { !$0.isWhitespace }.map { start[...$0] } ?? ""
    }
}

extension AnswerText {
    /// Code out of its fence, where it has one.
    var unfenced: String { fencedCode ?? text }
}
