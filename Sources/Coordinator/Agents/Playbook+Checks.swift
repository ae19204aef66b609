public import Search
public import Vocabulary

/// The roles that only a reader of free text and foreign code can play.
extension Playbook {
    /// Declined: the playbook searches its catalogue by the task's traits, not by words.
    public func summarizeTask(_ request: SummarizeTask) async throws -> RoleReply<String> {
        .notApplicable("the playbook needs no summary of the task")
    }

    /// Declined: the playbook mends by the kind of failure alone.
    public func summarizeFailure(_ request: SummarizeFailure) async throws -> RoleReply<String> {
        .notApplicable("the playbook reads no error reports")
    }

    /// Declined: the playbook cannot read code.
    public func detectLeakage(_ request: DetectLeakage) async throws -> RoleReply<LeakageFinding> {
        .notApplicable("the playbook cannot look for leakage")
    }

    /// Declined: the playbook cannot read code.
    public func fixLeakage(_ request: FixLeakage) async throws -> RoleReply<String> {
        .notApplicable("the playbook cannot mend leakage")
    }

    /// Scripts of the playbook train on every row they are given.
    public func locateSubsampling(_ request: LocateSubsampling) async throws -> RoleReply<Subsampling> {
        BlockScript(request.script) == nil ? .notApplicable(Decline.foreignScript) : .valid(.none)
    }

    /// Declined: scripts of the playbook do not subsample.
    public func removeSubsampling(_ request: RemoveSubsampling) async throws -> RoleReply<String> {
        .notApplicable(Decline.foreignBlock)
    }

    /// Declined: scripts of the playbook predict the test rows already.
    public func writeSubmission(_ request: WriteSubmission) async throws -> RoleReply<Script> {
        .notApplicable("the script predicts the test rows already")
    }

    /// Declined: the playbook names single edits, which are measured one by one.
    public func writeAblation(_ request: WriteAblation) async throws -> RoleReply<Script> {
        .notApplicable("the playbook writes no ablation scripts")
    }

    /// Declined: the playbook cannot read what scripts print.
    public func summarizeAblationOutput(_ request: SummarizeAblationOutput) async throws -> RoleReply<String> {
        .notApplicable("the playbook reads no printed output")
    }
}
