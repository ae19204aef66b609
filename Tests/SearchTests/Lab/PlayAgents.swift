import Search
import Vocabulary

/// The roles' usual answers for the step at a path: valid, distinct from step to step, and of use to the next role.
struct PlayAgents: RoleAgents {
    let path: StepPath

    func retrieveModels(_ request: RetrieveModels) async throws -> RoleReply<[ModelCard]> {
        .valid(
            (1...request.count).map { number in
                ModelCard(
                    name: "model \(number)", exampleCode: "fit(\(number))", source: "solution \(request.solution)")
            })
    }

    func writeCandidate(_ request: WriteCandidate) async throws -> RoleReply<Script> {
        .valid(
            Script(
                """
                # \(request.card.name) of \(request.card.source) at \(path)
                rows = read()
                features = build(rows)
                model = '\(request.card.name)'
                training = fit(model, features)
                predictions = predict(training)
                write(predictions)
                """))
    }

    func mergeSolutions(_ request: MergeSolutions) async throws -> RoleReply<Script> {
        let reference = request.reference.text.split(separator: "\n").first ?? ""
        return .valid(Script("\(request.base.text)\nblend('\(reference)')"))
    }

    func checkDataUsage(_ request: CheckDataUsage) async throws -> RoleReply<DataUsage> { .valid(.everythingUsed) }

    func planAblation(_ request: PlanAblation) async throws -> RoleReply<[NamedEdit]> {
        let lines = request.script.text.split(separator: "\n").map(String.init)
        let first = request.studies.count
        return .valid(
            (0..<request.count).map { number in
                let line = lines[(first + number) % lines.count]
                return NamedEdit(name: "without line \(number + 1)", block: line, replacement: "pass  # \(line)")
            })
    }

    func summarizeAblation(_ request: SummarizeAblation) async throws -> RoleReply<String> {
        .valid("\(request.study.variants.count) parts were looked at in \(path)")
    }

    func extractTarget(_ request: ExtractTarget) async throws -> RoleReply<TargetBlock> {
        let lines = request.script.text.split(separator: "\n").map(String.init)
        guard let line = lines.dropFirst().first(where: { !request.refined.contains($0) }) else {
            return .notApplicable("every line was refined")
        }
        return .valid(TargetBlock(block: line, plan: "first plan for \(line)"))
    }

    func refineBlock(_ request: RefineBlock) async throws -> RoleReply<String> {
        .valid("\(request.block)\nrefined('\(request.plan)', '\(path)')")
    }

    func planRefinement(_ request: PlanRefinement) async throws -> RoleReply<[String]> {
        .valid((1...request.count).map { "plan \($0) of \(path)" })
    }

    func debug(_ request: DebugScript) async throws -> RoleReply<Script> {
        .valid(Script("\(request.script.text)\n# mended at \(path)"))
    }
}
