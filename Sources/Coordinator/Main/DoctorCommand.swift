import ArgumentParser
import Foundation
import LanguageModels

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Looks whether everything a run needs is there, and says what to do.",
        discussion: """
            Without options nothing is paid. --model makes two tiny calls, --try-search asks the web one question. \
            Exit codes: 0 everything a run needs is there · 1 something must be mended.
            """)

    @Option(help: "A model to try, such as gemini-2.5-pro; see --model of `run`.")
    var model: String?

    @Flag(help: "Ask the search provider, or the model's own web search, one question.")
    var trySearch = false

    @Option(help: "Python interpreter to look at (default: what workers would take).")
    var python: String?

    @OptionGroup var state: StateOption

    func run() async throws {
        let doctor = Doctor(variables: ProcessInfo.processInfo.environment)
        var findings = doctor.keys() + doctor.prices()
        if let model { findings += await doctor.model(model, trySearch: trySearch) }
        findings += await doctor.search(asks: trySearch && model == nil)
        findings += await doctor.python(python)
        findings += await doctor.sandbox(python)
        findings += await doctor.gpu()
        findings += doctor.disk(state.folder)
        findings += doctor.ports()
        for finding in findings { print(finding) }
        if findings.contains(where: { $0.mark == .mend }) { throw ExitCode(1) }
    }
}
