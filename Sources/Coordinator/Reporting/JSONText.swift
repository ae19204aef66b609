import Foundation

/// JSON as the journal writes it: sorted keys.
public enum JSONText {
    /// A value as one line.
    public static func line(_ value: some Encodable) throws -> String { try text(value, .sortedKeys) }

    /// A value over several lines, for people.
    public static func pretty(_ value: some Encodable) throws -> String {
        try text(value, [.sortedKeys, .prettyPrinted]) + "\n"
    }

    /// Reads a value.
    public static func value<Value: Decodable>(_ type: Value.Type = Value.self, from text: String) throws -> Value {
        try JSONDecoder().decode(type, from: Data(text.utf8))
    }

    private static func text(_ value: some Encodable, _ format: JSONEncoder.OutputFormatting) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = format.union(.withoutEscapingSlashes)
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
