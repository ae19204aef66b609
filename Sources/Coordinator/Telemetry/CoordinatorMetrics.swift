public import Dispatching
public import Journal
import Vocabulary

/// A coordinator's numbers as Prometheus reads them; `docs/cluster.md` lists them.
public enum CoordinatorMetrics {
    /// The text of one scrape.
    public static func text(_ totals: JournalTotals, _ now: DispatchSnapshot) -> String {
        var text = MetricsText()
        addWork(totals, now, &text)
        addWorkers(now, &text)
        addCounts(now.counts, &text)
        addCalls(totals, &text)
        return text.text
    }

    private static func addWork(_ totals: JournalTotals, _ now: DispatchSnapshot, _ text: inout MetricsText) {
        text.add("mlestar_queue_depth", .gauge, "Jobs waiting for a slot.", Double(now.queued))
        text.add(
            "mlestar_fillable_slots", .gauge, "Slots that the searches could fill now: jobs waiting or running.",
            Double(now.fillableSlots))
        text.add("mlestar_runs", .gauge, "Runs in the journal, by state.", byState(totals.runs))
        text.add("mlestar_jobs", .gauge, "Jobs in the journal, by state.", byState(totals.jobs))
    }

    private static func byState(_ counts: [String: Int]) -> [(labels: [(String, String)], value: Double)] {
        counts.sorted { $0.key < $1.key }.map { ([("state", $0.key)], Double($0.value)) }
    }

    private static func addWorkers(_ now: DispatchSnapshot, _ text: inout MetricsText) {
        // Of two processes of one worker the older is about to be forgotten: a name may be there once only.
        let loads = Dictionary(now.loads.map { ($0.worker, $0) }, uniquingKeysWith: { $1 }).values
            .sorted { $0.worker < $1.worker }
        text.add("mlestar_workers", .gauge, "Workers that have joined.", Double(loads.count))
        text.add("mlestar_slots", .gauge, "Slots of all workers.", Double(now.slots))
        text.add(
            "mlestar_worker_slots", .gauge, "Slots of a worker.",
            loads.map { ([("worker", $0.worker.rawValue)], Double($0.slots)) })
        text.add(
            "mlestar_worker_jobs", .gauge, "Jobs that a worker runs.",
            loads.map { ([("worker", $0.worker.rawValue)], Double($0.running)) })
    }

    private static func addCounts(_ counts: DispatchCounts, _ text: inout MetricsText) {
        text.add("mlestar_attempts_total", .counter, "Attempts given to workers.", Double(counts.assigned))
        text.add(
            "mlestar_attempts_lost_total", .counter, "Attempts that ended without an outcome, by reason.",
            counts.lost.sorted { $0.key < $1.key }.map { ([("reason", $0.key)], Double($0.value)) })
        text.add(
            "mlestar_lease_expiries_total", .counter, "Leases that ended because no heartbeat came.",
            Double(counts.lost["lease expired", default: 0]))
        text.add("mlestar_outcomes_total", .counter, "Outcomes that settled a job.", Double(counts.settled))
        text.add("mlestar_outcomes_late_total", .counter, "Outcomes that counted nowhere.", Double(counts.late))
        text.add("mlestar_messages_refused_total", .counter, "Messages that were refused.", Double(counts.refusals))
        text.add(
            "mlestar_bytes_total", .counter, "Bytes of messages between coordinator and workers.",
            [
                ([("direction", "received")], Double(counts.bytesReceived)),
                ([("direction", "sent")], Double(counts.bytesSent)),
            ])
        text.add(
            "mlestar_dispatch_wait_seconds",
            "From a job's submission to its first assignment, waiting for a slot included.",
            counts.waiting)
        text.add(
            "mlestar_dispatch_turn_seconds",
            "A turn of the dispatcher that recorded something, from taking in to sending.",
            counts.turns)
    }

    private static func addCalls(_ totals: JournalTotals, _ text: inout MetricsText) {
        let calls = totals.calls.sorted { $0.key < $1.key }
        text.add(
            "mlestar_model_calls_total", .counter, "Calls of language models.",
            calls.map { ([("model", $0.key)], Double($0.value.calls)) })
        text.add(
            "mlestar_model_tokens_total", .counter, "Tokens read and written by language models.",
            calls.flatMap { model, total in
                [
                    ([("model", model), ("direction", "input")], Double(total.inputTokens)),
                    ([("model", model), ("direction", "output")], Double(total.outputTokens)),
                ]
            })
        text.add(
            "mlestar_model_cost_dollars_total", .counter, "What calls with a known price have cost.",
            calls.map { ([("model", $0.key)], Double($0.value.picodollars) / 1e12) })
    }
}
