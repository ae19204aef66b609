"""How the providers say no: status, headers and body of every refusal, each in its provider's own shape."""


def gemini(code, status, message, details=()):
    return {"error": {"code": code, "message": message, "status": status, "details": list(details)}}


def openai(message, kind, code=None, parameter=None):
    return {"error": {"message": message, "type": kind, "param": parameter, "code": code}}


def anthropic(kind, message, detail=None):
    error = {"type": kind, "message": message}
    if detail:
        error["details"] = {"error_code": detail}
    return {"type": "error", "error": error, "request_id": "req_1"}


def google(kind, **fields):
    return {"@type": f"type.googleapis.com/google.rpc.{kind}", **fields}


MINUTE = google("QuotaFailure", violations=[{"quotaId": "GenerateRequestsPerMinutePerProject", "quotaValue": "10"}])
DAY = google("QuotaFailure", violations=[{"quotaId": "GenerateRequestsPerMinutePerProject", "quotaValue": "10"},
                                         {"quotaId": "GenerateRequestsPerDayPerProject", "quotaValue": "250"}])
DELAY = google("RetryInfo", retryDelay="17.5s")
SHORT = google("RetryInfo", retryDelay="3s")
BAD_KEY = google("ErrorInfo", reason="API_KEY_INVALID", domain="googleapis.com")
TOO_LONG = "The input token count (2000000) exceeds the maximum number of tokens allowed (1048576)."

# provider -> fault -> (status, headers, body)
REFUSALS = {
    "gemini": {
        "rate": (429, {}, gemini(429, "RESOURCE_EXHAUSTED", "You exceeded your current quota.", [MINUTE])),
        "rate_hint": (429, {}, gemini(429, "RESOURCE_EXHAUSTED", "You exceeded your current quota.", [MINUTE, DELAY])),
        # The trap: a used-up day comes with a delay of seconds.
        "quota": (429, {}, gemini(429, "RESOURCE_EXHAUSTED", "You exceeded your current quota.", [DAY, SHORT])),
        "credit": (402, {}, gemini(402, "RESOURCE_EXHAUSTED", "Prepaid credit is used up.")),
        "auth": (400, {}, gemini(400, "INVALID_ARGUMENT", "API key not valid: KEY", [BAD_KEY])),
        "unknown_model": (404, {}, gemini(404, "NOT_FOUND", "models/x is not found for API version v1beta.")),
        "bad_request": (400, {}, gemini(400, "INVALID_ARGUMENT", "Request contains an invalid argument.")),
        "refused_parameter": (400, {}, gemini(400, "INVALID_ARGUMENT", "Unknown name \"temperature\": Cannot find field.")),
        "context": (400, {}, gemini(400, "INVALID_ARGUMENT", TOO_LONG)),
        "e500": (500, {}, gemini(500, "INTERNAL", "An internal error has occurred.")),
        "e503": (503, {}, gemini(503, "UNAVAILABLE", "The model is overloaded.")),
        "e529": (529, {}, gemini(529, "UNAVAILABLE", "The model is overloaded.")),
        "e504": (504, {}, gemini(504, "DEADLINE_EXCEEDED", "The deadline expired.")),
    },
    "openai": {
        "rate": (429, {}, openai("Rate limit reached.", "requests", "rate_limit_exceeded")),
        "rate_hint": (429, {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "17.5s",
                            "x-ratelimit-remaining-tokens": "5000", "x-ratelimit-reset-tokens": "1h0m0s"},
                      openai("Rate limit reached.", "requests", "rate_limit_exceeded")),
        "quota": (429, {"retry-after": "1"},
                  openai("You exceeded your current quota.", "insufficient_quota", "credit_balance_exhausted")),
        "credit": (429, {}, openai("Spend limit reached.", "billing", "project_spend_limit_exceeded")),
        "auth": (401, {}, openai("Incorrect API key provided: KEY.", "invalid_request_error", "invalid_api_key")),
        "unknown_model": (404, {}, openai("The model `x` does not exist.", "invalid_request_error", "model_not_found")),
        "bad_request": (400, {}, openai("Invalid value.", "invalid_request_error", None, "input")),
        "refused_parameter": (400, {}, openai("Unsupported value: 'temperature' does not support 0.2 with this model.",
                                              "invalid_request_error", "unsupported_value", "temperature")),
        "context": (400, {}, openai("Your input exceeds the context window.", "invalid_request_error",
                                    "context_length_exceeded", "input")),
        "e500": (500, {}, openai("The server had an error.", "server_error", "server_error")),
        "e503": (503, {}, openai("Overloaded.", "service_unavailable_error", "server_is_overloaded")),
        "e529": (529, {}, openai("Overloaded.", "service_unavailable_error", "server_is_overloaded")),
        "e504": (504, {}, openai("Gateway timeout.", "server_error", None)),
    },
    "anthropic": {
        "rate": (429, {}, anthropic("rate_limit_error", "This request would exceed your rate limit.")),
        "rate_hint": (429, {"retry-after": "17.5"},
                      anthropic("rate_limit_error", "This request would exceed your rate limit.")),
        "quota": (400, {}, anthropic("invalid_request_error", "You have reached your specified API usage limits: your "
                                     "workspace's spend limit.")),
        "credit": (402, {}, anthropic("billing_error", "Your credit balance is too low.")),
        "auth": (401, {}, anthropic("authentication_error", "invalid x-api-key KEY")),
        "unknown_model": (404, {}, anthropic("not_found_error", "model: x")),
        "bad_request": (400, {}, anthropic("invalid_request_error", "messages: at least one message is required")),
        "refused_parameter": (400, {}, anthropic("invalid_request_error",
                                                 "temperature: Extra inputs are not permitted")),
        "context": (400, {}, anthropic("invalid_request_error", "prompt is too long: 2000000 tokens > 1000000 maximum")),
        "e500": (500, {}, anthropic("api_error", "Internal server error")),
        "e503": (503, {}, anthropic("api_error", "Unavailable")),
        "e529": (529, {}, anthropic("overloaded_error", "Overloaded")),
        "e504": (504, {}, anthropic("timeout_error", "Timed out")),
    },
}
REFUSALS["responses"] = REFUSALS["openai"]
REFUSALS["chat"] = dict(
    REFUSALS["openai"],
    # Shapes of servers that took the protocol over.
    vllm_context=(400, {}, {"object": "error", "message": "This model's maximum context length is 4096 tokens.",
                            "type": "BadRequestError", "param": None, "code": 400}),
    llama_context=(400, {}, {"error": {"code": 400, "message": "the request exceeds the available context size",
                                       "type": "exceed_context_size_error", "n_prompt_tokens": 9000, "n_ctx": 4096}}),
    llama_loading=(503, {}, {"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}}),
    ollama_model=(404, {}, {"error": "model 'x' not found, try pulling it first"}),
    router_credit=(402, {}, {"error": {"code": 402, "message": "Insufficient credits"}}),
    router_moderation=(403, {}, {"error": {"code": 403, "message": "Your input was flagged",
                                           "metadata": {"reasons": ["violence"], "flagged_input": "…"}}}),
)

# provider -> error object inside an answer of status 200
INSIDE = {
    "gemini": gemini(503, "UNAVAILABLE", "The model is overloaded."),
    "responses": {"type": "error", "code": "server_error", "message": "The server had an error.", "param": None,
                  "sequence_number": 1},
    "chat": {"id": "gen-1", "error": {"code": 503, "message": "Provider returned an error"}},
    "anthropic": anthropic("overloaded_error", "Overloaded"),
}
INSIDE_CONTEXT = {
    "gemini": gemini(400, "INVALID_ARGUMENT", TOO_LONG),
    "responses": {"type": "error", "error": {"type": "invalid_request_error", "code": "context_length_exceeded",
                                             "message": "Your input exceeds the context window."}},
    "chat": {"error": {"message": "the request exceeds the available context size", "code": 400,
                       "type": "exceed_context_size_error"}},
    "anthropic": anthropic("invalid_request_error", "prompt is too long: 9 tokens > 8 maximum"),
}
