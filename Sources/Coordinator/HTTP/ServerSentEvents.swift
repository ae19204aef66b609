/// One event of an event stream.
public struct ServerSentEvent: Hashable, Sendable {
    /// The event's name; empty when it has none.
    public var name: String
    /// Its data lines, joined by line feeds.
    public var data: String

    /// An event.
    public init(name: String = "", data: String) {
        self.name = name
        self.data = data
    }
}

/// Cuts bytes into server-sent events (WHATWG HTML, "Server-sent events"), wherever the chunks were cut.
///
/// Lines end with CR, LF or CRLF and nothing else: other line separators occur inside JSON strings. Comments are
/// skipped. A line without a field name is kept as data, for servers that send a bare JSON error into the stream.
public struct ServerSentEventParser: Sendable {
    private var line: [UInt8] = []
    private var lastWasReturn = false
    private var name = ""
    private var data: [String] = []

    /// A parser at the start of a stream.
    public init() {}

    /// Takes the next bytes and returns the events they complete.
    public mutating func take(_ bytes: some Sequence<UInt8>) -> [ServerSentEvent] {
        var events: [ServerSentEvent] = []
        for byte in bytes {
            defer { lastWasReturn = byte == 13 }
            switch byte {
            case 10 where lastWasReturn: continue
            case 10, 13: endLine(&events)
            default: line.append(byte)
            }
        }
        return events
    }

    /// Ends the stream: what was not followed by an empty line is an event all the same.
    public mutating func finish() -> [ServerSentEvent] {
        var events: [ServerSentEvent] = []
        if !line.isEmpty { endLine(&events) }
        endEvent(&events)
        return events
    }

    private mutating func endLine(_ events: inout [ServerSentEvent]) {
        defer { line.removeAll(keepingCapacity: true) }
        guard let first = line.first else { return endEvent(&events) }
        guard first != UInt8(ascii: ":") else { return }
        if let value = value(after: "data") {
            data.append(value)
        } else if let value = value(after: "event") {
            name = value
        } else if value(after: "id") == nil, value(after: "retry") == nil {
            data.append(String(decoding: line, as: UTF8.self))
        }
    }

    private func value(after field: StaticString) -> String? {
        let count = field.utf8CodeUnitCount
        guard line.count > count, line[count] == UInt8(ascii: ":") else { return nil }
        guard line.prefix(count).elementsEqual(UnsafeBufferPointer(start: field.utf8Start, count: count)) else {
            return nil
        }
        let rest = line.dropFirst(count + 1)
        return String(decoding: rest.first == 32 ? rest.dropFirst() : rest, as: UTF8.self)
    }

    private mutating func endEvent(_ events: inout [ServerSentEvent]) {
        defer {
            name = ""
            data = []
        }
        if !data.isEmpty { events.append(ServerSentEvent(name: name, data: data.joined(separator: "\n"))) }
    }
}
