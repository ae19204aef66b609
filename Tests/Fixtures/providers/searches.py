"""The web-search providers, token servers and pages of the imitation."""

import gzip
import json
from urllib.parse import parse_qs

HITS = [
    ("Winning models", "https://example.org/models?utm_source=x#top", "Which <strong>models</strong> won"),
    ("Winning models", "https://example.org/models", "The same page again"),
    ("The discussion", "https://www.kaggle.com/competitions/spaceship-titanic/discussion/1", "A leaked solution"),
    ("Gradient boosting", "https://example.net/boosting", "About gradient boosting"),
]

PAGE = b"""<!doctype html><html><head><title>A &amp; B</title><style>p { color: red }</style>
<script>alert("never seen")</script></head><body><nav>Menu</nav><article><h1>Heading</h1>
<p>First &lt;paragraph&gt; with <b>bold</b>.</p><!-- hidden --><ul><li>one</li><li>two</li></ul>
<pre>import x
  y = 1</pre></article><footer>Imprint</footer></body></html>"""

REFUSALS = {
    "/res/v1/web/search": {
        "auth": (422, {"type": "ErrorResponse", "error": {"code": "SUBSCRIPTION_TOKEN_INVALID", "detail": "bad KEY"}}),
        "rate": (429, {"type": "ErrorResponse", "error": {"code": "RATE_LIMITED", "detail": "slow down"}}),
    },
    "/search": {
        "auth": (401, {"detail": {"error": "Unauthorized: KEY"}}),
        "quota": (432, {"detail": {"error": "This request exceeds your plan's set usage limit."}}),
        "rate": (429, {"detail": {"error": "slow down"}}),
    },
    "/serper": {
        "auth": (403, {"message": "Unauthorized. KEY", "statusCode": 403}),
        "quota": (400, {"message": "Not enough credits", "statusCode": 400}),
    },
    "/customsearch/v1": {
        "auth": (400, {"error": {"code": 400, "message": "API key not valid. KEY", "status": "INVALID_ARGUMENT"}}),
        "quota": (429, {"error": {"code": 429, "message": "Quota exceeded for 'Queries per day'"}}),
    },
}


def serve(handler, url, content, fault):
    """Answers everything that is no language model."""
    query = {name: values[0] for name, values in parse_qs(url.query).items()}
    refusals = REFUSALS.get(url.path.removeprefix("/tavily").removeprefix("/searxng"), {})
    if fault in refusals:
        status, body = refusals[fault]
        return handler.send_json(status, json.loads(json.dumps(body).replace("KEY", handler.key(url))))
    if fault == "broken":
        return handler.send_bytes(200, "text/html", b"<html>no</html>")
    route = ROUTES.get(url.path)
    if route is None:
        return page(handler, url.path)
    route(handler, query, content, fault)


def hits(fault):
    return [] if fault == "nothing" else HITS


def brave(handler, query, content, fault):
    rows = [{"title": title, "url": url, "description": text, "language": "en"} for title, url, text in hits(fault)]
    handler.send_json(200, {"type": "search", "web": {"type": "search", "results": rows[:int(query["count"])]}})


def tavily(handler, query, content, fault):
    rows = [{"title": title, "url": url, "content": text, "score": 0.5} for title, url, text in hits(fault)]
    handler.send_json(200, {"query": content["query"], "results": rows[:content["max_results"]], "response_time": 1.0})


def serper(handler, query, content, fault):
    rows = [{"title": title, "link": url, "snippet": text, "position": place + 1}
            for place, (title, url, text) in enumerate(hits(fault))]
    handler.send_json(200, {"organic": rows[:content["num"]], "credits": 1})


def searxng(handler, query, content, fault):
    # It has no key: the question "nothing" finds nothing, because every engine behind it is blocked.
    if query.get("format") != "json":
        return handler.send_bytes(403, "text/html", b"<html>Forbidden</html>")
    rows = [{"title": title, "url": url, "content": text, "engine": "x"} for title, url, text in hits(query["q"])]
    blocked = [["google", "CAPTCHA"]] if not rows else []
    handler.send_json(200, {"query": query["q"], "results": rows, "unresponsive_engines": blocked})


def programmable(handler, query, content, fault):
    rows = [{"title": title, "link": url, "snippet": text} for title, url, text in hits(fault)]
    body = {"searchInformation": {"totalResults": str(len(rows))}}
    if rows:
        body["items"] = rows[:int(query["num"])]
    handler.send_json(200, body)


def token(handler, query, content, fault):
    """Google's token server: the form is kept as it came, for the test to check the signature."""
    if fault == "auth":
        return handler.send_json(400, {"error": "invalid_grant", "error_description": "Invalid JWT Signature."})
    handler.send_json(200, {"access_token": "mk-ok-vertextoken", "expires_in": 3599, "token_type": "Bearer"})


def page(handler, path):
    kinds = {"/page": ("text/html; charset=utf-8", PAGE), "/binary": ("application/octet-stream", bytes(2000)),
             "/text": ("text/plain", "plain — text".encode()), "/huge": ("text/html", b"<p>word</p>" * 60_000),
             "/latin": ("text/html; charset=iso-8859-1", "<p>caf\u00e9</p>".encode("latin-1"))}
    if path == "/moved":
        return handler.send_bytes(302, "text/plain", b"", {"location": "/page"})
    if path == "/packed":
        packed = gzip.compress(bytes(1_000_000))
        return handler.send_bytes(200, "text/plain", packed, {"content-encoding": "gzip"})
    if path == "/loop":
        return handler.send_bytes(302, "text/plain", b"", {"location": "/loop"})
    if path == "/inward":
        return handler.send_bytes(302, "text/plain", b"", {"location": "http://169.254.169.254/latest/meta-data"})
    if path == "/file":
        return handler.send_bytes(302, "text/plain", b"", {"location": "file:///etc/passwd"})
    if path not in kinds:
        return handler.send_bytes(404, "text/html", b"<html>not here</html>")
    handler.send_bytes(200, *kinds[path])


ROUTES = {
    "/res/v1/web/search": brave, "/tavily/search": tavily, "/serper": serper, "/searxng/search": searxng,
    "/customsearch/v1": programmable, "/token": token,
    "/computeMetadata/v1/instance/service-accounts/default/token": token,
}
