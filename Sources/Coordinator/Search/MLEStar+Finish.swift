public import Vocabulary

/// What a search ends with.
public struct Finish: Codable, Hashable, Sendable {
    /// The winner, as it was scored.
    public let solution: Solution
    /// Its score on the judge part, when it could be had.
    public let judged: Standing?
    /// The step whose submission is handed in: the refit's or the scored run's.
    public let submission: StepPath
    /// Why that one, in a sentence.
    public let reason: String
    /// The members and their shares, when the winner is an ensemble of stored predictions.
    public let blending: Blending?
    /// The step that ran the winner's script on all rows: what it left in `./model` is kept. `nil` when none ran well.
    public let model: StepPath?
    /// The steps that trained an ensemble's members on all rows, in its order: what they left in `./model` is kept where
    /// the ensemble's script as a whole left nothing. Else empty.
    public let memberModels: [StepPath]

    /// An end.
    public init(
        solution: Solution, judged: Standing?, submission: StepPath, reason: String, blending: Blending? = nil,
        model: StepPath? = nil, memberModels: [StepPath] = []
    ) {
        self.model = model
        self.memberModels = memberModels
        self.solution = solution
        self.judged = judged
        self.submission = submission
        self.reason = reason
        self.blending = blending
    }
}

/// One of those that the last choice is made from.
struct Finalist: Sendable {
    /// One of an ensemble's scripts.
    struct Member: Sendable {
        let solution: Solution
        let weight: Double
    }

    let solution: Solution
    /// Those with a share; empty for a script of its own.
    let members: [Member]

    /// A script of its own.
    init(_ solution: Solution) {
        self.solution = solution
        members = []
    }

    /// An ensemble; running it takes as long as running its members one after another.
    init(script: Script, standing: Standing, path: StepPath, members: [Member]) {
        solution = Solution(
            script: script, standing: standing, path: path, wall: members.map(\.solution.wall).reduce(.zero, +))
        self.members = members
    }

    var isEnsemble: Bool { !members.isEmpty }

    /// `nil` for a script of its own.
    var blending: Blending? {
        !isEnsemble ? nil : Blending(members: members.map(\.solution.path), weights: members.map(\.weight))
    }
}

extension MLEStar {
    /// Chooses among the solutions and their ensembles, and has the winner trained on all rows.
    ///
    /// - Parameter ensembles: the scripts of algorithm 3 that have a score.
    func finish(_ branches: [Branch], ensembles: [Solution]) async throws -> Finish? {
        var singles = singles(of: branches)
        guard let first = singles.first(where: { $0.suspicion == nil }) ?? singles.first else { return nil }
        let best = ensembles.ranked(by: direction).prefix(1)
        let library = branches.flatMap(\.scored) + ensembles
        let seen = try await withinBudget {
            let here = try await lab.finishPath(for: singles.map(\.path) + best.map(\.path) + library.map(\.path))
            singles = self.singles(of: try await caughtUp(branches, at: here))
            let combined = try await combinations(of: singles, from: library, at: here)
            let finalists = combined + (singles + best).ranked(by: direction).map { Finalist($0) }
            let judged = try await lab.observe(JudgeRuns(finalists: finalists.map(\.solution.path)), at: here / "judge")
            return (here, finalists, judged)
        }
        guard let (here, finalists, judged) = seen else {
            let reason = "no time was left to judge the finalists: best of \(singles.count) on the search part"
            return Finish(solution: first, judged: nil, submission: first.path, reason: reason)
        }
        let winner = try await choose(finalists, judged: judged, at: here)
        return mode == .hidden
            ? try await refit(finalists[winner], judged: judged[winner], at: here)
            : try await writeSubmission(finalists, winner: winner, judged: judged, library: library, at: here)
    }

    /// The solutions, each with the best script that it has: where the budget ended before scripts were compared with the
    /// best one, the best of them takes its place if it would have done so then.
    private func caughtUp(_ branches: [Branch], at here: StepPath) async throws -> [Branch] {
        var branches = branches
        for (index, branch) in branches.enumerated() where !branch.isComplete {
            guard let base = branch.best,
                let waiting = branch.waiting, let late = waiting.scripts.ranked(by: direction).first,
                late.standing.isBetter(than: base.standing, by: direction)
            else { continue }
            let step = here / "late-\(index + 1)"
            if let better = try await accept(late, over: base, from: waiting.acceptance, at: step) {
                branches[index].best = better
            }
        }
        return branches
    }

    /// The best scripts of the solutions, best first: the first solution's alone where nothing is to be combined.
    private func singles(of branches: [Branch]) -> [Solution] {
        let best = branches.compactMap(\.best).filter { $0.standing.score != nil }
        return plan.ensemble == .none
            ? Array(best.prefix(1)) : Array(best.ranked(by: direction).prefix(plan.finalists))
    }

    /// The ensembles of stored predictions that may win. Both kinds are scored where that is possible, to be compared in
    /// the report; the one that the plan asks for becomes a finalist.
    private func combinations(
        of singles: [Solution], from library: [Solution], at here: StepPath
    ) async throws -> [Finalist] {
        guard mode == .hidden, plan.ensemble != .none else { return [] }
        let trusted = distinct(library.filter { $0.suspicion == nil }.ranked(by: direction))
        let wishes: [(CombineRuns.Method, Ensembling, [Solution])] = [
            (.average, .average, singles.filter { $0.suspicion == nil }),
            (.weighted, .weighted, Array(trusted.prefix(20))),
        ]
        var finalists: [Finalist] = []
        for (method, ensembling, runs) in wishes where runs.count > 1 {
            let limit = method == .average ? runs.count : plan.ensembleMembers
            let path = here / method.rawValue
            let request = CombineRuns(runs: runs.map(\.path), method: method, limit: limit)
            let combination = try await lab.observe(request, at: path)
            guard plan.ensemble == ensembling, combination.standing.score != nil else { continue }
            let chosen = zip(runs, combination.weights).filter { $0.1 > 0 }
            let members = chosen.map { Finalist.Member(solution: $0.0, weight: $0.1) }
            finalists.append(
                Finalist(
                    script: combination.script, standing: combination.standing, path: path, members: members))
        }
        return finalists
    }

    /// The solutions without those whose script came before.
    private func distinct(_ solutions: [Solution]) -> [Solution] {
        var seen: Set<Script> = []
        return solutions.filter { seen.insert($0.script).inserted }
    }

    /// How probably a script must be better than an ensemble on the judge part to win over it.
    private static let acceptanceOverEnsemble = 0.9

    /// The finalist that stands first, ensembles before scripts and those by their scores, keeps its place unless another
    /// one is better on the judge part, and on all held-out rows with the probability that changes need too.
    ///
    /// The judge part alone is small: chosen by it alone, the luckiest of several equal finalists would win. Against an
    /// ensemble it must speak clearly: a script was chosen among many by the search part, while every row of that was
    /// predicted for the ensemble with weights chosen without it. A script that is no better with that help is not better.
    private func choose(_ finalists: [Finalist], judged: [Standing], at here: StepPath) async throws -> Int {
        let confirmed = judged.indices.filter { isConfirmed(finalists[$0].solution, by: judged[$0]) }
        // Where nothing is confirmed, the best of what there is wins, and the reason says so.
        let eligible = confirmed.isEmpty ? Array(judged.indices) : confirmed
        var winner = eligible[0]
        for challenger in eligible.dropFirst() where judged[challenger].isBetter(than: judged[winner], by: direction) {
            guard judged[winner].score != nil else {
                winner = challenger
                continue
            }
            let step = here / "challenger-\(challenger + 1)"
            if try await isBetter(finalists[challenger], than: finalists[winner], at: step) { winner = challenger }
        }
        let doubt = confirmed.isEmpty ? finalists[winner].solution.suspicion.map { "; beware: \($0)" } ?? "" : ""
        let reason = "\(name(of: finalists[winner])) won among \(finalists.count) finalists\(doubt)"
        try await withinBudget { try await lab.note(Decision(.chosen, reason: reason), at: here / "choice") }
        return winner
    }

    /// Whether there is evidence enough to let one finalist take the place of another.
    private func isBetter(_ challenger: Finalist, than winner: Finalist, at step: StepPath) async throws -> Bool {
        func probability(on parts: [HeldOutPart], at step: StepPath) async throws -> Double {
            let comparison = CompareRuns(
                candidate: challenger.solution.path, base: winner.solution.path, parts: parts)
            return try await withinBudget { try await lab.observe(comparison, at: step) }?.probabilityBetter ?? 0
        }
        guard winner.isEnsemble, !challenger.isEnsemble else {
            return try await probability(on: [.search, .judge], at: step) >= plan.acceptance
        }
        let wanted = max(plan.acceptance, Self.acceptanceOverEnsemble)
        guard try await probability(on: [.judge], at: step) >= wanted else { return false }
        return try await probability(on: [.search, .judge], at: step / "all-rows") >= plan.acceptance
    }

    private func name(of finalist: Finalist) -> String {
        !finalist.isEnsemble
            ? finalist.solution.path.description
            : "the \(finalist.solution.path.name) ensemble of \(finalist.members.count) scripts"
    }

    /// A solution under suspicion counts only when the judge part bears its score out, within three standard errors.
    private func isConfirmed(_ solution: Solution, by judged: Standing) -> Bool {
        guard solution.suspicion != nil else { return true }
        guard let seen = solution.standing.score, let score = judged.score else { return false }
        let shortfall = direction.improvement(of: seen.value, over: score.value)
        return shortfall <= 3 * (score.standardError ?? 0)
    }
}
