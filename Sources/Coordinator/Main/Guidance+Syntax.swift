import ModelAgents
import Search

extension Guidance {
    /// Refuses recipes that are no Python: every script with such a block would fail.
    ///
    /// - Throws: `InputError`, which names the file and the line.
    func checkSyntax(by interpreter: String) async throws {
        let inspector = PythonInspector(interpreter: interpreter)
        for recipe in allRecipes {
            guard let error = await inspector.facts(of: recipe.text, targets: [])?.error else { continue }
            throw InputError("\(recipe.name), \(error)")
        }
    }
}
