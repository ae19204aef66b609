/// Random numbers that are the same everywhere for the same seed and purpose (SplitMix64; Steele, Lea and Flood 2014).
///
/// Not the standard library's `shuffle`, whose use of a generator may change with the compiler.
struct RandomStream {
    private var state: UInt64

    /// A stream of its own for each purpose, so that one draw more here changes nothing there.
    init(seed: String, purpose: String) {
        var text = seed + "\u{0}" + purpose
        state = text.withUTF8 { ColumnProfiler.hash($0) }
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to but not including `bound`, all equally likely.
    mutating func below(_ bound: Int) -> Int {
        precondition(bound > 0, "a random number below \(bound) does not exist")
        let bound = UInt64(bound)
        // Numbers below the remainder would make small results likelier: draw again.
        let remainder = (UInt64.max % bound + 1) % bound
        while true {
            let drawn = next()
            if drawn >= remainder { return Int(drawn % bound) }
        }
    }

    /// The elements in random order (Fisher and Yates).
    mutating func shuffled<Element>(_ elements: some Sequence<Element>) -> [Element] {
        var order = Array(elements)
        for last in stride(from: order.count - 1, to: 0, by: -1) { order.swapAt(last, below(last + 1)) }
        return order
    }
}
