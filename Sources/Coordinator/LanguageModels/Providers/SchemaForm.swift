/// Schemas as providers want them.
enum SchemaForm {
    /// The schema with `additionalProperties: false` at every object, and whether every property is required: only then
    /// OpenAI takes it as strict.
    static func strict(_ schema: JSONValue) -> (schema: JSONValue, isStrict: Bool) {
        switch schema {
        case .object(var members):
            var isStrict = true
            for (name, value) in members where name != "enum" && name != "required" {
                let below = strict(value)
                members[name] = below.schema
                isStrict = isStrict && below.isStrict
            }
            if members["type"] == "object" {
                members["additionalProperties"] = false
                let properties = members["properties"]?.members ?? [:]
                let required = members["required"]?.elements?.compactMap(\.string) ?? []
                isStrict = isStrict && Set(properties.keys) == Set(required)
            }
            return (.object(members), isStrict)
        case .array(let elements):
            let below = elements.map(strict)
            return (.array(below.map(\.schema)), below.allSatisfy(\.isStrict))
        case .null, .bool, .number, .string: return (schema, true)
        }
    }
}
