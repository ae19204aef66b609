import CryptoExtras
import Foundation
import HTTP
import Synchronization

/// Access tokens for Vertex AI: from a service account's file, a user's gcloud file or the metadata server, in this order.
final class VertexTokens: Sendable {
    private let source: Source
    private let http: HTTPClient
    private let pacing: Pacing
    private let model: String
    private let current = Mutex(Token())

    private struct Token {
        var secret: Secret?
        /// In seconds since 1970.
        var expires = 0.0
    }

    enum Source: Sendable {
        case serviceAccount(email: String, keyIdentifier: String, privateKey: Secret, tokenURL: String, quota: String?)
        case user(client: String, clientSecret: Secret, refreshToken: Secret, tokenURL: String, quota: String?)
        case metadata(host: String)
    }

    /// Google's own clients renew this long before a token ends.
    private static let renewal = 225.0
    private static let scope = "https://www.googleapis.com/auth/cloud-platform"
    private static let tokenAudience = "https://oauth2.googleapis.com/token"

    init(keys: ModelKeys, http: HTTPClient, pacing: Pacing, model: String) throws(ModelError) {
        self.http = http
        self.pacing = pacing
        self.model = model
        source = try Self.source(keys, model)
    }

    /// The last token and what it was got with.
    var secrets: [Secret] {
        let own: [Secret] =
            switch source {
            case .serviceAccount(_, _, let key, _, _): [key]
            case .user(_, let secret, let token, _, _): [secret, token]
            case .metadata: []
            }
        return own + (current.withLock { $0.secret }.map { [$0] } ?? [])
    }

    func headers() async throws(ModelError) -> [(name: String, value: String)] {
        let token = try await token()
        var headers = [(name: "authorization", value: "Bearer \(token.reveal())")]
        switch source {
        case .serviceAccount(_, _, _, _, let quota?), .user(_, _, _, _, let quota?):
            headers.append(("x-goog-user-project", quota))
        default: break
        }
        return headers
    }

    private func token() async throws(ModelError) -> Secret {
        let now = pacing.epochSeconds()
        if let known = current.withLock({ $0.expires - Self.renewal > now ? $0.secret : nil }) { return known }
        let (response, body): (HTTPResponse, [UInt8])
        do { (response, body) = try await http.read(try request(at: now)) } catch {
            throw failure(.network, "no access token could be fetched: \(error)")
        }
        guard response.status == 200, let answer = JSONValue(parsing: body), let text = answer["access_token"]?.string
        else {
            let answer = JSONValue(parsing: body)
            let said = answer?["error_description"]?.string ?? answer?["error"]?.string ?? "status \(response.status)"
            throw failure(
                .authentication, "no access token was given: \(redacted(said)); check the account and the clock")
        }
        let secret = Secret(text)
        current.withLock { $0 = Token(secret: secret, expires: now + (answer["expires_in"]?.number ?? 3600)) }
        return secret
    }

    private func redacted(_ text: String) -> String { secrets.reduce(text) { $1.removed(from: $0) } }

    private func request(at now: Double) throws(HTTPError) -> HTTPRequest {
        let limits = HTTPLimits(idle: .seconds(30), total: .seconds(60), bodyBytes: 1 << 20)
        switch source {
        case .metadata(let host):
            let url = "http://\(host)/computeMetadata/v1/instance/service-accounts/default/token?scopes=\(Self.scope)"
            return HTTPRequest("GET", url, headers: [("Metadata-Flavor", "Google")], limits: limits)
        case .user(let client, let secret, let token, let url, _):
            let form = [
                ("grant_type", "refresh_token"), ("client_id", client), ("client_secret", secret.reveal()),
                ("refresh_token", token.reveal()),
            ]
            return Self.form(url, form, limits)
        case .serviceAccount(let email, let identifier, let key, let url, _):
            let assertion = try Self.assertion(email: email, keyIdentifier: identifier, key: key, now: now)
            let grant = "urn:ietf:params:oauth:grant-type:jwt-bearer"
            return Self.form(url, [("grant_type", grant), ("assertion", assertion)], limits)
        }
    }

    private static func form(_ url: String, _ fields: [(String, String)], _ limits: HTTPLimits) -> HTTPRequest {
        var unreserved = CharacterSet.alphanumerics
        unreserved.insert(charactersIn: "-._~")
        let body = fields.map { name, value in
            "\(name)=\(value.addingPercentEncoding(withAllowedCharacters: unreserved) ?? "")"
        }.joined(separator: "&")
        return HTTPRequest(
            "POST", url, headers: [("content-type", "application/x-www-form-urlencoded")], body: Array(body.utf8),
            limits: limits)
    }

    /// A JSON Web Token signed with RS256 (RFC 7519, RFC 7518 §3.3). Its audience stays Google's, wherever it is sent.
    private static func assertion(email: String, keyIdentifier: String, key: Secret, now: Double) throws(HTTPError)
        -> String
    {
        let header: JSONValue = ["alg": "RS256", "typ": "JWT", "kid": .string(keyIdentifier)]
        let claims: JSONValue = [
            "iss": .string(email), "aud": .string(tokenAudience), "scope": .string(scope),
            "iat": .number(now.rounded(.down)), "exp": .number(now.rounded(.down) + 3600),
        ]
        let signed = "\(base64URL(Data(header.bytes))).\(base64URL(Data(claims.bytes)))"
        do {
            let key = try _RSA.Signing.PrivateKey(pemRepresentation: key.reveal())
            let signature = try key.signature(for: Data(signed.utf8), padding: .insecurePKCS1v1_5)
            return "\(signed).\(base64URL(signature.rawRepresentation))"
        } catch {
            throw HTTPError(.badRequest, "the private key of the service account cannot be used")
        }
    }

    private static func base64URL(_ bytes: Data) -> String {
        bytes.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    private static func source(_ keys: ModelKeys, _ model: String) throws(ModelError) -> Source {
        let named = keys.setting("GOOGLE_APPLICATION_CREDENTIALS")
        let usual = keys.setting("HOME").map { "\($0)/.config/gcloud/application_default_credentials.json" }
        for path in [named, usual].compactMap({ $0 }) {
            guard let content = FileManager.default.contents(atPath: path) else {
                if path == named {
                    throw unusable(model, "\(path), named by GOOGLE_APPLICATION_CREDENTIALS, cannot be read")
                }
                continue
            }
            guard let source = source(in: JSONValue(parsing: content)) else {
                throw unusable(model, "\(path) is neither a service account's nor a user's credentials file")
            }
            return source
        }
        return .metadata(host: keys.setting("GCE_METADATA_HOST") ?? "metadata.google.internal")
    }

    private static func source(in file: JSONValue?) -> Source? {
        let url = file?["token_uri"]?.string ?? tokenAudience
        let quota = file?["quota_project_id"]?.string
        switch file?["type"]?.string {
        case "service_account":
            guard let email = file?["client_email"]?.string, let key = file?["private_key"]?.string else { return nil }
            return .serviceAccount(
                email: email, keyIdentifier: file?["private_key_id"]?.string ?? "", privateKey: Secret(key),
                tokenURL: url, quota: quota)
        case "authorized_user":
            guard let client = file?["client_id"]?.string, let secret = file?["client_secret"]?.string,
                let token = file?["refresh_token"]?.string
            else { return nil }
            return .user(
                client: client, clientSecret: Secret(secret), refreshToken: Secret(token), tokenURL: url, quota: quota)
        default: return nil
        }
    }

    private func failure(_ code: ModelError.Code, _ message: String) -> ModelError {
        ModelError(code, provider: "gemini", model: model, message: message)
    }

    private static func unusable(_ model: String, _ message: String) -> ModelError {
        ModelError(.authentication, provider: "gemini", model: model, message: message)
    }
}
