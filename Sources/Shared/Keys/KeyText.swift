import Foundation

/// The text of a key file: a first line that says what it is, then lines `field: value`; lines that begin with `#` are for
/// people.
public struct KeyText: Hashable, Sendable {
    /// The values by field.
    public let fields: [String: String]

    /// Reads a text.
    ///
    /// - Parameters:
    ///   - kind: the first line that is expected.
    ///   - path: the file, for errors.
    public init(_ text: String, kind: String, path: String) throws(KeyError) {
        let lines = text.split(separator: "\n").map(String.init)
        guard lines.first == kind else {
            throw KeyError("\(path) is no key file: its first line is not '\(kind)'; take it as it was made")
        }
        var fields: [String: String] = [:]
        for line in lines.dropFirst() where !line.hasPrefix("#") {
            guard let colon = line.range(of: ": ") else { throw KeyError("\(path) is damaged: a line has no field") }
            fields[String(line[..<colon.lowerBound])] = String(line[colon.upperBound...])
        }
        self.fields = fields
    }

    /// The value of a field.
    public func value(_ field: String, path: String) throws(KeyError) -> String {
        guard let value = fields[field] else { throw KeyError("\(path) is damaged: it has no line '\(field): …'") }
        return value
    }

    /// The text of some fields, in their order.
    public static func text(kind: String, remark: String, _ fields: [(String, String)]) -> String {
        "\(kind)\n# \(remark)\n" + fields.map { "\($0.0): \($0.1)\n" }.joined()
    }
}
