import CryptoExtras
import Foundation
import TestKit
import Testing

@testable import LanguageModels

@Suite("Vertex AI", .timeLimit(.minutes(5)))
struct VertexTests {
    private static func corner(_ more: [String: String], script: String = "ok") throws -> Imitation {
        var imitation = try Imitation(script)
        imitation.variables = [
            "GOOGLE_GENAI_USE_VERTEXAI": "true", "GOOGLE_CLOUD_PROJECT": "proj",
            "GOOGLE_CLOUD_LOCATION": "europe-west4",
            "GOOGLE_VERTEX_BASE_URL": imitation.server.url,
        ].merging(more) { _, new in new }
        return imitation
    }

    @Test("a service account's key signs for a token, which is kept until shortly before its end")
    func serviceAccount() async throws {
        let folder = try TemporaryFolder()
        let key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        let server = try Imitation.server.get()
        let file: JSONValue = [
            "type": "service_account", "client_email": "me@proj.iam", "private_key_id": "kid1",
            "private_key": .string(key.pemRepresentation),
            "token_uri": .string("\(server.url)/token?key=\(folder.path)"),
            "quota_project_id": "payer",
        ]
        try folder.write(file.text, to: "account.json")
        let imitation = try Self.corner(["GOOGLE_APPLICATION_CREDENTIALS": "\(folder.path)/account.json"])
        let model = try imitation.model(.gemini)
        _ = try await model.answer(ModelPrompt(text: "hi"))
        _ = try await model.answer(ModelPrompt(text: "hi"))
        let asked = try await imitation.requests(folder.path)
        #expect(asked.count == 1)
        let form = try #require(asked.first?["body"]?.string)
        #expect(form.hasPrefix("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion="))
        let parts = try #require(form.split(separator: "=").last).split(separator: ".")
        #expect(parts.count == 3)
        let claims = try #require(JSONValue(parsing: try Self.decode(parts[1])))
        #expect(claims["iss"] == "me@proj.iam")
        #expect(claims["aud"] == "https://oauth2.googleapis.com/token")
        #expect(claims["exp"]?.number == claims["iat"]?.number.map { $0 + 3600 })
        let signature = _RSA.Signing.RSASignature(rawRepresentation: try Self.decode(parts[2]))
        #expect(
            key.publicKey.isValidSignature(
                signature, for: Data("\(parts[0]).\(parts[1])".utf8), padding: .insecurePKCS1v1_5))
        let call = try #require(try await imitation.requests("mk-ok-vertextoken").last)
        #expect(
            call["path"]?.string
                == "/v1beta1/projects/proj/locations/europe-west4/publishers/google/models/gemini-2.5-flash:streamGenerateContent?alt=sse"
        )
        #expect(call["headers"]?["x-goog-user-project"] == "payer")
        // An hour later the token is renewed.
        try await imitation.clock.pacing.sleep(.seconds(3400))
        _ = try await model.answer(ModelPrompt(text: "hi"))
        #expect(try await imitation.requests(folder.path).count == 2)
    }

    @Test("on a machine of Google's the metadata server gives the token")
    func metadata() async throws {
        let server = try Imitation.server.get()
        let imitation = try Self.corner(["GCE_METADATA_HOST": "127.0.0.1:\(server.port)"])
        #expect(try await imitation.model(.gemini).answer(ModelPrompt(text: "hi")).stop == .end)
    }

    @Test("a credentials file that cannot be used is an authentication error")
    func wrongFile() throws {
        let folder = try TemporaryFolder()
        try folder.write("{\"type\": \"other\"}", to: "c.json")
        for path in ["\(folder.path)/c.json", "\(folder.path)/none.json"] {
            let imitation = try Self.corner(["GOOGLE_APPLICATION_CREDENTIALS": path])
            let error = #expect(throws: ModelError.self) { try imitation.model(.gemini) }
            #expect(error?.code == .authentication)
        }
    }

    private static func decode(_ text: Substring) throws -> Data {
        let padded = text.replacing("-", with: "+").replacing("_", with: "/")
        let missing = String(repeating: "=", count: (4 - padded.count % 4) % 4)
        return try #require(Data(base64Encoded: padded + missing))
    }
}
