/// How wide and how deep a search goes; the letters are MLE-STAR's.
public struct SearchPlan: Codable, Hashable, Sendable {
    /// Solutions searched side by side (L).
    public var solutions: Int
    /// Model cards, and so first scripts, per solution (M).
    public var candidates: Int
    /// Times a target block is chosen and refined (T).
    public var outerSteps: Int
    /// Refinement steps on one target block (K).
    public var innerSteps: Int
    /// Plans drawn from one history and tried at once in each refinement step (W; 1 is the paper's).
    public var plansAtOnce: Int
    /// Variants in one ablation.
    public var ablationVariants: Int
    /// Times a failing script is given to the debugger.
    public var debugRounds: Int
    /// A change is accepted when it is better with at least this probability, 0.5 to 1.
    public var acceptance: Double
    /// The same for merges, which are means of models that did well alone; at 0.5 equal scores pass, as published.
    public var mergeAcceptance: Double
    /// Finalists compared on the judge part.
    public var finalists: Int
    /// A refit stands only if it agrees with the scored run at least this much, −1 to 1 (see `MeasureAgreement`).
    public var refitAgreement: Double
    /// How the solutions become one answer.
    public var ensemble: Ensembling
    /// Scripts written one after another that combine the solutions (R).
    public var ensembleRounds: Int
    /// Scripts that a weighted ensemble has at most.
    public var ensembleMembers: Int
    /// Whether every script is looked through for leakage before it runs.
    public var checksLeakage: Bool

    /// The defaults of the `default` preset.
    public init(
        solutions: Int = 2, candidates: Int = 3, outerSteps: Int = 3, innerSteps: Int = 3, plansAtOnce: Int = 1,
        ablationVariants: Int = 3, debugRounds: Int = 2, acceptance: Double = 0.75, mergeAcceptance: Double = 0.5,
        finalists: Int = 3, refitAgreement: Double = 0.8, ensemble: Ensembling = .weighted, ensembleRounds: Int = 3,
        ensembleMembers: Int = 5, checksLeakage: Bool = true
    ) {
        self.solutions = solutions
        self.candidates = candidates
        self.outerSteps = outerSteps
        self.innerSteps = innerSteps
        self.plansAtOnce = plansAtOnce
        self.ablationVariants = ablationVariants
        self.debugRounds = debugRounds
        self.acceptance = acceptance
        self.mergeAcceptance = mergeAcceptance
        self.finalists = finalists
        self.refitAgreement = refitAgreement
        self.ensemble = ensemble
        self.ensembleRounds = ensembleRounds
        self.ensembleMembers = ensembleMembers
        self.checksLeakage = checksLeakage
    }
}

extension SearchPlan {
    /// The plan made wide enough to keep `slots` busy: a solution for every four slots, from two to eight, and in each
    /// of them as many first scripts, ablation variants and plans at once as it has slots.
    ///
    /// For 8 slots: 2 solutions of 4 first scripts, 4 variants, 4 plans at once.
    public func filling(slots: Int) -> SearchPlan {
        var plan = self
        plan.solutions = min(8, max(2, slots / 4))
        let width = max(1, (slots + plan.solutions - 1) / plan.solutions)
        plan.candidates = min(32, max(candidates, width))
        plan.ablationVariants = min(32, max(ablationVariants, width))
        plan.plansAtOnce = min(64, max(plansAtOnce, width))
        return plan
    }
}
