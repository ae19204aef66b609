import Foundation
import LanguageModels
public import Search
public import Vocabulary

/// Plays every role of the search by language models.
///
/// Each question is one prompt made of a template, without a conversation behind it. What comes back is bad input until
/// it has passed the checks of its role; a refused answer is asked for again with the reason, a few times, and then the
/// step fails by itself.
public struct ModelAgents: RoleAgents {
    let context: AgentContext
    let desk: CallDesk
    let inspector: any ScriptInspecting
    let sources: (any ModelSources)?
    /// How often an answer that does not pass is asked for again.
    let retries: Int
    /// The step that is asked for.
    var path = StepPath.root

    /// Agents for one run.
    ///
    /// - Parameters:
    ///   - sources: where models are looked up; `nil` leaves it to what the language model knows.
    ///   - retries: how often an answer that does not pass its check is asked for again.
    public init(
        context: AgentContext, desk: CallDesk, inspector: any ScriptInspecting, sources: (any ModelSources)? = nil,
        retries: Int = 3
    ) {
        self.context = context
        self.desk = desk
        self.inspector = inspector
        self.sources = sources
        self.retries = retries
    }

    /// The same agents, asked for one step.
    public func playing(at path: StepPath) -> any RoleAgents {
        var agents = self
        agents.path = path
        return agents
    }
}

/// A question as a template with its values, for bounds that may have to be tightened.
struct Question: Sendable {
    let page: PromptBook.Page
    var schema: AnswerSchema?
    var webSearch = false
    let values: @Sendable (Bounds) -> [String: String]

    init(
        _ page: PromptBook.Page, schema: AnswerSchema? = nil, webSearch: Bool = false,
        values: @escaping @Sendable (Bounds) -> [String: String]
    ) {
        self.page = page
        self.schema = schema
        self.webSearch = webSearch
        self.values = values
    }
}

/// What was found in an answer.
struct Reading<Answer> {
    let answer: Answer
    /// What is worth a warning; it does not make the answer unfit.
    var flags: [String] = []
}

extension ModelAgents {
    /// The prompt of a question.
    func prompt(_ question: Question, for role: Role, _ bounds: Bounds = .usual) -> ModelPrompt {
        let values = context.values(bounds).merging(question.values(bounds)) { $1 }
        return ModelPrompt(
            system: PromptBook.builtIn.text(.system, ["role": role.rawValue]),
            text: PromptBook.builtIn.text(question.page, values), schema: question.schema,
            webSearch: question.webSearch)
    }

    /// Asks until an answer passes: the reading must succeed and the request must find no defect.
    func answer<Request: RoleRequest>(
        to request: Request, _ question: Question,
        reading read: (AnswerText) async throws -> Reading<Request.Answer>
    ) async throws -> RoleReply<Request.Answer> {
        var dialogue = Dialogue(role: Request.role)
        while dialogue.refusals <= retries {
            dialogue.attempt += 1
            var prompt = prompt(question, for: Request.role, dialogue.bounds)
            prompt.text += dialogue.complaint
            // One label per call: what it was charged, failed tries included, is looked up under it.
            prompt.label = "\(path)#\(dialogue.attempt)"
            let place = CallPlace(path: path, role: Request.role.rawValue, attempt: dialogue.attempt)
            let answered: CallDesk.Answered<ModelAnswer>
            do {
                answered = try await desk.ask(prompt, for: Request.role, at: place)
            } catch let error as ModelError {
                guard let end = try dialogue.goOn(after: error) else { continue }
                return .invalid(end)
            }
            do {
                let reading = try await passed(answered.value, by: request, read)
                try desk.judge(answered.call, defect: nil, notes: answered.value.told + reading.flags)
                return .valid(reading.answer)
            } catch let defect as AnswerDefect {
                try desk.judge(answered.call, defect: defect.reason, notes: answered.value.told)
                dialogue.refuse(answered.value.text, because: defect.reason)
            }
        }
        return .invalid("no usable answer in \(dialogue.attempt) tries; the last one: \(dialogue.reason)")
    }

    private func passed<Request: RoleRequest>(
        _ answer: ModelAnswer, by request: Request,
        _ read: (AnswerText) async throws -> Reading<Request.Answer>
    ) async throws -> Reading<Request.Answer> {
        guard answer.stop != .maximumOutput else {
            throw AnswerDefect("the answer reached its longest length and was cut off; answer more briefly")
        }
        let denied = answer.citations.filter { sources?.refusal(of: $0.url) != nil }
        guard denied.isEmpty else {
            throw AnswerDefect(
                "it leans on pages that must not be used: \(denied.map(\.url).joined(separator: ", "))")
        }
        let reading = try await read(AnswerText(text: answer.text))
        if let defect = request.defect(in: reading.answer) { throw AnswerDefect(defect) }
        return reading
    }
}

/// The asking and asking again for one step.
private struct Dialogue {
    let role: Role
    var attempt = 0
    /// Answers that did not pass.
    var refusals = 0
    var bounds = Bounds.usual
    var reason = ""
    /// What is added to the prompt after a refusal.
    var complaint = ""
    private var isTight = false

    init(role: Role) { self.role = role }

    mutating func refuse(_ answer: String, because reason: String) {
        refusals += 1
        self.reason = reason
        let earlier = answer.shortened(to: 6_000)
        let values = [
            "reason": reason, "earlier": earlier, "shortened": earlier.count < answer.count ? "yes" : "",
        ]
        complaint = "\n" + PromptBook.builtIn.text(.again, values)
    }

    /// What to do after a call without an answer.
    ///
    /// - Returns: why the step fails; `nil` when it is worth asking again.
    /// - Throws: a signal where not this question but everything that is asked would fail.
    mutating func goOn(after error: ModelError) throws -> String? {
        switch error.code {
        case .cancelled: throw CancellationError()
        case .budget: throw Signal.outOfBudget
        case _ where error.pausesRun: throw RunPause(error.description)
        case .contextLength where !isTight:
            isTight = true
            bounds = .tight
            complaint = ""
            return nil
        case .contextLength: return "the question is too long for the model, also when shortened"
        case .contentFilter: return "the model refused to answer: \(error.message)"
        case .malformedAnswer:
            refusals += 1
            reason = error.message
            return nil
        default: return error.description
        }
    }
}

/// Where in the search a step stands, for the costs.
public enum Phase: String, Hashable, Sendable, CaseIterable {
    /// Model cards, first scripts and merges.
    case initial
    /// Ablations and refinement.
    case refinement
    /// Combining the solutions.
    case ensemble
    /// The final steps.
    case finish

    /// The phase of a step.
    public init(of path: StepPath) {
        if path.isFinal {
            self = .finish
        } else if path.parts.first?.hasPrefix("ensemble") == true {
            self = .ensemble
        } else if path.parts.contains(where: { $0.hasPrefix("outer-") }) {
            self = .refinement
        } else {
            self = .initial
        }
    }
}

extension ModelAnswer {
    /// What is worth telling of the call: remarks, and the pages it leans on.
    fileprivate var told: [String] { notes + citations.prefix(20).map { "found: \($0.url)" } }
}
