import HTTP
import Synchronization

/// A provider's model with everything around its calls: budget, the key's limits, retries, parameters left out.
final class MeteredModel: LanguageModel {
    private let name: ModelName
    private let call: ProviderCall
    private let profile: ModelProfile
    let omitted: Set<ModelParameter>
    private let ledger: Ledger
    private let limiter: KeyLimiter
    private let policy: RetryPolicy
    private let memory: Mutex<Memory>

    private struct Memory {
        /// Parameters the model has refused.
        var refused: Set<ModelParameter> = []
        var chance: SeededChance
    }

    /// Requests one answer may be spread over.
    private static let longestChain = 8
    /// Tokens that search results may add to what a model reads.
    private static let searchTokens = 60_000
    /// The longest answer to reckon with where it is left to the server.
    static let untoldOutput = 65_536

    init(
        _ name: ModelName, call: ProviderCall, profile: ModelProfile, ledger: Ledger, limiter: KeyLimiter,
        settings: ModelSettings
    ) {
        self.name = name
        self.call = call
        self.profile = profile
        omitted = profile.omitted.union(settings.omitted)
        self.ledger = ledger
        self.limiter = limiter
        policy = settings.retry
        memory = Mutex(Memory(chance: SeededChance(seed: settings.seed)))
    }

    func answer(_ prompt: ModelPrompt) async throws(ModelError) -> ModelAnswer {
        guard !prompt.text.isEmpty else { throw failure(.badRequest, "the prompt is empty") }
        var form = CallForm(profile: profile, omitted: omitted.union(memory.withLock { $0.refused }))
        var gathered = Gathered(began: call.pacing.now())
        gathered.notes = notes(on: prompt, form)
        var failures = 0
        var reasks = 0
        for chain in 1... {
            let (outcome, charge) = try await metered(prompt, form)
            gathered.add(charge)
            switch outcome.result {
            case .answered(let answer): return gathered.answer(answer, at: call.pacing.now())
            case .continues(let token, let part):
                gathered.add(part)
                form.continuation = Self.joined(form.continuation, token)
                guard chain < Self.longestChain else {
                    throw failure(.malformedAnswer, "the answer did not end after \(chain) requests")
                }
            case .failed(let error):
                if let refused = outcome.refused, form.omitted.insert(refused).inserted {
                    memory.withLock { _ = $0.refused.insert(refused) }
                    gathered.notes.append("\(name) does not take \(refused.rawValue): it is left out")
                    continue
                }
                if error.code == .malformedAnswer, reasks < policy.reasks {
                    reasks += 1
                    continue
                }
                failures += 1
                try await pause(after: failures, error)
            }
        }
        throw failure(.malformedAnswer, "no answer came")
    }

    /// Anthropic wants everything it has said so far, Gemini its last token.
    private static func joined(_ before: JSONValue?, _ token: JSONValue) -> JSONValue {
        guard case .array(let said)? = before, case .array(let more) = token else { return token }
        return .array(said + more)
    }

    /// Waits before the next try, and lets the key's other calls wait too when the provider asked for it.
    private func pause(after failures: Int, _ error: ModelError) async throws(ModelError) {
        guard error.isRetriable, failures < policy.attempts else { throw error }
        let chance = memory.withLock { $0.chance.next() }
        guard let wait = policy.wait(after: failures, asked: error.retryAfter, chance: chance) else { throw error }
        if error.code == .rate, let asked = error.retryAfter { limiter.hold(for: asked) }
        do { try await call.pacing.sleep(wait) } catch { throw failure(.cancelled, "the call was cancelled") }
    }

    /// One request: the most it can cost is put aside, a turn awaited, and what it did cost settled exactly once.
    private func metered(_ prompt: ModelPrompt, _ form: CallForm) async throws(ModelError)
        -> (ProviderCall.Outcome, Ledger.Charge?)
    {
        let searches = form.searches(prompt) ? AnthropicDialect.searchLimit : 0
        let text = prompt.system.utf8.count + prompt.text.utf8.count + (form.continuation?.bytes.count ?? 0)
        let schema = form.schema(prompt)?.schema.bytes.count ?? 0
        // No token is shorter than a byte; the frame around a prompt takes some.
        let input = text + schema + 256 + (searches > 0 ? Self.searchTokens : 0)
        let output = form.maximumOutput(prompt) ?? Self.untoldOutput
        let reservation = try await ledger.reserve(
            name, input: input, output: output, webSearches: searches, label: prompt.label)
        let turn: Int
        do { turn = try await limiter.enter(tokens: text / 4 + schema / 4) } catch {
            ledger.settle(reservation, usage: nil)
            throw failure(.cancelled, "the call was cancelled")
        }
        let outcome = await call.perform(prompt, form)
        limiter.leave(turn, tokens: outcome.usage?.total)
        if let rest = outcome.rest { limiter.hold(for: min(rest, policy.longestAsked)) }
        let charge = ledger.settle(reservation, usage: outcome.usage, webSearches: outcome.webSearches)
        return (outcome, charge)
    }

    private func notes(on prompt: ModelPrompt, _ form: CallForm) -> [String] {
        var notes: [String] = []
        if prompt.webSearch, !form.searches(prompt) {
            notes.append("\(name) cannot search the web: it answers without")
        }
        return notes
    }

    private func failure(_ code: ModelError.Code, _ message: String) -> ModelError {
        ModelError(code, provider: name.provider, model: name.shortName, message: message)
    }
}

/// What several requests of one answer add up to.
private struct Gathered {
    let began: Duration
    var text = ""
    var usage = TokenUsage()
    var cost: Money? = .zero
    var citations: [Citation] = []
    var webSearches = 0
    var notes: [String] = []

    init(began: Duration) { self.began = began }

    mutating func add(_ charge: Ledger.Charge?) {
        guard let charge else { return }
        usage = usage + charge.usage
        webSearches += charge.webSearches
        cost = cost.flatMap { sum in charge.cost.map { sum + $0 } }
    }

    mutating func add(_ part: ModelAnswer) {
        text += part.text
        citations += part.citations.filter { !citations.contains($0) }
        notes += part.notes
    }

    func answer(_ last: ModelAnswer, at now: Duration) -> ModelAnswer {
        var whole = self
        whole.add(last)
        var answer = last
        answer.text = whole.text
        answer.usage = usage
        answer.cost = cost
        answer.citations = whole.citations
        answer.webSearches = webSearches
        answer.notes = whole.notes
        answer.latency = now - began
        return answer
    }
}
