"""Drives the imitation with the providers' own clients: what they read must be what the imitation means.

    drive_sdks.py http://127.0.0.1:PORT      prints one line per check; exit code 1 at the first that does not hold
"""

import itertools
import sys

import anthropic
import openai
from anthropic import Anthropic
from google import genai
from google.genai import errors as google_errors
from google.genai import types
from openai import OpenAI

BASE = sys.argv[1]
TEXT = "Grüße, 🌍! Line\u2028two."
MESSAGES = [{"role": "user", "content": "hi"}]
numbers = itertools.count()


def key(script):
    return f"mk-{script}-sdk{next(numbers)}"


def check(name, holds):
    print(("ok   " if holds else "FAIL ") + name, flush=True)
    if not holds:
        sys.exit(1)


def client(provider, script):
    if provider == "anthropic":
        return Anthropic(api_key=key(script), base_url=BASE, max_retries=0, timeout=10)
    if provider == "gemini":
        return genai.Client(api_key=key(script), http_options=types.HttpOptions(base_url=BASE, timeout=10_000))
    return OpenAI(api_key=key(script), base_url=BASE + "/v1", max_retries=0, timeout=10)


def whole(provider, script):
    """The text, the reason it ended, and input, output and cached tokens as the client sees them."""
    api = client(provider, script)
    if provider == "responses":
        answer = api.responses.create(model="gpt-x", input="hi")
        reason = answer.incomplete_details.reason if answer.incomplete_details else answer.status
        usage = answer.usage
        return answer.output_text, reason, (usage.input_tokens, usage.output_tokens,
                                            usage.input_tokens_details.cached_tokens)
    if provider == "chat":
        answer = api.chat.completions.create(model="gpt-x", messages=MESSAGES)
        usage = answer.usage
        return answer.choices[0].message.content, answer.choices[0].finish_reason, (
            usage.prompt_tokens, usage.completion_tokens, usage.prompt_tokens_details.cached_tokens)
    if provider == "anthropic":
        answer = api.messages.create(model="claude-x", max_tokens=100, messages=MESSAGES)
        text = "".join(block.text for block in answer.content if block.type == "text")
        usage = answer.usage
        return text, answer.stop_reason, (usage.input_tokens + usage.cache_read_input_tokens, usage.output_tokens,
                                          usage.cache_read_input_tokens)
    answer = api.models.generate_content(
        model="gemini-x", contents="hi",
        config=types.GenerateContentConfig(automatic_continuation=False) if script == "continue" else None)
    usage = answer.usage_metadata
    return answer.text, answer.candidates[0].finish_reason.value, (
        usage.prompt_token_count, usage.candidates_token_count + usage.thoughts_token_count,
        usage.cached_content_token_count)


def streamed(provider, script):
    api = client(provider, script)
    if provider == "responses":
        with api.responses.stream(model="gpt-x", input="hi") as stream:
            for _ in stream:
                pass
            return stream.get_final_response().output_text
    if provider == "chat":
        chunks = api.chat.completions.create(model="gpt-x", messages=MESSAGES, stream=True,
                                             stream_options={"include_usage": True})
        return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    if provider == "anthropic":
        with api.messages.stream(model="claude-x", max_tokens=100, messages=MESSAGES) as stream:
            return "".join(stream.text_stream)
    return "".join(chunk.text or "" for chunk in api.models.generate_content_stream(model="gemini-x", contents="hi"))


def failure(provider, script, call=whole):
    """The error that the client raises."""
    try:
        call(provider, script)
    except (openai.OpenAIError, anthropic.AnthropicError, google_errors.APIError) as error:
        return error
    return None


def status(error):
    return getattr(error, "status_code", None) or getattr(error, "code", None)


for provider in ("responses", "chat", "anthropic", "gemini"):
    text, reason, usage = whole(provider, "ok")
    check(f"{provider}: an answer's text", text == TEXT)
    check(f"{provider}: an answer's ending", reason in ("completed", "stop", "end_turn", "STOP"))
    check(f"{provider}: an answer's tokens", usage == (11, 7, 4))
    check(f"{provider}: a streamed answer's text", streamed(provider, "ok") == TEXT)
    check(f"{provider}: a cut answer", whole(provider, "length")[1] in
          ("max_output_tokens", "length", "max_tokens", "MAX_TOKENS"))
    if provider != "chat":  # the official client knows no thinking in Chat Completions
        check(f"{provider}: thinking is kept out", TEXT in whole(provider, "thinking")[0])
        check(f"{provider}: an answer with sources", TEXT in (whole(provider, "searched")[0] or ""))
        check(f"{provider}: a streamed answer with sources", TEXT in streamed(provider, "searched"))
    expected = {"rate": 429, "rate_hint": 429, "quota": (429, 400), "auth": (401, 400), "unknown_model": 404,
                "bad_request": 400, "refused_parameter": 400, "context": 400, "e500": 500, "e503": 503, "e529": 529,
                "e504": 504, "credit": (402, 429)}
    for fault, wanted in expected.items():
        error = failure(provider, fault)
        check(f"{provider}: {fault} is raised as {type(error).__name__}",
              error is not None and status(error) in (wanted if isinstance(wanted, tuple) else (wanted,)))
    if provider in ("anthropic", "gemini", "chat"):
        check(f"{provider}: an error inside a stream of status 200", failure(provider, "inside", streamed) is not None)
    check(f"{provider}: a tool call", bool(whole(provider, "tool")))
check("chat: a refusal", client("chat", "refusal").chat.completions.create(
    model="gpt-x", messages=MESSAGES).choices[0].message.refusal == "I cannot help with that.")
check("anthropic: a refusal", whole("anthropic", "refusal")[1] == "refusal")
check("anthropic: a paused turn", whole("anthropic", "continue")[1] == "pause_turn")
check("gemini: an answer that continues", whole("gemini", "continue")[1] == "CONTINUATION")
gemini = client("gemini", "blocked")  # named, because a nameless one is closed too early
blocked = gemini.models.generate_content(model="gemini-x", contents="hi")
check("gemini: a blocked prompt", blocked.prompt_feedback.block_reason.value == "SAFETY" and blocked.text is None)
print("all checks hold")
