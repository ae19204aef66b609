import LanguageModels

/// The forms of structured answers, for providers that enforce them.
enum Schemas {
    static let models = list("models", of: ["model_name", "example_code", "source_url"])
    static let edits = list("edits", of: ["name", "block", "replacement"])
    static let target = object("target", ["code_block", "plan"])
    static let leakage = AnswerSchema(
        name: "leakage",
        schema: form([
            "leakage_status": ["type": "string", "enum": ["Yes Data Leakage", "No Data Leakage"]],
            "code_block": ["type": "string"],
        ]))
    static let plans = AnswerSchema(
        name: "plans", schema: form(["plans": ["type": "array", "items": ["type": "string"]]]))

    private static func list(_ name: String, of texts: [String]) -> AnswerSchema {
        AnswerSchema(name: name, schema: form([name: ["type": "array", "items": form(members(texts))]]))
    }

    private static func object(_ name: String, _ texts: [String]) -> AnswerSchema {
        AnswerSchema(name: name, schema: form(members(texts)))
    }

    private static func members(_ texts: [String]) -> [String: JSONValue] {
        Dictionary(uniqueKeysWithValues: texts.map { ($0, ["type": "string"]) })
    }

    private static func form(_ properties: [String: JSONValue]) -> JSONValue {
        [
            "type": "object", "properties": .object(properties),
            "required": .array(properties.keys.sorted().map(JSONValue.string)), "additionalProperties": false,
        ]
    }
}
