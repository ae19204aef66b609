public import Vocabulary

/// A part that an agent plays in the search (MLE-STAR §3 and appendix prompts).
public enum Role: String, Codable, Hashable, Sendable, CaseIterable {
    case taskSummarizer = "task-summarizer"
    case retriever
    case candidateCoder = "candidate-coder"
    case merger
    case dataUsageChecker = "data-usage-checker"
    case ablationCoder = "ablation-coder"
    case ablationSummarizer = "ablation-summarizer"
    case extractor
    case coder
    case planner
    case ensemblePlanner = "ensemble-planner"
    case ensembler
    case debugger
    case bugSummarizer = "bug-summarizer"
    case leakageDetector = "leakage-detector"
    case leakageFixer = "leakage-fixer"
    case submissionWriter = "submission-writer"
    case subsamplingLocator = "subsampling-locator"
    case subsamplingRemover = "subsampling-remover"
}

/// What a strategy gets back from a role.
public enum RoleReply<Answer: Codable & Hashable & Sendable>: Codable, Hashable, Sendable {
    /// An answer that passed the request's check.
    case valid(Answer)
    /// Whoever plays the role has nothing to say to this request; the reason in words.
    case notApplicable(String)
    /// No answer passed the check within the allowed tries; the last reason.
    case invalid(String)

    /// The answer, if it is valid.
    public var answer: Answer? {
        if case .valid(let answer) = self { answer } else { nil }
    }
}

/// A question to one role, with everything the answer may depend on.
///
/// Encoded canonically and hashed, so that a journaled answer is only ever given to the same question.
public protocol RoleRequest<Answer>: Codable, Hashable, Sendable {
    /// What the role answers.
    associatedtype Answer: Codable & Hashable & Sendable

    /// Who is asked.
    static var role: Role { get }

    /// Passes the request to the agent of its role.
    func answer(by agents: any RoleAgents) async throws -> RoleReply<Answer>

    /// What is wrong with an answer, in words that help to mend it; `nil` when it may be used.
    func defect(in answer: Answer) -> String?
}

/// Whoever plays the roles: the playbook or language models.
///
/// An agent answers `notApplicable` rather than invent. What it returns is checked by the request before it is used.
public protocol RoleAgents: Sendable {
    /// The same agents, told where in the search they are asked; whoever keeps a record of its answers uses that.
    func playing(at path: StepPath) -> any RoleAgents
    /// Names effective models for the task.
    func retrieveModels(_ request: RetrieveModels) async throws -> RoleReply<[ModelCard]>
    /// Writes the first script of a model card.
    func writeCandidate(_ request: WriteCandidate) async throws -> RoleReply<Script>
    /// Brings another script's model into a script.
    func mergeSolutions(_ request: MergeSolutions) async throws -> RoleReply<Script>
    /// Says whether a script uses everything the task provides, or mends it.
    func checkDataUsage(_ request: CheckDataUsage) async throws -> RoleReply<DataUsage>
    /// Names the parts of a script to switch off or change, one at a time.
    func planAblation(_ request: PlanAblation) async throws -> RoleReply<[NamedEdit]>
    /// Puts a measured ablation into words.
    func summarizeAblation(_ request: SummarizeAblation) async throws -> RoleReply<String>
    /// Chooses the block to refine next and the first plan for it.
    func extractTarget(_ request: ExtractTarget) async throws -> RoleReply<TargetBlock>
    /// Carries out a plan inside a block.
    func refineBlock(_ request: RefineBlock) async throws -> RoleReply<String>
    /// Proposes the next plans for a block.
    func planRefinement(_ request: PlanRefinement) async throws -> RoleReply<[String]>
    /// Mends a script that failed.
    func debug(_ request: DebugScript) async throws -> RoleReply<Script>
    /// Shortens the task's description for the retriever.
    func summarizeTask(_ request: SummarizeTask) async throws -> RoleReply<String>
    /// Cuts a long error report down to what a debugger needs.
    func summarizeFailure(_ request: SummarizeFailure) async throws -> RoleReply<String>
    /// Looks for validation or test rows that reach the training.
    func detectLeakage(_ request: DetectLeakage) async throws -> RoleReply<LeakageFinding>
    /// Rewrites the block that leaks.
    func fixLeakage(_ request: FixLeakage) async throws -> RoleReply<String>
    /// Writes a script that measures variants by itself.
    func writeAblation(_ request: WriteAblation) async throws -> RoleReply<Script>
    /// Says what an ablation script printed.
    func summarizeAblationOutput(_ request: SummarizeAblationOutput) async throws -> RoleReply<String>
    /// Proposes how to combine the solutions.
    func planEnsemble(_ request: PlanEnsemble) async throws -> RoleReply<String>
    /// Writes one script made of several.
    func writeEnsemble(_ request: WriteEnsemble) async throws -> RoleReply<Script>
    /// Finds the block that takes only some of the training rows.
    func locateSubsampling(_ request: LocateSubsampling) async throws -> RoleReply<Subsampling>
    /// Rewrites that block so that all training rows are used.
    func removeSubsampling(_ request: RemoveSubsampling) async throws -> RoleReply<String>
    /// Adds the prediction of the test rows to a script that only validates.
    func writeSubmission(_ request: WriteSubmission) async throws -> RoleReply<Script>
}

extension RoleAgents {
    /// Agents that do not care where they are asked.
    public func playing(at path: StepPath) -> any RoleAgents { self }
}
