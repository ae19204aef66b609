/// Finds the packages that a script imports at its top, of those that are worth holding ready.
enum ImportScan {
    /// The modules that may be held ready: their imports are slow, print nothing and change nothing but themselves. A closed
    /// list, because a script's text must not choose what the next script finds.
    static let known: Set<String> = Set(
        [
            "numpy", "pandas", "lightgbm", "xgboost", "catboost", "pyarrow", "joblib", "torch", "torch.nn",
            "torch.nn.functional", "torch.optim", "torch.utils.data", "PIL.Image",
        ]
            + "stats sparse sparse.linalg optimize special linalg signal spatial spatial.distance interpolate ndimage cluster.hierarchy"
            .split(separator: " ").map { "scipy.\($0)" }
                + """
                base calibration cluster compose covariance decomposition discriminant_analysis dummy ensemble exceptions \
                feature_extraction feature_extraction.text feature_selection gaussian_process impute inspection isotonic \
                kernel_approximation kernel_ridge linear_model manifold metrics metrics.pairwise mixture model_selection \
                multiclass multioutput naive_bayes neighbors neural_network pipeline preprocessing random_projection svm tree \
                utils
                """.split(separator: " ").map { "sklearn.\($0)" })

    /// Modules through which a statement may change what later imports do: paths, modules, warnings, loggers, anything.
    private static let mighty: Set = ["builtins", "ctypes", "importlib", "logging", "sys", "warnings"]

    /// Names with which a statement may do so without naming one of these modules.
    private static let telling = Set(
        """
        environ environb putenv unsetenv sched_setaffinity chdir setlocale set_start_method seterr exec eval vars globals \
        locals getattr setattr delattr __import__ __dict__ __builtins__ __getattribute__ __getattr__ __setattr__ __delattr__
        """.split(separator: " ").map(String.init))

    /// The known modules that a script imports, in its order: those of import statements at the beginning of a line, as far as
    /// nothing before them could change what the import does.
    static func modules(in script: String) -> [String] {
        let statements = Array(ScriptStatements(script))
        guard let last = statements.lastIndex(where: { $0.kind == .importing }) else { return [] }
        var found: [String] = []
        var imported: Set<String> = []
        for statement in statements[...last] {
            if statement.kind == .importing {
                imported.formUnion(words(statement.text))
                for module in modules(of: statement.text) where !found.contains(module) { found.append(module) }
            }
            if mayChangeImports(statement, behind: imported) { break }
        }
        return found
    }

    /// Whether an import behind a statement might do something else than without it.
    private static func mayChangeImports(_ statement: ScriptStatements.Statement, behind imported: Set<String>) -> Bool
    {
        switch statement.kind {
        case .words: false
        case .importing: givesOtherName(statement.text)
        case .other:
            // Reading a variable is fine.
            isTelling(statement.text.replacing("environ.get(", with: "("))
                || setsAttribute(of: imported, statement.text)
        }
    }

    private static func isTelling(_ text: some StringProtocol) -> Bool {
        words(text).contains { mighty.contains($0) || telling.contains($0) }
    }

    /// Whether later statements may reach what matters by a name that does not show it.
    private static func givesOtherName(_ statement: String) -> Bool {
        if statement.hasPrefix("from ") { return isTelling(statement) }
        return statement.split(separator: ",").contains { words($0).contains("as") && isTelling($0) }
    }

    /// Whether a statement assigns to an attribute of something that was imported.
    private static func setsAttribute(of imported: Set<String>, _ statement: String) -> Bool {
        let targets = statement.prefix { $0 != "=" && $0 != "(" }
        let rest = statement[targets.endIndex...]
        guard rest.hasPrefix("="), !rest.hasPrefix("==") else { return false }
        return targets.split(separator: ",").contains { target in
            target.contains(".") && words(target).first.map(imported.contains) == true
        }
    }

    private static func words(_ text: some StringProtocol) -> [String] {
        text.utf8.split { byte in
            let isLetter = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte >= 0x80
            return !isLetter && !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) && byte != UInt8(ascii: "_")
        }.map { String(decoding: $0, as: UTF8.self) }
    }

    /// The known modules that one statement imports.
    private static func modules(of statement: String) -> [String] {
        let plain = statement.replacing("(", with: " ").replacing(")", with: " ")
        let words = plain.split(separator: " ", maxSplits: 1).map(String.init)
        guard words.count == 2 else { return [] }
        if words[0] == "import" { return names(words[1]).compactMap(longestKnown) }
        let parts = words[1].split(separator: " import ", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { return [] }
        let package = parts[0].trimmingSpaces
        let inner = names(parts[1]).map { "\(package).\($0)" }.filter(known.contains)
        return ((longestKnown(package).map { [$0] } ?? []) + inner)
    }

    private static func names(_ list: String) -> [String] {
        list.split(separator: ",").compactMap { $0.split(separator: " ").first.map(String.init) }
    }

    private static func longestKnown(_ module: String) -> String? {
        var name = Substring(module)
        while !known.contains(String(name)) {
            guard let dot = name.lastIndex(of: ".") else { return nil }
            name = name[..<dot]
        }
        return String(name)
    }
}

extension String {
    fileprivate var trimmingSpaces: String { split(separator: " ").joined(separator: " ") }
}
