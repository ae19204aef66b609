"""Imitates the language-model providers and web-search providers, faults included.

    server.py            prints its port and serves until its standard input ends

What a request meets is written in its key: `mk-FAULT+FAULT+…-NONCE`. The first request with a key meets the first fault,
the second the second, and so on; the last one stays. `GET /recorded?key=KEY` gives the requests made with a key. So tests
that run at the same time share one server and nothing else. Without such a key every request is answered well.
"""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

import searches
from faults import INSIDE, INSIDE_CONTEXT, REFUSALS
from shapes import EVENTS, WHOLE, Answer

ANSWERS = {
    "ok": {}, "length": {"ending": "length"}, "thinking": {"thinking": True}, "searched": {"searched": True},
    "refusal": {"ending": "refusal", "silent": True}, "filter": {"ending": "filter", "silent": True},
    "tool": {"ending": "tool", "silent": True}, "empty_parts": {"silent": True},
    "thought_only": {"silent": True, "thinking": True, "ending": "length"}, "no_usage": {"usage": False},
    "json": {"text": "{\"name\": \"x\", \"ready\": true, \"score\": 1}"},
    "continue": {"ending": "continue", "text": "First half, ", "searched": True},
    "echo": {},  # the key comes back in the text
}


class Memory:
    """What was asked so far, by key."""

    def __init__(self):
        self.lock = threading.Lock()
        self.recorded = {}

    def record(self, key, request):
        with self.lock:
            requests = self.recorded.setdefault(key, [])
            requests.append(request)
            return len(requests) - 1

    def requests(self, key):
        with self.lock:
            return list(self.recorded.get(key, []))


memory = Memory()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def do_GET(self):
        self.handle_request(b"")

    def do_POST(self):
        self.handle_request(self.rfile.read(int(self.headers.get("content-length") or 0)))

    # --- who asks for what ---

    def handle_request(self, body):
        url = urlsplit(self.path)
        if url.path == "/recorded":
            return self.send_json(200, memory.requests(parse_qs(url.query)["key"][0]))
        key = self.key(url)
        try:
            content = json.loads(body) if body else None
        except ValueError:
            content = body.decode("utf-8", "replace")
        number = memory.record(key, {"method": self.command, "path": self.path, "body": content,
                                     "headers": {name.lower(): value for name, value in self.headers.items()}})
        fault = self.fault(key, number)
        provider, streams = self.protocol(url, content)
        try:
            if provider is None:
                return searches.serve(self, url, content, fault)
            self.serve(provider, streams, fault, key)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def key(self, url):
        bearer = self.headers.get("authorization", "").removeprefix("Bearer ")
        named = [self.headers.get(name) for name in
                 ("x-api-key", "x-goog-api-key", "x-subscription-token")]
        return next((key for key in [*named, bearer, parse_qs(url.query).get("key", [None])[0]] if key), "")

    def fault(self, key, number):
        if not key.startswith("mk-"):
            return "ok"
        script = unquote(key[3:].rsplit("-", 1)[0]).split("+")
        return script[min(number, len(script) - 1)]

    def protocol(self, url, content):
        streams = isinstance(content, dict) and content.get("stream") is True
        if url.path.endswith("/responses"):
            return "responses", streams
        if url.path.endswith("/chat/completions"):
            return "chat", streams
        if url.path == "/v1/messages":
            return "anthropic", streams
        if url.path.endswith(":streamGenerateContent"):
            return "gemini", True
        if url.path.endswith(":generateContent"):
            return "gemini", False
        return None, False

    # --- what it meets ---

    def serve(self, provider, streams, fault, key):
        refusals = REFUSALS[provider]
        if fault in refusals:
            status, headers, body = refusals[fault]
            # Providers like to quote the key they were given.
            return self.send_json(status, json.loads(json.dumps(body).replace("KEY", key)), headers)
        if fault in ANSWERS:
            answer = Answer(**ANSWERS[fault])
            if fault == "echo":
                answer.text = f"Your key is {key}."
            return self.send_answer(provider, streams, answer)
        getattr(self, "fault_" + fault)(provider, streams)

    def send_answer(self, provider, streams, answer):
        if not streams:
            return self.send_json(200, WHOLE[provider](answer))
        self.begin_stream()
        for event in EVENTS[provider](answer):
            self.send_event(provider, event)
        if provider == "chat":
            self.send_chunk(b"data: [DONE]\n\n")
        self.end_stream()

    def fault_inside(self, provider, streams, error=INSIDE, begun=False):
        """An error in an answer of status 200."""
        if not streams:
            body = error[provider]
            return self.send_json(200, body if "error" in body else {"error": body})
        self.begin_stream()
        if begun:
            for event in EVENTS[provider](Answer())[:6]:
                self.send_event(provider, event)
        self.send_event(provider, error[provider])
        self.end_stream()

    def fault_inside_later(self, provider, streams):
        self.fault_inside(provider, streams, begun=True)

    def fault_inside_context(self, provider, streams):
        self.fault_inside(provider, streams, error=INSIDE_CONTEXT)

    def fault_drop(self, provider, streams):
        """The connection breaks in the middle."""
        if streams:
            self.begin_stream()
            for event in EVENTS[provider](Answer())[:-2]:
                self.send_event(provider, event)
            self.wfile.flush()
        else:
            body = json.dumps(WHOLE[provider](Answer())).encode()
            self.send_head(200, "application/json", {"content-length": str(len(body))})
            self.wfile.write(body[:len(body) // 2])
        self.close_connection = True

    def fault_early_end(self, provider, streams):
        """The stream ends cleanly before the answer does."""
        if not streams:
            return self.send_bytes(200, "application/json", b"")
        self.begin_stream()
        kept = {"gemini": -1, "responses": -1, "chat": -2, "anthropic": -2}[provider]
        for event in EVENTS[provider](Answer())[:kept]:
            self.send_event(provider, event)
        self.end_stream()

    def fault_truncated_json(self, provider, streams):
        if not streams:
            return self.send_bytes(200, "application/json", json.dumps(WHOLE[provider](Answer())).encode()[:40])
        self.begin_stream()
        event = json.dumps(EVENTS[provider](Answer())[1])
        self.send_chunk(f"data: {event[:len(event) // 2]}\n\n".encode())
        self.end_stream()

    def fault_slow(self, provider, streams):
        """No first byte for longer than anybody waits."""
        self.wait()

    def fault_stall(self, provider, streams):
        """Silence in the middle."""
        self.begin_stream()
        for event in EVENTS[provider](Answer())[:-2]:
            self.send_event(provider, event)
        self.wait()

    def wait(self):
        self.wfile.flush()
        self.connection.settimeout(20)
        try:
            self.connection.recv(1)  # until the client goes away
        except OSError:
            pass
        self.close_connection = True

    def fault_linger(self, provider, streams):
        """The answer is complete, but the connection stays open."""
        if not streams:
            return self.fault_whole(provider, streams)
        self.begin_stream()
        for event in EVENTS[provider](Answer()):
            self.send_event(provider, event)
        if provider == "chat":
            self.send_chunk(b"data: [DONE]\n\n")
        self.wait()

    def fault_html(self, provider, streams):
        self.send_bytes(200, "text/html; charset=utf-8", b"<html><body>Sign in to the network</body></html>")

    def fault_html_502(self, provider, streams):
        self.send_bytes(502, "text/html", b"<html><body>Bad gateway</body></html>")

    def fault_empty(self, provider, streams):
        self.send_bytes(200, "application/json", b"")

    def fault_array(self, provider, streams):
        """Gemini's way of streaming without alt=sse."""
        self.send_json(200, EVENTS[provider](Answer()))

    def fault_whole(self, provider, streams):
        """A server that does not know how to stream."""
        self.send_json(200, WHOLE[provider](Answer()))

    def fault_blocked(self, provider, streams):
        """Gemini refuses the prompt: no candidates."""
        body = {"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": {"promptTokenCount": 11}}
        if not streams:
            return self.send_json(200, body)
        self.begin_stream()
        self.send_event(provider, body)
        self.end_stream()

    def fault_redirect(self, provider, streams):
        self.send_bytes(307, "text/plain", b"", {"location": "/elsewhere"})

    def fault_noise(self, provider, streams):
        """Everything a stream may hold beside its events."""
        self.begin_stream()
        self.send_chunk(b": PROCESSING\r\n\r\nretry: 5\r\n\r\n")
        for event in EVENTS[provider](Answer()):
            name = f"event: {event['type']}\r\n" if "type" in event else ""
            for byte in f"{name}id: 1\r\ndata:{json.dumps(event, ensure_ascii=False)}\r\n\r\n".encode():
                self.send_chunk(bytes([byte]))
        self.end_stream()

    # --- the wire ---

    def send_head(self, status, kind, headers=None):
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("x-request-id", "req_1")
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()

    def send_bytes(self, status, kind, body, headers=None):
        self.send_head(status, kind, {"content-length": str(len(body)), **(headers or {})})
        self.wfile.write(body)

    def send_json(self, status, value, headers=None):
        self.send_bytes(status, "application/json", json.dumps(value).encode(), headers)

    def begin_stream(self):
        self.send_head(200, "text/event-stream", {"transfer-encoding": "chunked"})

    def send_event(self, provider, event):
        # Gemini and Chat Completions name no events; their clients do not expect names.
        name = f"event: {event['type']}\n" if provider in ("responses", "anthropic") and "type" in event else ""
        self.send_chunk(f"{name}data: {json.dumps(event, ensure_ascii=False)}\n\n".encode())

    def send_chunk(self, data):
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    def end_stream(self):
        self.wfile.write(b"0\r\n\r\n")


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


def main():
    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
