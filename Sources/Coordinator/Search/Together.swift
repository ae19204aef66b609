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

extension Array {
    /// What came of bodies run together, in their order, without those whose budget ended. Any other error is rethrown.
    func finished<Value>() throws -> (values: [Value], isComplete: Bool) where Element == Result<Value, any Error> {
        var values: [Value] = []
        for result in self {
            do { values.append(try result.get()) } catch Signal.outOfBudget {}
        }
        return (values, values.count == count)
    }

    /// What came of bodies run together, in their order. An error that is not `outOfBudget` goes before that signal.
    func complete<Value>() throws -> [Value] where Element == Result<Value, any Error> {
        let (values, isComplete) = try finished()
        guard isComplete else { throw Signal.outOfBudget }
        return values
    }
}

/// Runs a body; `nil` when the budget ended before it did.
@discardableResult
func withinBudget<Value>(_ body: () async throws -> Value) async throws -> Value? {
    do { return try await body() } catch Signal.outOfBudget { return nil }
}
