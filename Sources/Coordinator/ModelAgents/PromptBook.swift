import Foundation

/// The prompts that are compiled in: one Markdown file per question in `Prompts/`.
struct PromptBook: Sendable {
    /// What a file is called, without its ending.
    enum Page: String, CaseIterable, Sendable {
        case system, again
        case taskSummarizer = "task-summarizer"
        case retriever
        case candidateCoder = "candidate-coder"
        case merger
        case dataUsageChecker = "data-usage-checker"
        case ablationCoder = "ablation-coder"
        case ablationScript = "ablation-script"
        case ablationSummarizer = "ablation-summarizer"
        case ablationOutput = "ablation-output"
        case extractor, coder, planner
        case ensemblePlanner = "ensemble-planner"
        case ensembler, debugger
        case bugSummarizer = "bug-summarizer"
        case leakageDetector = "leakage-detector"
        case leakageFixer = "leakage-fixer"
        case submissionWriter = "submission-writer"
        case subsamplingLocator = "subsampling-locator"
        case subsamplingRemover = "subsampling-remover"
    }

    private let pages: [Page: Template]
    private let partials: [String: Template]

    /// The book that comes with the program.
    static let builtIn: PromptBook = {
        do { return try PromptBook() } catch {
            preconditionFailure("a built-in prompt is broken: \(error)")
        }
    }()

    private init() throws(Template.Defect) {
        var pages: [Page: Template] = [:]
        for (page, bytes) in Self.embedded { pages[page] = try Template(Self.text(bytes)) }
        self.pages = pages
        var partials: [String: Template] = [:]
        for (name, bytes) in Self.embeddedParts { partials[name] = try Template(Self.text(bytes)) }
        self.partials = partials
    }

    /// A page with its values, blank lines at its ends removed.
    func text(_ page: Page, _ values: [String: String]) -> String {
        do {
            guard let template = pages[page] else { throw Template.Defect(description: "there is no such page") }
            let text = try template.rendered(values, partials: partials)
            return page == .again ? text : text.trimmingCharacters(in: .newlines)
        } catch {
            preconditionFailure("the built-in prompt \(page.rawValue) is broken: \(error)")
        }
    }

    private static func text(_ bytes: [UInt8]) -> String {
        let text = String(decoding: bytes, as: UTF8.self)
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }

    private static let embedded: [(Page, [UInt8])] = [
        (.system, PackageResources.system_md), (.again, PackageResources.again_md),
        (.taskSummarizer, PackageResources.task_summarizer_md), (.retriever, PackageResources.retriever_md),
        (.candidateCoder, PackageResources.candidate_coder_md), (.merger, PackageResources.merger_md),
        (.dataUsageChecker, PackageResources.data_usage_checker_md),
        (.ablationCoder, PackageResources.ablation_coder_md), (.ablationScript, PackageResources.ablation_script_md),
        (.ablationSummarizer, PackageResources.ablation_summarizer_md),
        (.ablationOutput, PackageResources.ablation_output_md), (.extractor, PackageResources.extractor_md),
        (.coder, PackageResources.coder_md), (.planner, PackageResources.planner_md),
        (.ensemblePlanner, PackageResources.ensemble_planner_md), (.ensembler, PackageResources.ensembler_md),
        (.debugger, PackageResources.debugger_md), (.bugSummarizer, PackageResources.bug_summarizer_md),
        (.leakageDetector, PackageResources.leakage_detector_md), (.leakageFixer, PackageResources.leakage_fixer_md),
        (.submissionWriter, PackageResources.submission_writer_md),
        (.subsamplingLocator, PackageResources.subsampling_locator_md),
        (.subsamplingRemover, PackageResources.subsampling_remover_md),
    ]

    private static let embeddedParts: [(String, [UInt8])] = [
        ("part-task", PackageResources.part_task_md), ("part-data", PackageResources.part_data_md),
        ("part-environment", PackageResources.part_environment_md),
        ("part-contract", PackageResources.part_contract_md), ("form-code", PackageResources.form_code_md),
        ("form-block", PackageResources.form_block_md),
    ]
}
