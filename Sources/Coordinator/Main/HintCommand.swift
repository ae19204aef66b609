import Agents
import ArgumentParser
import Foundation
import Journal
import Laboratory
import Reporting
import Search
import Vocabulary

struct HintCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hint", abstract: "Tells a running search what to try.",
        discussion: """
            A plan is tried first in the next refinement step of every solution, a target is refined in its next outer step, \
            a model is tried and merged before that. What was seen of a hint is in the journal like every other step.
            """)

    @Argument(help: ArgumentHelp("The run's name, as `mlestar list` shows it.", valueName: "run"))
    var name: String

    @Option(help: "A model card: a recipe or a Markdown file with a code block.")
    var modelCard: String?

    @Option(help: "What to refine, in words.")
    var target: String?

    @Option(help: "A plan for the block that is refined next, in three to five sentences.")
    var plan: String?

    @OptionGroup var state: StateOption

    func validate() throws {
        guard modelCard != nil || target != nil || plan != nil else {
            throw ValidationError("say what to try: --model-card FILE, --target \"…\" or --plan \"…\"")
        }
        for (option, text, limit) in [("--target", target, 5_000), ("--plan", plan, 1_500)] {
            if let text, text.allSatisfy(\.isWhitespace) || text.count > limit {
                throw ValidationError("\(option) must be 1 to \(limit) characters that say what to do")
            }
        }
    }

    func run() throws {
        let journal = try StateFolder(named: state.folder).journal()
        let record = try journal.run(RunID(name))
        guard [.queued, .running, .interrupted].contains(record.state) else {
            throw InputError(
                "run \(record.id) is \(record.state.rawValue); a hint needs a run that goes on: resume it first")
        }
        let settings = try StoredRun.settings(of: record)
        let card = try modelCard.map(ModelCardFile.read)
        let hints: [Hint.Content?] = [card.map { .card($0) }, target.map { .target($0) }, plan.map { .plan($0) }]
        for hint in hints.compactMap({ $0 }) {
            try journal.hint(record.id, kind: hint.kind, content: try JSONText.line(hint))
            print("\(hint.kind): noted; the search looks for hints before each outer and inner step")
        }
        // Only a warning: the hint holds also where the task cannot be read any more.
        let guidance = Guidance(cards: card.map { [$0] } ?? [], target: target)
        let unusable = try? unusableHelp(guidance, of: record, settings)
        for words in unusable ?? [] { tell("warning: \(words)") }
    }

    /// What of the hint whoever plays the roles of the run cannot use.
    private func unusableHelp(
        _ guidance: Guidance, of run: RunRecord, _ settings: RunSettings
    ) throws -> [String] {
        guard settings.model == "playbook", !guidance.cards.isEmpty || guidance.target != nil else { return [] }
        return try settings.playbook(for: try StoredRun.task(of: run)).unusable(in: guidance)
    }
}
