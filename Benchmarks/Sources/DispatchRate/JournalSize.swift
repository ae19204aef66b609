import Foundation
import Journal
import Kit
import Vocabulary

/// How long a journal takes to open, by its size: opening checks the schema and finds the runs and their open work.
enum JournalSize {
    private struct Asked: Encodable { let script: String }
    private struct Answered: Encodable { let score: Double }

    static func measure(steps: Int) throws {
        let site = try Site(heldFor: 600)
        defer { site.remove() }
        let clock = ContinuousClock()
        let filling = clock.now
        for number in 0..<steps {
            let path = StepPath("solution-\(number % 4)/outer-\(number / 400)/inner-\(number)")
            try site.journal.ask(
                path, of: Site.run, kind: .ask, request: Asked(script: "script \(number) of a long search"))
            try site.journal.answer(path, of: Site.run, with: Answered(score: Double(number)))
        }
        let filled = filling.duration(to: clock.now).seconds
        let opening = clock.now
        let journal = try Journal(folder: "\(site.folder)/state")
        let run = try journal.run(Site.run)
        let unfinished = try journal.unfinishedJobs(of: [run.id]).count
        let opened = opening.duration(to: clock.now).seconds
        let reading = clock.now
        let read = try journal.steps(of: run.id).count
        let bytes =
            try FileManager.default.attributesOfItem(atPath: "\(site.folder)/state/journal.sqlite")[.size] as? Int
        print(
            String(
                format: #"{"what": "journal", "steps": %d, "bytes": %d, "open_s": %.3f, "unfinished_jobs": %d, "#
                    + #""read_all_steps_s": %.2f, "steps_read": %d, "durable_steps_written_per_s": %.0f}"#,
                steps, bytes ?? 0, opened, unfinished, reading.duration(to: clock.now).seconds, read,
                Double(steps) / filled))
    }
}
