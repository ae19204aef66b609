import Vocabulary

extension MLEStar {
    /// Refits the winner on all rows; the scored run's submission stands when that fails or disagrees.
    func refit(_ winner: Finalist, judged: Standing?, at here: StepPath) async throws -> Finish {
        let scored = winner.solution.path
        func end(
            _ submission: StepPath, _ reason: String, of finalist: Finalist? = nil, model: StepPath? = nil,
            memberModels: [StepPath] = []
        ) -> Finish {
            let finalist = finalist ?? winner
            return Finish(
                solution: finalist.solution, judged: judged, submission: submission, reason: reason,
                blending: finalist.blending, model: model, memberModels: memberModels)
        }
        let path = here / "refit"
        let trained = try await withinBudget {
            let final = try await reweighed(winner, at: here)
            return (final, failure: try await train(final, at: path))
        }
        guard let (final, failure) = trained else {
            return end(scored, "no time was left to refit the winner on all rows")
        }
        if let failure { return end(scored, "the refit on all rows failed (\(failure.ending))") }
        let observation = MeasureAgreement(refit: path, scored: scored)
        let measured = try await withinBudget { try await lab.observe(observation, at: here / "agreement") }
        guard let measured else {
            return end(scored, "no time was left to compare the refit on all rows with the scored run")
        }
        guard let agreement = measured else {
            return end(scored, "the refit on all rows or the scored run predicts the same for every row")
        }
        guard agreement >= plan.refitAgreement else {
            return end(scored, "the refit on all rows disagrees with the scored run (\(toThreeDigits(agreement)))")
        }
        let reason = "the winner was refitted on all rows and agrees with the scored run (\(toThreeDigits(agreement)))"
        if !final.isEnsemble { return end(path, reason, model: path) }
        let proof = try await proof(of: final, against: path, at: here)
        return end(
            path, "\(reason)\(proof.words)", of: final, model: proof.model, memberModels: members(of: final, at: path))
    }

    /// The winner as it is trained on all rows: where an ensemble's shares were chosen on the search part, they are chosen
    /// again among its members on all held-out rows, now that the judge part has done its work.
    private func reweighed(_ winner: Finalist, at here: StepPath) async throws -> Finalist {
        guard plan.ensemble == .weighted, winner.members.count > 1 else { return winner }
        let request = ReweighMembers(members: winner.members.map(\.solution.path))
        let shares = try await lab.observe(request, at: here / "shares")
        let members = zip(winner.members, shares.weights).filter { $0.1 > 0 }
            .map { Finalist.Member(solution: $0.0.solution, weight: $0.1) }
        return Finalist(
            script: shares.script, standing: winner.solution.standing, path: winner.solution.path, members: members)
    }

    /// The steps that train an ensemble's members on all rows.
    private func members(of finalist: Finalist, at refit: StepPath) -> [StepPath] {
        finalist.members.indices.map { refit / "member-\($0 + 1)" }
    }

    /// Trains a script, or each member of an ensemble, on all rows.
    ///
    /// - Returns: what went wrong, if anything.
    private func train(_ finalist: Finalist, at path: StepPath) async throws -> Failure? {
        if !finalist.isEnsemble {
            let request = RunRequest(kind: .submission, script: finalist.solution.script, mount: .full)
            return try await lab.run(request, at: path).failure
        }
        let members = members(of: finalist, at: path)
        let reports = try await together(finalist.members) { index, member in
            let request = RunRequest(kind: .submission, script: member.solution.script, mount: .full)
            return try await lab.run(request, at: members[index])
        }.complete()
        if let failure = reports.lazy.compactMap(\.failure).first { return failure }
        let refits = Blending(members: members, weights: finalist.members.map(\.weight))
        _ = try await lab.observe(BlendRefits(blending: refits), at: path)
        return nil
    }

    /// Runs an ensemble's script on all rows, if there is time, and says whether it does what its members did.
    ///
    /// - Returns: that in words, and the step whose model is kept.
    private func proof(
        of finalist: Finalist, against refit: StepPath, at here: StepPath
    ) async throws -> (words: String, model: StepPath?) {
        let path = here / "proof"
        let request = RunRequest(kind: .submission, script: finalist.solution.script, mount: .full)
        guard let report = try await withinBudget({ try await lab.run(request, at: path) }) else {
            return ("; no time was left to run solution.py as a whole", nil)
        }
        if let failure = report.failure { return ("; solution.py as a whole failed (\(failure.ending))", nil) }
        let observation = MeasureAgreement(refit: path, scored: refit)
        let agreement = try await withinBudget { try await lab.observe(observation, at: here / "proof-agreement") }
        guard let agreement = agreement ?? nil else {
            return ("; solution.py was run as a whole, but could not be compared with that", path)
        }
        return ("; solution.py was run as a whole and agrees with that (\(toThreeDigits(agreement)))", path)
    }

    /// Where scores are self-reported: brings the winner to all rows and to predicting the test rows (MLE-STAR §3.4,
    /// appendix E); when that fails the next finalist takes its place, after the finalists any other scored script, as long
    /// as there is time.
    ///
    /// - Parameter library: every script with a score.
    func writeSubmission(
        _ finalists: [Finalist], winner: Int, judged: [Standing], library: [Solution], at here: StepPath
    ) async throws -> Finish? {
        let order = [winner] + finalists.indices.filter { $0 != winner }
        let others = library.ranked(by: direction).map { (solution: $0, judged: Standing?.none) }
        var tried: Set<Script> = []
        let candidates = (order.map { (solution: finalists[$0].solution, judged: Standing?.some(judged[$0])) } + others)
            .filter { tried.insert($0.solution.script).inserted }
        var reasons: [String] = []
        for (place, (solution, judged)) in candidates.enumerated() {
            let step = place == 0 ? here / "submission" : here / "submission-\(place + 1)"
            let ended = try await withinBudget {
                let script = try await finalScript(of: solution.script, at: step)
                let request = RunRequest(kind: .submission, script: script, mount: .full)
                return try await runAndDebug(request, at: step)
            }
            guard let (ran, failure) = ended else {
                reasons.append("no time was left to write the submission of \(solution.path)")
                break
            }
            if let failure {
                reasons.append("the submission of \(solution.path) failed (\(failure.ending))")
                continue
            }
            let won = Solution(
                script: ran.script, standing: solution.standing, path: solution.path, wall: ran.wall)
            reasons.append("\(solution.path) was brought to all rows and predicts the test rows")
            return Finish(
                solution: won, judged: judged, submission: ran.path, reason: reasons.joined(separator: "; "),
                model: ran.path)
        }
        let first = finalists[winner].solution
        return Finish(
            solution: first, judged: judged[winner], submission: first.path, reason: reasons.joined(separator: "; "))
    }

    /// The script without subsampling, and with the prediction of the test rows.
    private func finalScript(of script: Script, at here: StepPath) async throws -> Script {
        var final = script
        if case .block(let block)? = try await lab.ask(
            LocateSubsampling(script: script), at: here / "subsampling"
        ).answer,
            let whole = try await lab.ask(
                RemoveSubsampling(script: script, block: block), at: here / "all-rows"
            ).answer,
            case .edited(let edited) = script.edited(block, to: whole)
        {
            final = edited
        }
        return try await lab.ask(WriteSubmission(script: final), at: here / "script").answer ?? final
    }
}
