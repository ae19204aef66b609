/// How long the parts of a prompt may be, in characters: whatever a script printed or a search found is cut to this.
struct Bounds: Sendable {
    var description = 12_000
    var preview = 10_000
    var environment = 4_000
    var log = 8_000
    var script = 60_000
    var history = 8_000
    var found = 16_000

    /// The usual bounds.
    static let usual = Bounds()

    /// What is tried once when the prompt was too long for the model.
    static let tight = Bounds(
        description: 4_000, preview: 3_000, environment: 1_500, log: 2_000, script: 20_000, history: 2_500, found: 4_000
    )
}

extension String {
    /// Beginning and end of a text with the middle left out, as long as `limit` characters.
    func shortened(to limit: Int) -> String {
        guard count > limit else { return self }
        let head = limit * 2 / 5
        let left = count - limit
        return "\(prefix(head))\n… \(left) characters left out …\n\(suffix(limit - head))"
    }

    /// The beginning of a text.
    func cutOff(at limit: Int) -> String {
        count <= limit ? self : "\(prefix(limit))\n… \(count - limit) characters left out"
    }
}
