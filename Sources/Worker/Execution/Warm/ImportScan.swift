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

    /// A statement before an import that the import may depend on: variables, warnings, paths, somebody else's attributes.
    nonisolated(unsafe) private static let influence =
        #/environ(?!\.get)|putenv|warnings|simplefilter|sys\.|importlib|__import__|exec\(|eval\(|setattr|logging|^[A-Za-z_]\w*(\.\w+)+\s*=[^=]/#

    /// The known modules that a script imports, in its order: those an import statement at the beginning of a line names, as
    /// far as nothing before it could change what the import does.
    static func modules(in script: String) -> [String] {
        var found: [String] = []
        var lines = script.split(separator: "\n", omittingEmptySubsequences: false).makeIterator()
        while let line = lines.next() {
            guard let first = line.first, first != "#" else { continue }
            var statement = String(line)
            if line.hasPrefix("import ") || line.hasPrefix("from ") {
                while statement.contains("("), !statement.contains(")"), let more = lines.next() {
                    statement += " " + more
                }
                for module in modules(of: statement) where !found.contains(module) { found.append(module) }
            } else if statement.firstMatch(of: influence) != nil {
                break
            }
        }
        return found
    }

    /// The known modules that one statement imports.
    private static func modules(of statement: String) -> [String] {
        let plain = statement.prefix { $0 != "#" }.replacing("(", with: " ").replacing(")", with: " ")
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
