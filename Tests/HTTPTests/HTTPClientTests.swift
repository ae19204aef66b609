import Foundation
import TestKit
import Testing

@testable import HTTP

@Suite("HTTP client", .timeLimit(.minutes(5)))
struct HTTPClientTests {
    private static let server = Result { try PythonServer("providers/server.py") }
    private static let clients = Result { try HTTPClient(HTTPConfiguration(environment: [:])) }

    private let url: String
    private let client: HTTPClient

    init() throws {
        url = try Self.server.get().url
        client = try Self.clients.get()
    }

    private func error(_ request: HTTPRequest, _ client: HTTPClient? = nil) async -> HTTPError? {
        do throws(HTTPError) { _ = try await (client ?? self.client).read(request) } catch { return error }
        return nil
    }

    @Test("an answer comes with status, headers and body, in whatever status")
    func reads() async throws {
        let (page, body) = try await client.read(HTTPRequest("GET", "\(url)/text"))
        #expect(page.status == 200)
        #expect(page["content-type"] == "text/plain")
        #expect(String(decoding: body, as: UTF8.self) == "plain — text")
        #expect(try await client.read(HTTPRequest("GET", "\(url)/nowhere")).response.status == 404)
    }

    @Test("a redirect is an answer and is not followed")
    func redirect() async throws {
        let (response, _) = try await client.read(HTTPRequest("GET", "\(url)/moved"))
        #expect(response.status == 302)
        #expect(response["location"] == "/page")
    }

    @Test("a body larger than allowed is cut off, after decompression too")
    func tooLarge() async throws {
        let limits = HTTPLimits(bodyBytes: 100_000)
        #expect(await error(HTTPRequest("GET", "\(url)/huge", limits: limits))?.code == .tooLarge)
        // A kilobyte on the wire, a million bytes when unpacked.
        #expect(await error(HTTPRequest("GET", "\(url)/packed", limits: limits))?.code == .tooLarge)
        #expect(try await client.read(HTTPRequest("GET", "\(url)/packed")).body.count == 1_000_000)
    }

    @Test(
        "what cannot be asked is refused before anything is sent",
        arguments: ["ftp://h/", "file:///etc/passwd", "http://a b/", "h"])
    func badRequest(url: String) async { #expect(await error(HTTPRequest("GET", url))?.code == .badRequest) }

    @Test("a header with a line break is refused")
    func headerInjection() async {
        let request = HTTPRequest("GET", url, headers: [("x", "a\r\nevil: 1")])
        #expect(await error(request)?.code == .badRequest)
    }

    @Test("nobody listening, no such host")
    func unreachable() async {
        #expect(await error(HTTPRequest("GET", "http://127.0.0.1:1/"))?.code == .noConnection)
        #expect(await error(HTTPRequest("GET", "http://nowhere.invalid/"))?.code == .unknownHost)
    }

    @Test("private addresses are refused by name, by number and by what a name leads to")
    func privateAddresses() async throws {
        for target in ["http://127.0.0.1:1/", "http://localhost/", "http://[::1]/", "http://169.254.169.254/latest"] {
            #expect(await error(HTTPRequest("GET", target, refusesPrivateAddresses: true))?.code == .privateAddress)
        }
        // A public name that leads inward is refused when the socket is opened.
        let server = try Self.server.get()
        var configuration = HTTPConfiguration(environment: [:])
        configuration.resolves = ["inward.example.org:\(server.port):127.0.0.1"]
        let client = try HTTPClient(configuration)
        let target = "http://inward.example.org:\(server.port)/text"
        #expect(await error(HTTPRequest("GET", target, refusesPrivateAddresses: true), client)?.code == .privateAddress)
        #expect(await error(HTTPRequest("GET", target), client) == nil)
    }

    @Test("silence and slowness end by their own limits")
    func timeouts() async {
        let headers = [(name: "x-api-key", value: "mk-slow-\(UInt64.random(in: 0 ... .max))")]
        func request(_ limits: HTTPLimits) -> HTTPRequest {
            HTTPRequest("POST", "\(url)/v1/messages", headers: headers, body: Array("{}".utf8), limits: limits)
        }
        #expect(await error(request(HTTPLimits(idle: .milliseconds(150))))?.code == .idleTimeout)
        #expect(await error(request(HTTPLimits(total: .milliseconds(150))))?.code == .totalTimeout)
    }

    @Test("a cancelled reader throws, before the head and in the middle of the body", arguments: ["slow", "stall"])
    func cancels(script: String) async throws {
        let key = "mk-\(script)-\(UInt64.random(in: 0 ... .max))"
        let request = HTTPRequest(
            "POST", "\(url)/v1/messages", headers: [("x-api-key", key)], body: Array("{\"stream\": true}".utf8))
        let client = client
        let reading = Task {
            do throws(HTTPError) { _ = try await client.read(request) } catch { return error.code }
            return HTTPError.Code.badRequest
        }
        while try await client.read(HTTPRequest("GET", "\(url)/recorded?key=\(key)")).body.count < 10 {
            await Task.yield()
        }
        reading.cancel()
        #expect(await reading.value == .cancelled)
    }

    @Test("many exchanges share one thread")
    func many() async throws {
        let client = client
        let url = url
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<100 {
                group.addTask { try await client.read(HTTPRequest("GET", "\(url)/page")).response.status }
            }
            for try await status in group { #expect(status == 200) }
        }
    }

    @Test("a body that is read when the client goes away ends with an error")
    func closed() async throws {
        let key = "mk-stall-\(UInt64.random(in: 0 ... .max))"
        var client: HTTPClient? = try HTTPClient(HTTPConfiguration(environment: [:]))
        let request = HTTPRequest(
            "POST", "\(url)/v1/messages", headers: [("x-api-key", key)], body: Array("{\"stream\": true}".utf8))
        let stream = try #require(try await client?.send(request))
        client = nil
        let error = await #expect(throws: HTTPError.self) { for try await _ in stream.body {} }
        #expect(error?.code == .cancelled)
    }

    @Test("proxies and certificates come from the environment, and a proxy's password is not shown")
    func environment() {
        let configuration = HTTPConfiguration(environment: [
            "HTTPS_PROXY": "http://user:planted@proxy:3128", "HTTP_PROXY": "http://evil", "SSL_CERT_FILE": "/c.pem",
            "NO_PROXY": "localhost",
        ])
        #expect(configuration.proxy(for: "https://h/") == "http://user:planted@proxy:3128")
        #expect(configuration.proxy(for: "http://h/") == nil)
        #expect(configuration.description == "by proxy, certificates from /c.pem")
        #expect(HTTPConfiguration(environment: ["ALL_PROXY": "socks5h://p"]).proxy(for: "http://h/") == "socks5h://p")
    }

    @Test("requests go through the proxy unless NO_PROXY names their host")
    func proxy() async throws {
        let proxied = try HTTPClient(HTTPConfiguration(environment: ["http_proxy": url]))
        // The imitation answers requests in proxy form like others: the host it is asked for does not exist.
        let (response, _) = try await proxied.read(HTTPRequest("GET", "http://nowhere.invalid/text"))
        #expect(response.status == 200)
        let direct = try HTTPClient(HTTPConfiguration(environment: ["http_proxy": url, "NO_PROXY": "nowhere.invalid"]))
        #expect(await error(HTTPRequest("GET", "http://nowhere.invalid/text"), direct)?.code == .unknownHost)
        // A guarded request must not be let past the proxy by NO_PROXY, nor to a private number through it.
        let guarded = HTTPRequest("GET", "http://nowhere.invalid/text", refusesPrivateAddresses: true)
        #expect(try await direct.read(guarded).response.status == 200)
        let inward = HTTPRequest("GET", "http://10.0.0.1/text", refusesPrivateAddresses: true)
        #expect(await error(inward, proxied)?.code == .privateAddress)
    }

    @Test("a URL's query and user stay out of errors")
    func shown() async {
        let request = HTTPRequest("GET", "http://me:planted@127.0.0.1:1/path?key=planted")
        let error = await error(request)
        #expect(error?.message.contains("http://127.0.0.1:1/path") == true)
        #expect(error?.message.contains("planted") == false)
    }
}

@Suite(
    "HTTP/2", .timeLimit(.minutes(5)),
    .enabled(if: PythonServer.clients != nil, "hypercorn is not installed: deploy/test.sh does it"))
struct HTTP2Tests {
    @Test("over TLS with a known certificate many streams share a connection; an unknown one is refused")
    func multiplexed() async throws {
        let folder = try TemporaryFolder()
        let server = try PythonServer(
            "providers/http2.py", python: try #require(PythonServer.clients), arguments: [folder.path])
        let url = "https://localhost:\(server.port)"
        let client = try HTTPClient(HTTPConfiguration(environment: ["SSL_CERT_FILE": "\(folder.path)/certificate.pem"]))
        let (first, _) = try await client.read(HTTPRequest("GET", url))
        #expect(first.version == "2")
        let ports = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<20 {
                group.addTask { String(decoding: try await client.read(HTTPRequest("GET", url)).body, as: UTF8.self) }
            }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(ports.count == 1)
        let stranger = try HTTPClient(HTTPConfiguration(environment: [:]))
        let error = await #expect(throws: HTTPError.self) { try await stranger.read(HTTPRequest("GET", url)) }
        #expect(error?.code == .tls)
        #expect(error?.message.contains("SSL_CERT_FILE") == true)
    }
}
