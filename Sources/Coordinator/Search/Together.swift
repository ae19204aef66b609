/// Runs a body for every element at once and hands back all results in the elements' order.
///
/// A body that fails neither cancels nor hides the others: its place holds the error.
func together<Element: Sendable, Value: Sendable>(
    _ elements: [Element], _ body: @escaping @Sendable (_ index: Int, _ element: Element) async throws -> Value
) async -> [Result<Value, any Error>] {
    await withTaskGroup(of: (Int, Result<Value, any Error>).self) { group in
        for (index, element) in elements.enumerated() {
            group.addTask {
                do {
                    return (index, .success(try await body(index, element)))
                } catch {
                    return (index, .failure(error))
                }
            }
        }
        var results = [Result<Value, any Error>?](repeating: nil, count: elements.count)
        for await (index, result) in group { results[index] = result }
        return results.compactMap { $0 }
    }
}

extension [Result<Solution?, any Error>] {
    /// The solutions there are. An error that is not `outOfBudget` is rethrown; when the budget ended and there is not
    /// one solution, so is that signal.
    func finished() throws -> [Solution] {
        var solutions: [Solution] = []
        var outOfBudget = false
        for result in self {
            do { solutions += [try result.get()].compactMap { $0 } } catch Signal.outOfBudget { outOfBudget = true }
        }
        if outOfBudget && solutions.isEmpty { throw Signal.outOfBudget }
        return solutions
    }
}

/// Runs a body; `nil` when the budget ended before it did.
func withinBudget<Value>(_ body: () async throws -> Value) async throws -> Value? {
    do { return try await body() } catch Signal.outOfBudget { return nil }
}
