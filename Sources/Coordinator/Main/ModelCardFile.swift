import Foundation
import Search

/// Model cards that people write by hand.
enum ModelCardFile {
    /// Reads a card: a playbook recipe (`# recipe: NAME` first), or Markdown with the model's name as its first heading
    /// and example code between ``` fences.
    ///
    /// - Throws: `InputError`, which names the file and says what it lacks.
    static func read(_ path: String) throws -> ModelCard {
        guard let bytes = FileManager.default.contents(atPath: path), let text = String(data: bytes, encoding: .utf8)
        else { throw InputError("--model-card \(path): cannot be read as UTF-8 text") }
        guard text.utf8.count <= 200_000 else {
            throw InputError("--model-card \(path): is longer than 200000 bytes; a card holds a short example")
        }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if let name = lines.first.flatMap({ heading($0, after: "# recipe:") }) {
            return ModelCard(name: name, exampleCode: text, source: path)
        }
        guard let name = lines.lazy.compactMap({ heading($0, after: "# ") }).first else {
            throw InputError("--model-card \(path): has no heading '# NAME OF THE MODEL'")
        }
        let fences = lines.indices.filter { lines[$0].hasPrefix("```") }
        guard fences.count >= 2, fences[0] + 1 < fences[1] else {
            throw InputError("--model-card \(path): has no example code between two lines of ```")
        }
        return ModelCard(
            name: name, exampleCode: lines[(fences[0] + 1)..<fences[1]].joined(separator: "\n"), source: path)
    }

    private static func heading(_ line: String, after prefix: String) -> String? {
        guard line.hasPrefix(prefix) else { return nil }
        let name = line.dropFirst(prefix.count).trimmingCharacters(in: .whitespaces)
        return name.isEmpty ? nil : name
    }
}
