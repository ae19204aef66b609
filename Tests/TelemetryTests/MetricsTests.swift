import Dispatching
import Foundation
import Journal
import Logging
import TestKit
import Testing
import Vocabulary

@testable import Telemetry

@Suite("Numbers for Prometheus", .timeLimit(.minutes(6)))
struct MetricsTests {
    @Test("names and labels are escaped, whole numbers are written whole, histograms add up")
    func text() {
        var text = MetricsText()
        text.add("a_total", .counter, "one\nline", [([("x", "q\"\\\n")], 3), ([("x", "y")], 0.25)])
        var histogram = Histogram()
        for seconds in [0.0001, 0.002, 5000] { histogram.add(seconds) }
        text.add("h", "times", histogram)
        let lines = text.text.split(separator: "\n").map(String.init)
        #expect(
            lines.prefix(4) == [
                "# HELP a_total one\\nline", "# TYPE a_total counter", #"a_total{x="q\"\\\n"} 3"#,
                #"a_total{x="y"} 0.25"#,
            ])
        #expect(lines.contains(#"h_bucket{le="0.0005"} 1"#) && lines.contains(#"h_bucket{le="1800"} 2"#))
        #expect(lines.contains(#"h_bucket{le="+Inf"} 3"#) && lines.contains("h_count 3"))
    }

    @Test("an address is IPv4 with a port, everything else is refused")
    func address() {
        #expect(MetricsAddress("127.0.0.1:9464")?.port == 9464 && MetricsAddress("localhost:0")?.host == "127.0.0.1")
        for wrong in ["", "9464", "127.0.0.1", "127.0.0.1:70000", "example.com:80", "1.2.3:4", "::1:80"] {
            #expect(MetricsAddress(wrong) == nil, "\(wrong)")
        }
    }

    @Test(
        "Prometheus's own parser reads what is served",
        .enabled(if: PythonServer.clients != nil, "Prometheus's Python client is not installed: deploy/test.sh does it")
    )
    func parsed() async throws {
        let python = try #require(PythonServer.clients)
        let folder = try TemporaryFolder()
        let journal = try Journal(folder: folder.path)
        let run = RunID("r")
        try journal.enter(
            NewRun(
                id: run, taskName: "t", taskPath: "/t",
                taskFingerprint: ContentHash(String(repeating: "ab", count: 32)),
                settings: "{}", strategy: "s", budget: .seconds(60), outPath: "/out"), as: .running)
        let call = try journal.begin(
            NewCall(path: StepPath("a"), role: "planner", attempt: 1, model: "m\"1", request: [1]), of: run)
        try journal.answer(
            call: call, with: [2], cost: CallCost(input: 10, output: 5, picodollars: 2_500_000_000),
            latency: .seconds(1), notes: [])
        let dispatcher = try Dispatcher(
            settings: .init(endpoint: "ipc://\(folder.path)/door"), journal: journal,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let address = try #require(MetricsAddress("127.0.0.1:0"))
        let (listening, announce) = AsyncStream.makeStream(of: String.self)
        let served = try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await MetricsServer(address, journal: journal, dispatcher: dispatcher).run { announce.yield($0) }
            }
            defer { group.cancelAll() }
            let at = try #require(await listening.first { _ in true })
            return try await PythonServer.run("read_metrics.py", python: python, arguments: ["http://\(at)/metrics"])
        }
        #expect(served.code == 0, "\(served.output)")
        let samples = try #require(
            try JSONSerialization.jsonObject(with: Data(served.output.utf8)) as? [String: Double])
        #expect(samples[#"mlestar_runs{state="running"}"#] == 1)
        #expect(samples[#"mlestar_model_tokens_total{direction="input",model="m"1"}"#] == 10)
        #expect(samples[#"mlestar_model_cost_dollars_total{model="m"1"}"#] == 0.0025)
        #expect(samples["mlestar_fillable_slots{}"] == 0 && samples["mlestar_dispatch_wait_seconds_count{}"] == 0)
        #expect(samples["mlestar_lease_expiries_total{}"] == 0)
    }
}
