"""A scripted language model behind the Chat Completions protocol.

    python3 server.py --log calls.jsonl [--plan FAULTS.json] [--key KEY] [--delay SECONDS] [--trivial]

Prints `ready PORT` once it listens on 127.0.0.1. The plan is a list of {"role", "call", "fault"}: at the role's call of
that number, counted from 1, the answer has that fault (a name of faults.py, or `http-STATUS`, `quota`, `length`,
`refusal`, `hang`). Every call is appended to the log with its role, fault and number of characters.
"""
import argparse
import collections
import http.server
import json
import pathlib
import re
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import faults  # noqa: E402
import roles  # noqa: E402
import trivial  # noqa: E402


class Model(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, options):
        super().__init__(("127.0.0.1", options.port), Handler)
        self.options = options
        self.lock = threading.Lock()
        self.counts = collections.Counter()
        plan = json.loads(pathlib.Path(options.plan).read_text()) if options.plan else []
        self.plan = {(entry["role"], entry["call"]): entry["fault"] for entry in plan}

    def fault(self, role):
        with self.lock:
            self.counts[role] += 1
            return self.plan.get((role, self.counts[role]))

    def note(self, entry):
        with self.lock, open(self.options.log, "a") as log:
            log.write(json.dumps(entry) + "\n")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        options = self.server.options
        if options.key and self.headers.get("Authorization") != f"Bearer {options.key}":
            return self.fail(401, {"message": f"Incorrect API key provided: {self.headers.get('Authorization')}",
                                   "type": "invalid_request_error", "code": "invalid_api_key"})
        system, text = (message["content"] for message in body["messages"])
        role = re.search(r"you play one part: ([a-z-]+)\.", system).group(1)
        fault = self.server.fault(role)
        self.server.note({"role": role, "fault": fault, "characters": len(text), "again": "was refused" in text})
        if options.delay:
            time.sleep(options.delay)
        if fault == "hang":
            time.sleep(3600)
        if fault and fault.startswith("http-"):
            return self.fail(int(fault[5:]), {"message": "planned", "type": "server_error"})
        if fault == "quota":
            return self.fail(429, {"message": "You exceeded your current quota", "type": "insufficient_quota",
                                   "code": "insufficient_quota"})
        if fault == "length":
            return self.fail(400, {"message": "This model's maximum context length is 10 tokens.",
                                   "type": "invalid_request_error", "code": "context_length_exceeded"})
        answer = (trivial if options.trivial else roles).answer(role, text)
        reason = "stop"
        if fault == "refusal":
            answer, reason = "", "content_filter"
        elif fault == "cut":
            answer, reason = answer[: len(answer) // 2], "length"
        elif fault:
            answer = faults.BY_NAME[fault](answer)
        usage = {"prompt_tokens": len(text) // 4, "completion_tokens": len(answer) // 4}
        usage["total_tokens"] = sum(usage.values())
        self.send(body, answer, reason, usage)

    def send(self, body, answer, reason, usage):
        head = {"id": "chatcmpl-1", "created": 1, "model": body["model"]}
        if not body.get("stream"):
            choice = {"index": 0, "message": {"role": "assistant", "content": answer}, "finish_reason": reason}
            return self.reply(200, "application/json", json.dumps(
                {**head, "object": "chat.completion", "choices": [choice], "usage": usage}))
        head["object"] = "chat.completion.chunk"
        middle = len(answer) // 2
        pieces = [{"role": "assistant", "content": answer[:middle]}, {"content": answer[middle:]}]
        events = [{**head, "choices": [{"index": 0, "delta": piece, "finish_reason": None}]} for piece in pieces]
        events.append({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})
        events.append({**head, "choices": [], "usage": usage})
        lines = [f"data: {json.dumps(event)}\n\n" for event in events] + ["data: [DONE]\n\n"]
        self.reply(200, "text/event-stream", "".join(lines))

    def fail(self, status, error):
        self.reply(status, "application/json", json.dumps({"error": error}))

    def reply(self, status, kind, text):
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--log", required=True)
    parser.add_argument("--plan")
    parser.add_argument("--key")
    parser.add_argument("--delay", type=float, default=0)
    parser.add_argument("--trivial", action="store_true")
    parser.add_argument("--port", type=int, default=0)
    model = Model(parser.parse_args())
    print(f"ready {model.server_address[1]}", flush=True)
    model.serve_forever()


if __name__ == "__main__":
    main()
