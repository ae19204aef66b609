import Search
import Vocabulary

/// The usual answers of the roles around the loops: checks, ensembles, the submission.
extension PlayAgents {
    func summarizeTask(_ request: SummarizeTask) async throws -> RoleReply<String> { .valid("predict it") }

    func summarizeFailure(_ request: SummarizeFailure) async throws -> RoleReply<String> {
        .valid("in short: \(request.failure.ending)")
    }

    func detectLeakage(_ request: DetectLeakage) async throws -> RoleReply<LeakageFinding> { .valid(.clean) }

    func fixLeakage(_ request: FixLeakage) async throws -> RoleReply<String> {
        .valid("\(request.block)  # mended")
    }

    func writeAblation(_ request: WriteAblation) async throws -> RoleReply<Script> {
        .valid(Script("\(request.script.text)\n# ablation \(request.studies.count + 1) at \(path)"))
    }

    func summarizeAblationOutput(_ request: SummarizeAblationOutput) async throws -> RoleReply<String> {
        .valid(request.output == nil ? "the ablation failed" : "the ablation printed something at \(path)")
    }

    func planEnsemble(_ request: PlanEnsemble) async throws -> RoleReply<String> {
        .valid("ensemble plan \(request.history.count + 1)")
    }

    func writeEnsemble(_ request: WriteEnsemble) async throws -> RoleReply<Script> {
        .valid(Script("# \(request.plan) at \(path)\n" + request.scripts.map(\.text).joined(separator: "\n")))
    }

    func locateSubsampling(_ request: LocateSubsampling) async throws -> RoleReply<Subsampling> {
        let line = request.script.text.split(separator: "\n").first.map(String.init)
        return .valid(line.map(Subsampling.block) ?? .none)
    }

    func removeSubsampling(_ request: RemoveSubsampling) async throws -> RoleReply<String> {
        .valid("\(request.block)  # all rows")
    }

    func writeSubmission(_ request: WriteSubmission) async throws -> RoleReply<Script> {
        .valid(Script("\(request.script.text)\nsave('submission.csv')"))
    }
}
