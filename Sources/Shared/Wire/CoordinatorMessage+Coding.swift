public import Foundation
import SwiftProtobuf
import Vocabulary

extension CoordinatorMessage {
    /// The message's bytes.
    public func encoded() throws -> [UInt8] {
        var frame = Mlestar_FromCoordinator()
        frame.version = UInt32(protocolVersion)
        switch self {
        case .welcome(let heartbeat):
            frame.welcome.heartbeatMilliseconds = UInt32(clamping: heartbeat.milliseconds)
        case .refused(let reason): frame.refused.reason = reason
        case .askForHello: frame.askForHello = Mlestar_AskForHello()
        case .assignment(let job, let term, let checkpoint):
            frame.assignment = Mlestar_Assignment(job, term: term)
            if let checkpoint { frame.assignment.checkpoint = Mlestar_Checkpoint(checkpoint) }
        case .revocation(let attempt): frame.revocation.attempt = Mlestar_AttemptName(attempt)
        case .acknowledgement(let attempt): frame.acknowledgement.attempt = Mlestar_AttemptName(attempt)
        case .heartbeatAnswer: frame.heartbeatAnswer = Mlestar_HeartbeatAnswer()
        case .shutdown: frame.shutdown = Mlestar_Shutdown()
        case .dataChunk(let chunk): frame.dataChunk = Mlestar_DataChunk(chunk)
        case .dataRefusal(let refusal): frame.dataRefusal = Mlestar_DataRefusal(refusal)
        // Assigned even when false: this is what makes the frame a drain.
        case .drain(let handsBack): frame.drain.handsBack = handsBack
        case .logRequest(let attempt): frame.logRequest.attempt = Mlestar_AttemptName(attempt)
        }
        return try frame.serializedBytes()
    }

    /// Reads a message that came from outside.
    public init(decoding bytes: [UInt8]) throws(WireError) { try self.init(frame: try decoded(bytes)) }

    /// Reads a message that came from outside.
    public init(decoding bytes: Data) throws(WireError) {
        if let chunk = try DataChunk(inPlace: bytes) {
            self = .dataChunk(chunk)
        } else {
            try self.init(frame: try decoded(bytes))
        }
    }

    private init(frame: Mlestar_FromCoordinator) throws(WireError) {
        // A refusal is understood in every version: it says which one is wanted.
        if case .refused(let refused) = frame.kind {
            self = .refused(reason: refused.reason)
            return
        }
        guard frame.version == UInt32(protocolVersion) else { throw .versionUnsupported(Int(frame.version)) }
        switch frame.kind {
        case .welcome(let welcome):
            guard (10...600_000).contains(welcome.heartbeatMilliseconds) else {
                throw .malformed("a heartbeat comes every 10 to 600 000 ms")
            }
            self = .welcome(heartbeat: .milliseconds(Int64(welcome.heartbeatMilliseconds)))
        case .refused(let refused): self = .refused(reason: refused.reason)
        case .askForHello: self = .askForHello
        case .assignment(let assignment):
            let (job, term) = try assignment.job()
            self = .assignment(job, term, assignment.hasCheckpoint ? try assignment.checkpoint.checkpoint() : nil)
        case .revocation(let revocation): self = .revocation(try revocation.attempt.attempt())
        case .acknowledgement(let acknowledgement): self = .acknowledgement(try acknowledgement.attempt.attempt())
        case .heartbeatAnswer: self = .heartbeatAnswer
        case .shutdown: self = .shutdown
        case .dataChunk(let chunk): self = .dataChunk(try chunk.chunk(content: chunk.content))
        case .dataRefusal(let refusal): self = .dataRefusal(try refusal.refusal())
        case .drain(let drain): self = .drain(handsBack: drain.handsBack)
        case .logRequest(let request): self = .logRequest(try request.attempt.attempt())
        case nil: throw .malformed("no known kind of message")
        }
    }
}

extension Mlestar_Assignment {
    init(_ job: Job, term: LeaseTerm) {
        self.init()
        attempt = Mlestar_AttemptName(Attempt(job: job.id, term: term))
        kind = job.kind.rawValue
        script = job.script.text
        mountManifest = job.mount.manifest.rawValue
        mountPath = job.mount.path
        deliverable = job.deliverable.rawValue
        seed = UInt64(clamping: job.seed)
        cores = UInt32(clamping: job.cores)
        wallMilliseconds = UInt64(clamping: job.limits.wall.milliseconds)
        memoryBytes = UInt64(clamping: job.limits.memoryBytes)
        outputBytes = UInt64(clamping: job.limits.outputBytes)
        if let rule = job.earlyStop { earlyStop = Mlestar_EarlyStop(rule) }
        if job.needs != Needs() { needs = Mlestar_Needs(job.needs) }
    }

    func job() throws(WireError) -> (Job, LeaseTerm) {
        let attempt = try attempt.attempt()
        guard let kind = JobKind(rawValue: kind) else { throw .malformed("unknown kind of job '\(kind.prefix(50))'") }
        guard let deliverable = Deliverable(rawValue: deliverable) else {
            throw .malformed("unknown deliverable '\(deliverable.prefix(50))'")
        }
        guard wallMilliseconds > 0, memoryBytes > 0, outputBytes > 0 else { throw .malformed("limits are positive") }
        let limits = Limits(
            wall: .milliseconds(Int64(clamping: wallMilliseconds)), memoryBytes: Int(clamping: memoryBytes),
            outputBytes: Int(clamping: outputBytes))
        let mount = Mount(manifest: try checkedHash(mountManifest), path: mountPath)
        let job = Job(
            id: attempt.job, kind: kind, script: Script(script), mount: mount, deliverable: deliverable,
            seed: Int(clamping: seed),
            cores: Int(max(1, cores)), limits: limits, earlyStop: hasEarlyStop ? try earlyStop.rule() : nil,
            needs: needs.value)
        return (job, attempt.term)
    }
}

extension Mlestar_Needs {
    init(_ needs: Needs) {
        self.init()
        gpus = UInt32(clamping: needs.gpus)
        gpuMemoryBytes = UInt64(clamping: needs.gpuMemoryBytes)
        cores = UInt32(clamping: needs.cores)
        memoryBytes = UInt64(clamping: needs.memoryBytes)
        environment = needs.environment
    }

    var value: Needs {
        Needs(
            gpus: Int(gpus), gpuMemoryBytes: Int(clamping: gpuMemoryBytes), cores: Int(cores),
            memoryBytes: Int(clamping: memoryBytes), environment: environment)
    }
}

extension Mlestar_Checkpoint {
    init(_ checkpoint: Checkpoint) {
        self.init()
        term = UInt32(clamping: checkpoint.term.rawValue)
        files = Data(checkpoint.files)
    }

    func checkpoint() throws(WireError) -> Checkpoint {
        guard term >= 1 else { throw .malformed("a term is at least 1") }
        return Checkpoint(term: LeaseTerm(rawValue: Int(term)), files: Array(files))
    }
}

extension Mlestar_EarlyStop {
    init(_ rule: EarlyStop) {
        self.init()
        direction = rule.direction.rawValue
        others = UInt32(clamping: rule.others)
        warmUp = UInt32(clamping: rule.warmUp)
    }

    func rule() throws(WireError) -> EarlyStop {
        guard let direction = Direction(rawValue: direction) else {
            throw .malformed("a direction is 'higher' or 'lower'")
        }
        return EarlyStop(direction: direction, others: Int(clamping: others), warmUp: Int(clamping: warmUp))
    }
}
