import Vocabulary

/// A block as a recipe file holds it, with the condition under which it is the one to take.
struct BlockTemplate: Hashable, Sendable {
    let condition: Condition
    let block: Block
}

/// What a recipe file says: blocks and changes, and for a model what it suits.
struct Recipe: Hashable, Sendable {
    /// How models come up in a solution: strong ones first, companions between them.
    enum Tier: String, Hashable, Sendable {
        case strong
        case companion
    }

    /// The model's name for people; distinct in a catalogue.
    let title: String
    /// The file it was read from.
    let source: String
    /// Tasks it suits; nothing for the frame.
    let condition: Condition
    /// Python packages it imports besides NumPy and pandas.
    let packages: [String]
    /// Tasks on which it is one of the strong ones; `nil` where it is a companion on all that it suits.
    let strength: Condition?
    /// Its place in its tier, from 1.
    let rank: Int
    /// Blocks of the frame that its model needs, such as `encode codes`.
    let uses: [String]
    let blocks: [BlockTemplate]
    let changes: [Change]

    /// How it comes up on a task.
    func tier(for traits: Traits) -> Tier { strength?.holds(for: traits) == true ? .strong : .companion }

    /// Where its model card comes from and what it needs.
    var provenance: String {
        packages.isEmpty ? "catalogue: \(source)" : "catalogue: \(source), needs \(packages.joined(separator: ", "))"
    }

    /// The first variant of a block that suits a task.
    func block(_ name: String, for traits: Traits) -> Block? {
        blocks.first { $0.block.name == name && $0.condition.holds(for: traits) }?.block
    }

    /// Names of the blocks, in file order, without repetitions.
    var blockNames: [String] {
        blocks.map(\.block.name).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    /// The block that trains its model.
    func modelBlock(for traits: Traits) -> Block? {
        blockNames.first { $0.hasPrefix("model ") }.flatMap { block($0, for: traits) }
    }
}
