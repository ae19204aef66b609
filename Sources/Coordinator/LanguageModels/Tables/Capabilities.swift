import Yams

/// A parameter that some models refuse.
public enum ModelParameter: String, Hashable, Sendable, CaseIterable {
    /// The sampling temperature.
    case temperature
    /// How long the model thinks.
    case effort
    /// The form of a structured answer.
    case schema
    /// The provider's web search.
    case webSearch = "web_search"
    /// The longest answer.
    case maximumOutput = "maximum_output"
}

/// What a model takes.
public struct ModelProfile: Hashable, Sendable {
    /// How Gemini is told how long to think.
    enum Thinking: String, CaseIterable { case level, budget, none }
    /// How structured answers are asked for.
    enum SchemaWay: String, CaseIterable {
        case native
        case toolCall = "tool_call"
        case jsonObject = "json_object"
    }

    var omitted: Set<ModelParameter> = []
    /// The words known for effort, the shortest thinking first.
    var efforts: [String] = ["low", "medium", "high"]
    var thinking = Thinking.none
    var schema = SchemaWay.native
    var schemaWithSearch = true
    /// Tokens; 0 leaves it to the server.
    var maximumOutput = 16384
    var streams = true

    /// The nearest word the model knows for an effort; a shorter one rather than a longer.
    func word(for effort: ReasoningEffort) -> String? {
        let order = ["none", "minimal", "low", "medium", "high", "xhigh", "max"]
        let wanted = order.firstIndex(of: effort.rawValue) ?? 0
        let known = efforts.compactMap { word in order.firstIndex(of: word).map { (word, $0) } }
        return (known.last { $0.1 <= wanted } ?? known.first)?.0
    }
}

/// What model families take and refuse, from a table that users can put their own in front of.
public struct CapabilityTable: Sendable {
    private struct Family {
        let provider: String
        let models: [String]
        let profile: ModelProfile

        func fits(_ provider: String, _ model: String) -> Bool {
            self.provider == provider
                && models.contains { $0.hasSuffix("*") ? model.hasPrefix($0.dropLast()) : model == $0 }
        }
    }

    private let families: [Family]

    /// The table that comes with the program.
    public static let builtIn: CapabilityTable = {
        do throws(ModelTableError) {
            return try CapabilityTable(
                String(decoding: PackageResources.capabilities_yaml, as: UTF8.self), name: "capabilities.yaml")
        } catch {
            preconditionFailure("the built-in capability table is broken: \(error)")
        }
    }()

    /// Reads a file whose entries are asked before the built-in ones.
    public static func reading(_ path: String) throws(ModelTableError) -> CapabilityTable {
        CapabilityTable(families: try CapabilityTable(try tableText(path), name: path).families + builtIn.families)
    }

    private init(families: [Family]) { self.families = families }

    init(_ text: String, name: String) throws(ModelTableError) {
        var problems: [String] = []
        var families: [Family] = []
        for var entry in try tableEntries(text, name: name, list: "families").entries {
            if let family = Self.family(&entry) { families.append(family) }
            problems += entry.finished()
        }
        guard problems.isEmpty else { throw ModelTableError(problems: problems) }
        self.families = families
    }

    private static func family(_ entry: inout TableEntry) -> Family? {
        var profile = ModelProfile()
        let provider = entry.choice("provider", tableProviders)
        let models = entry.names("models")
        for name in entry.names("omit") ?? [] {
            guard let parameter = ModelParameter(rawValue: name) else {
                entry.complain(
                    "omit", "names '\(name)'; known: \(ModelParameter.allCases.map(\.rawValue).joined(separator: ", "))"
                )
                continue
            }
            profile.omitted.insert(parameter)
        }
        if let efforts = entry.names("efforts") { profile.efforts = efforts }
        let ways = ModelProfile.Thinking.allCases.map(\.rawValue)
        if let word = entry.choice("thinking", ways) { profile.thinking = .init(rawValue: word) ?? .none }
        let forms = ModelProfile.SchemaWay.allCases.map(\.rawValue)
        if let word = entry.choice("schema", forms) { profile.schema = .init(rawValue: word) ?? .native }
        if let flag = entry.flag("schema_with_search") { profile.schemaWithSearch = flag }
        if let flag = entry.flag("stream") { profile.streams = flag }
        if let most = entry.number("maximum_output") { profile.maximumOutput = Int(most) }
        if provider == nil { entry.complain("provider", "is needed") }
        if models?.isEmpty ?? true { entry.complain("models", "is needed: a list of names") }
        guard let provider, let models else { return nil }
        return Family(provider: provider, models: models, profile: profile)
    }

    /// What a model takes; the careful defaults for one that is not in the table.
    func profile(of model: String, provider: String) -> ModelProfile {
        let bare = model.hasPrefix("models/") ? String(model.dropFirst(7)) : model
        return families.first { $0.fits(provider, bare) }?.profile ?? ModelProfile()
    }
}
