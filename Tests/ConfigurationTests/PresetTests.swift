import Foundation
import Search
import Testing

@testable import Configuration

@Suite("Presets", .timeLimit(.minutes(5)))
struct PresetTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("configs").path

    private func preset(_ name: String) throws -> RunConfiguration {
        try ConfigurationFile.read("\(Self.folder)/\(name).yaml")
    }

    /// The defaults with what a preset says on top, so that a key that a preset sets by mistake is seen, too.
    private func defaults(but changes: (inout RunConfiguration) -> Void) -> RunConfiguration {
        var configuration = RunConfiguration()
        changes(&configuration)
        return configuration
    }

    @Test("quick: one solution of two first scripts, one refinement of two steps, one fold, 90 seconds")
    func quick() throws {
        let wanted = defaults {
            $0.budget = .seconds(90)
            $0.folds = 1
            $0.plan = SearchPlan(solutions: 1, candidates: 2, outerSteps: 1, innerSteps: 2, ablationVariants: 2)
        }
        #expect(try preset("quick") == wanted)
    }

    @Test("default: L 2, M 3, T 3, K 3, a plan at a time, hidden scores, a weighted ensemble, five minutes")
    func standard() throws {
        let preset = try preset("default")
        #expect(preset.budget == .seconds(300) && preset.mode == "hidden" && !preset.fillsSlots)
        let wanted = SearchPlan(
            solutions: 2, candidates: 3, outerSteps: 3, innerSteps: 3, plansAtOnce: 1, ablationVariants: 3,
            debugRounds: 2, acceptance: 0.75, mergeAcceptance: 0.5, finalists: 3, refitAgreement: 0.8,
            ensemble: .weighted, ensembleRounds: 3, ensembleMembers: 5, checksLeakage: true)
        #expect(preset.plan == wanted)
    }

    @Test("scale: as wide as the slots allow, T 4, K 2, an hour")
    func scale() throws {
        let wanted = defaults {
            $0.budget = .seconds(3_600)
            $0.fillsSlots = true
            $0.plan.outerSteps = 4
            $0.plan.innerSteps = 2
        }
        #expect(try preset("scale") == wanted)
        let wide = try preset("scale").plan.filling(slots: 16)
        #expect(wide.solutions == 4 && wide.candidates == 4 && wide.ablationVariants == 4 && wide.plansAtOnce == 4)
    }

    @Test("paper: M 4, T 4, K 4, L 2, R 5, self-reported scores, ensembles by the agent, a day")
    func paper() throws {
        let wanted = defaults {
            $0.budget = .seconds(24 * 3_600)
            $0.mode = "self-reported"
            $0.plan = SearchPlan(
                solutions: 2, candidates: 4, outerSteps: 4, innerSteps: 4, plansAtOnce: 1, debugRounds: 3,
                ensemble: .agent, ensembleRounds: 5)
        }
        #expect(try preset("paper") == wanted)
    }

    @Test("reference: M 2, T 1, K 1, L 2, R 1, self-reported scores, ensembles by the agent, two hours")
    func reference() throws {
        let wanted = defaults {
            $0.budget = .seconds(2 * 3_600)
            $0.mode = "self-reported"
            $0.plan = SearchPlan(
                solutions: 2, candidates: 2, outerSteps: 1, innerSteps: 1, plansAtOnce: 1, ensemble: .agent,
                ensembleRounds: 1)
        }
        #expect(try preset("reference") == wanted)
    }
}
