import Testing

@testable import HTTP

@Suite("Server-sent events", .timeLimit(.minutes(5)))
struct ServerSentEventTests {
    private static let stream = """
        : comment\r
        event: one\r
        data: {"a":\u{2028}1}\r
        \r
        data:no space
        data: second line

        data: [DONE]\r\rid: 7\rretry: 5\r
        {
          "error": "bare"
        }

        data: unfinished
        """

    @Test("events are the same wherever the bytes are cut", arguments: [1, 2, 3, 7, 1000])
    func cuts(size: Int) {
        var parser = ServerSentEventParser()
        var events: [ServerSentEvent] = []
        let bytes = Array(Self.stream.utf8)
        for start in stride(from: 0, to: bytes.count, by: size) {
            events += parser.take(bytes[start..<min(start + size, bytes.count)])
        }
        events += parser.finish()
        #expect(
            events == [
                ServerSentEvent(name: "one", data: "{\"a\":\u{2028}1}"),
                ServerSentEvent(data: "no space\nsecond line"), ServerSentEvent(data: "[DONE]"),
                ServerSentEvent(data: "{\n  \"error\": \"bare\"\n}"), ServerSentEvent(data: "unfinished"),
            ])
    }
}

@Suite("Private addresses", .timeLimit(.minutes(5)))
struct PrivateAddressTests {
    @Test(
        "hosts of this machine and of private networks are not public",
        arguments: [
            "127.0.0.1", "localhost", "db.localhost", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254",
            "100.64.0.1", "0.0.0.0", "2130706433", "0x7f.1", "[::1]", "[fe80::1]", "[fd00::1]", "[::ffff:10.0.0.1]",
            "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "224.0.0.1", "255.255.255.255", "metadata.google.internal",
            "intranet",
        ])
    func refused(host: String) { #expect(!PrivateAddress.isPublic(host: host)) }

    @Test("others are", arguments: ["example.org", "8.8.8.8", "172.32.0.1", "[2606:4700::1111]", "100.128.0.1"])
    func allowed(host: String) { #expect(PrivateAddress.isPublic(host: host)) }
}
