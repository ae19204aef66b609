public import Vocabulary

/// One part of a script changed: `block` occurs in the script exactly once and is replaced by `replacement`.
public struct NamedEdit: Codable, Hashable, Sendable {
    /// What the edit does, in a few words.
    public let name: String
    /// Text of the script, verbatim.
    public let block: String
    /// What stands there instead.
    public let replacement: String

    /// An edit.
    public init(name: String, block: String, replacement: String) {
        self.name = name
        self.block = block
        self.replacement = replacement
    }
}

/// A measured ablation: the script as it is and with one part changed at a time.
public struct AblationStudy: Codable, Hashable, Sendable {
    /// One variant.
    public struct Variant: Codable, Hashable, Sendable {
        /// The edit that made it.
        public let edit: NamedEdit
        /// Its score or failure.
        public let standing: Standing
        /// How much worse the variant is than the baseline, in units of the metric; `nil` when it failed.
        public let harm: Double?

        /// A variant.
        public init(edit: NamedEdit, standing: Standing, harm: Double?) {
            self.edit = edit
            self.standing = standing
            self.harm = harm
        }
    }

    /// The unchanged script's score.
    public let baseline: Standing
    /// The variants in the order they were named.
    public let variants: [Variant]
    /// The table in words.
    public var summary: String

    /// A study.
    public init(baseline: Standing, variants: [Variant], summary: String) {
        self.baseline = baseline
        self.variants = variants
        self.summary = summary
    }
}

/// Names the parts of a script to change, one at a time (MLE-STAR A_abl, as edits that we apply and score).
public struct PlanAblation: RoleRequest {
    /// Who is asked.
    public static let role = Role.ablationCoder
    /// The script to examine.
    public let script: Script
    /// What earlier studies of this solution found; their parts need not be examined again.
    public let studies: [AblationStudy]
    /// How many variants at most.
    public let count: Int

    /// A request.
    public init(script: Script, studies: [AblationStudy], count: Int) {
        self.script = script
        self.studies = studies
        self.count = count
    }

    /// Passes the request to the agent of its role.
    public func answer(by agents: any RoleAgents) async throws -> RoleReply<[NamedEdit]> {
        try await agents.planAblation(self)
    }

    /// What makes an answer unfit.
    public func defect(in edits: [NamedEdit]) -> String? {
        if edits.isEmpty { return "no variant was named" }
        if edits.count > count { return "\(edits.count) variants were named, at most \(count) are wanted" }
        for edit in edits {
            if let defect = script.edited(edit.block, to: edit.replacement).defect { return "\(edit.name): \(defect)" }
        }
        return nil
    }
}

/// Puts a measured ablation into words (MLE-STAR A_summarize).
public struct SummarizeAblation: RoleRequest {
    /// Who is asked.
    public static let role = Role.ablationSummarizer
    /// The measured table.
    public let study: AblationStudy

    /// A request.
    public init(study: AblationStudy) { self.study = study }

    /// Passes the request to the agent of its role.
    public func answer(by agents: any RoleAgents) async throws -> RoleReply<String> {
        try await agents.summarizeAblation(self)
    }

    /// What makes an answer unfit.
    public func defect(in summary: String) -> String? { TextBounds.summary.defect(in: summary) }
}

/// The block to refine and the first plan for it.
public struct TargetBlock: Codable, Hashable, Sendable {
    /// Text of the script, verbatim.
    public let block: String
    /// What to do with it, three to five sentences.
    public let plan: String

    /// A target.
    public init(block: String, plan: String) {
        self.block = block
        self.plan = plan
    }
}

/// Chooses the block to refine next (MLE-STAR A_extractor).
public struct ExtractTarget: RoleRequest {
    /// Who is asked.
    public static let role = Role.extractor
    /// The script to refine.
    public let script: Script
    /// What the ablation found; `nil` when there was none.
    public let study: AblationStudy?
    /// Blocks refined earlier; another one must be chosen.
    public let refined: [String]
    /// What a person wants refined, in place of an ablation's finding.
    public let instruction: String?

    /// A request.
    public init(script: Script, study: AblationStudy?, refined: [String], instruction: String? = nil) {
        self.script = script
        self.study = study
        self.refined = refined
        self.instruction = instruction
    }

    /// Passes the request to the agent of its role.
    public func answer(by agents: any RoleAgents) async throws -> RoleReply<TargetBlock> {
        try await agents.extractTarget(self)
    }

    /// What makes an answer unfit.
    public func defect(in target: TargetBlock) -> String? {
        if let defect = TextBounds.plan.defect(in: target.plan) { return defect }
        if refined.contains(where: { Script($0).isSameBlock(as: Script(target.block)) }) {
            return "that block was refined earlier; choose another one"
        }
        switch script.span(of: target.block) {
        case .found(let span) where script.covers(span): return "the block is the whole script; choose a part of it"
        case .found: return nil
        case .missing(let reason): return reason
        }
    }
}

/// One earlier try on a target block.
public struct RefinementTry: Codable, Hashable, Sendable {
    /// The plan that was carried out.
    public let plan: String
    /// How much better than the unrefined script, in units of the metric; `nil` when there is no score.
    public let improvement: Double?
    /// Why there is no score.
    public let failure: String?
    /// How long the script ran.
    public let wall: Duration

    /// A try.
    public init(plan: String, improvement: Double?, failure: String?, wall: Duration) {
        self.plan = plan
        self.improvement = improvement
        self.failure = failure
        self.wall = wall
    }
}

/// A change that another of the parallel solutions accepted.
public struct Finding: Codable, Hashable, Sendable {
    /// The block it was made to, as it was before.
    public let block: String
    /// What was done.
    public let plan: String
    /// How much better the script became, in units of the metric.
    public let improvement: Double

    /// A finding.
    public init(block: String, plan: String, improvement: Double) {
        self.block = block
        self.plan = plan
        self.improvement = improvement
    }
}

/// Proposes the next plans for a block (MLE-STAR A_planner; several at once is our variant).
public struct PlanRefinement: RoleRequest {
    /// Who is asked.
    public static let role = Role.planner
    /// The block to refine.
    public let block: String
    /// Everything tried on it so far.
    public let history: [RefinementTry]
    /// How many plans at most.
    public let count: Int
    /// What helped in other solutions; empty where nobody looked.
    public let findings: [Finding]

    /// A request.
    public init(block: String, history: [RefinementTry], count: Int, findings: [Finding] = []) {
        self.block = block
        self.history = history
        self.count = count
        self.findings = findings
    }

    /// Passes the request to the agent of its role.
    public func answer(by agents: any RoleAgents) async throws -> RoleReply<[String]> {
        try await agents.planRefinement(self)
    }

    /// What makes an answer unfit.
    public func defect(in plans: [String]) -> String? {
        if plans.isEmpty { return "no plan was given" }
        if plans.count > count { return "\(plans.count) plans were given, at most \(count) are wanted" }
        let tried = Set(history.map(\.plan))
        if plans.contains(where: tried.contains) || Set(plans).count < plans.count {
            return "a plan repeats an earlier one"
        }
        return plans.lazy.compactMap(TextBounds.plan.defect).first
    }
}

/// Carries out a plan inside a block (MLE-STAR A_coder); sees nothing else of the script.
public struct RefineBlock: RoleRequest {
    /// Who is asked.
    public static let role = Role.coder
    /// The block to change.
    public let block: String
    /// What to do.
    public let plan: String

    /// A request.
    public init(block: String, plan: String) {
        self.block = block
        self.plan = plan
    }

    /// Passes the request to the agent of its role.
    public func answer(by agents: any RoleAgents) async throws -> RoleReply<String> {
        try await agents.refineBlock(self)
    }

    /// What makes an answer unfit.
    public func defect(in refined: String) -> String? {
        if refined.allSatisfy(\.isWhitespace) { return "the block is empty" }
        return refined == block ? "the block was returned unchanged" : nil
    }
}

/// How long a free text may be.
enum TextBounds {
    case plan
    case summary
    case ensemblePlan

    private var limit: Int {
        switch self {
        case .plan: 1_500
        case .summary: 3_000
        case .ensemblePlan: 5_000
        }
    }

    func defect(in text: String) -> String? {
        if text.allSatisfy(\.isWhitespace) { return "the text is empty" }
        return text.count > limit ? "the text has \(text.count) characters, at most \(limit) are allowed" : nil
    }
}
