// The one import besides `Vocabulary` in this target: the standard library has neither logarithm nor power, and the C library's is
// a pure function. Everything else the metrics need is in the standard library.
#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The natural logarithm.
enum NaturalLogarithm {
    /// ln(x).
    static func of(_ x: Double) -> Double { log(x) }
    /// ln(1 + x), exact for small x.
    static func ofOnePlus(_ x: Double) -> Double { log1p(x) }
    /// e to the x.
    static func inverse(of x: Double) -> Double { exp(x) }
}
