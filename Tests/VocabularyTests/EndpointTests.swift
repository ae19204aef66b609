import Testing
import Vocabulary

@Suite("Endpoints")
struct EndpointTests {
    @Test("only loopback and sockets among files stay on this machine")
    func near() {
        for near in [
            "ipc:///run/door", "tcp://127.0.0.1:5555", "tcp://127.0.0.1:*", "tcp://127.1.2.3:1", "tcp://localhost:5",
        ] {
            #expect(Endpoint(near)?.isOnThisMachine == true, "\(near)")
        }
        for far in [
            "tcp://0.0.0.0:5555", "tcp://*:5555", "tcp://127.example.org:5555", "tcp://localhost.org:5",
            "tcp://10.0.0.1:5",
        ] {
            #expect(Endpoint(far)?.isOnThisMachine == false, "\(far)")
        }
        #expect(Endpoint("ipc:///x")?.isFile == true && Endpoint("tcp://127.0.0.1:5")?.isFile == false)
        for other in ["", "127.0.0.1:5555", "udp://127.0.0.1:5555", "TCP://127.0.0.1:5"] {
            #expect(Endpoint(other) == nil, "\(other)")
        }
    }

    @Test("beyond this machine a worker needs a key, among its files it has no use for one")
    func keys() {
        #expect(Endpoint("tcp://head:5555")?.obstacle(hasKey: false)?.contains("'tcp://head:5555' is beyond") == true)
        #expect(Endpoint("ipc:///x")?.obstacle(hasKey: true)?.contains("ipc:// socket is private") == true)
        for (text, hasKey) in [("tcp://head:5555", true), ("tcp://127.0.0.1:5", true), ("ipc:///x", false)] {
            #expect(Endpoint(text)?.obstacle(hasKey: hasKey) == nil, "\(text)")
        }
        #expect(Endpoint("tcp://127.0.0.1:5")?.obstacle(hasKey: false) == nil)
    }
}
