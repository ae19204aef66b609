import Foundation
import SwiftProtobuf
import Vocabulary

extension Mlestar_OutcomeReport {
    init(_ outcome: Outcome) {
        self.init()
        attempt = Mlestar_AttemptName(Attempt(job: outcome.job, term: outcome.term))
        (ending, endingName, signal) = Self.parts(of: outcome.ending)
        wallMilliseconds = UInt64(clamping: outcome.usage.wall.milliseconds)
        cpuMilliseconds = UInt64(clamping: outcome.usage.cpu.milliseconds)
        peakMemoryBytes = UInt64(clamping: outcome.usage.peakMemoryBytes)
        message = outcome.message
        log = outcome.log
        if let number = outcome.selfReported { selfReported = number }
        if let bytes = outcome.submission { submission = Data(bytes) }
        environment = outcome.environment.rawValue
        sandbox = outcome.sandbox.rawValue
        peakGpuMemoryBytes = UInt64(clamping: outcome.usage.peakGPUMemoryBytes)
        if let bytes = outcome.wholeLog { wholeLog = Data(bytes) }
        if let bytes = outcome.model { model = Data(bytes) }
        if let bytes = outcome.checkpoint { checkpoint = Data(bytes) }
        if let bytes = outcome.probabilities { probabilities = Data(bytes) }
    }

    func outcome() throws(WireError) -> Outcome {
        let attempt = try attempt.attempt()
        let number = hasSelfReported && selfReported.isFinite ? selfReported : nil
        return Outcome(
            job: attempt.job, term: attempt.term, ending: try endingValue(),
            usage: Usage(
                wall: .milliseconds(Int64(clamping: wallMilliseconds)),
                cpu: .milliseconds(Int64(clamping: cpuMilliseconds)),
                peakMemoryBytes: Int(clamping: peakMemoryBytes),
                peakGPUMemoryBytes: Int(clamping: peakGpuMemoryBytes)),
            message: message, log: log, selfReported: number, submission: hasSubmission ? Array(submission) : nil,
            environment: try checkedHash(environment), sandbox: Sandbox(rawValue: sandbox) ?? .none,
            wholeLog: hasWholeLog ? Array(wholeLog) : nil,
            // Larger ones than workers send are left out: the outcome itself counts.
            model: hasModel && model.count <= Outcome.modelLimit ? Array(model) : nil,
            checkpoint: ending == .endingInterrupted && hasCheckpoint && checkpoint.count <= Outcome.checkpointLimit
                ? Array(checkpoint) : nil,
            probabilities: hasProbabilities && probabilities.count <= Outcome.probabilitiesLimit
                ? Array(probabilities) : nil)
    }

    private static func parts(of ending: Ending) -> (Mlestar_EndingKind, String, UInt32) {
        switch ending {
        case .succeeded: (.endingSucceeded, "", 0)
        case .exception(let type): (.endingException, type, 0)
        case .missingPackage(let name): (.endingMissingPackage, name, 0)
        case .noScore: (.endingNoScore, "", 0)
        case .timeout: (.endingTimeout, "", 0)
        case .outOfMemory: (.endingOutOfMemory, "", 0)
        case .killed(let signal): (.endingKilled, "", UInt32(clamping: signal))
        case .outputLimit: (.endingOutputLimit, "", 0)
        case .missingSubmission: (.endingMissingSubmission, "", 0)
        case .diskLimit: (.endingDiskLimit, "", 0)
        case .invalidSubmission: (.endingInvalidSubmission, "", 0)
        case .stoppedEarly: (.endingStoppedEarly, "", 0)
        case .interrupted: (.endingInterrupted, "", 0)
        case .unavailable: (.endingUnavailable, "", 0)
        case .sandboxUnavailable: (.endingSandboxUnavailable, "", 0)
        // Workers do not say this; the coordinator does.
        case .quarantined: (.endingUnspecified, "", 0)
        }
    }

    private func endingValue() throws(WireError) -> Ending {
        switch ending {
        case .endingSucceeded: .succeeded
        case .endingException: .exception(endingName.beginning(200))
        case .endingMissingPackage: .missingPackage(endingName.beginning(200))
        case .endingNoScore: .noScore
        case .endingTimeout: .timeout
        case .endingOutOfMemory: .outOfMemory
        case .endingKilled: .killed(signal: Int(signal))
        case .endingOutputLimit: .outputLimit
        case .endingMissingSubmission: .missingSubmission
        case .endingInterrupted: .interrupted
        case .endingUnavailable: .unavailable
        case .endingDiskLimit: .diskLimit
        case .endingInvalidSubmission: .invalidSubmission
        case .endingStoppedEarly: .stoppedEarly
        case .endingSandboxUnavailable: .sandboxUnavailable
        case .endingUnspecified, .UNRECOGNIZED: throw .malformed("unknown ending")
        }
    }
}
