import ArgumentParser
import Dispatching
import Foundation
import Journal
import Vocabulary

struct DrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drain", abstract: "Lets workers of `mlestar serve` finish what they run, and end.",
        discussion: """
            A drained worker gets no more jobs and ends once its outcomes are handed in, with exit code 6. What starts \
            workers again whatever their exit code must be told, too.
            """)

    @Argument(help: "The worker's name.")
    var worker: String?

    @Flag(help: "All workers that are there.")
    var all = false

    @Flag(help: "Stop what they run and hand it back; other workers go on with it. Counts against no job.")
    var now = false

    @OptionGroup var state: StateOption

    func validate() throws {
        guard (worker == nil) == all else { throw ValidationError("name one worker, or all of them with --all") }
    }

    func run() async throws {
        let folder = try StateFolder(named: state.folder)
        guard folder.isServed else {
            throw InputError(
                "nobody serves \(folder.path): its workers can be ended by ctrl-C or a termination signal, which hands back "
                    + "what they run")
        }
        let journal = try folder.journal()
        let number = try journal.drain(worker.map { WorkerID($0) }, handsBack: now)
        for _ in 0..<100 {
            guard let request = try journal.drain(number) else { break }
            switch request.state {
            case .heeded: return print(request.words)
            case .refused: throw InputError(request.words)
            case .asked: try await Task.sleep(for: .milliseconds(100))
            }
        }
        throw InputError(
            "no answer within 10 s; the coordinator gives the worker no more jobs and asks it again until it answers or "
                + "its lease ends")
    }
}

/// Carries out what `mlestar drain` asks of a serving coordinator.
struct DrainDesk: Sendable {
    let journal: Journal
    let dispatcher: Dispatcher

    /// How long workers may take to say hello to a coordinator that was started again.
    private static let patience = Duration.seconds(5)

    func run(until stop: StopRequest) async {
        let clock = ContinuousClock()
        let began = clock.now
        var known: Set<Int> = []
        while !stop.isRequested {
            for request in (try? journal.openDrains()) ?? [] {
                let answer = await dispatcher.drain(request.worker, handsBack: request.handsBack)
                let isEarly = began.duration(to: clock.now) < Self.patience
                if case .asked = answer { known.insert(request.number) }
                guard
                    let (state, words) = Self.reply(
                        to: request, answer, wasThere: known.contains(request.number), isEarly: isEarly)
                else { continue }
                try? journal.answer(drain: request.number, as: state, words: words)
            }
            try? await Task.sleep(for: .milliseconds(300))
        }
    }

    /// What the journal is told; `nil` while it is too early to say.
    static func reply(
        to request: DrainRequest, _ answer: DrainAnswer, wasThere: Bool, isEarly: Bool
    ) -> (DrainRequest.State, String)? {
        switch answer {
        case .asked, .closed: return nil
        case .heeded(let loads):
            let each = loads.map { load in
                let end = load.running == 0 ? "ends" : "hands in \(load.running) jobs and ends"
                return "\(load.worker) \(end)"
            }
            return (.heeded, each.joined(separator: "\n"))
        case .absent where wasThere: return (.heeded, "\(request.worker?.rawValue ?? "all workers") ended")
        case .absent where isEarly: return nil
        case .absent(let there):
            let names = there.map(\.rawValue).sorted().joined(separator: ", ")
            let who = there.isEmpty ? "no worker is there" : "there are: \(names)"
            return (.refused, request.worker.map { "no worker \($0) is there; \(who)" } ?? who)
        }
    }
}
