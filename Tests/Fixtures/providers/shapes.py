"""Answers of the providers' protocols: whole, and as the events of a stream.

Every function takes an `Answer` and returns JSON values; `server.py` puts them on the wire. Counts are the same for all
providers (input 11 of which 4 cached, output 7 of which 3 thinking), each in its provider's own way of counting.
"""

import json
from dataclasses import dataclass, field


@dataclass
class Answer:
    """What the scripted model says and how it ends."""

    text: str = "Grüße, 🌍! Line\u2028two."
    ending: str = "end"  # end, length, filter, refusal, tool, continue
    thinking: bool = False
    searched: bool = False
    silent: bool = False  # no text at all
    usage: bool = True
    continued: list = field(default_factory=list)

    @property
    def pieces(self):
        if self.silent:
            return []
        third = max(1, len(self.text) // 3)
        return [self.text[start:start + third] for start in range(0, len(self.text), third)]


SOURCES = [("https://example.org/a", "Page A"), ("https://example.org/b", "Page B")]


# --- Gemini -----------------------------------------------------------------------------------------------------------

def gemini_usage():
    return {"promptTokenCount": 11, "candidatesTokenCount": 4, "thoughtsTokenCount": 3, "cachedContentTokenCount": 4,
            "totalTokenCount": 18}


def gemini_chunk(parts=None, finish=None, model="gemini-x", **extra):
    candidate = {"index": 0}
    if parts is not None:
        candidate["content"] = {"role": "model", "parts": parts}
    if finish:
        candidate["finishReason"] = finish
    candidate.update(extra)
    return {"candidates": [candidate], "modelVersion": model, "responseId": "resp-1"}


GEMINI_ENDINGS = {"end": "STOP", "length": "MAX_TOKENS", "filter": "SAFETY", "refusal": "PROHIBITED_CONTENT",
                  "tool": "UNEXPECTED_TOOL_CALL", "continue": "CONTINUATION"}


def gemini_events(answer):
    events = []
    if answer.thinking:
        events.append(gemini_chunk([{"text": "Let me think.", "thought": True}]))
        events.append(gemini_chunk([{"text": "", "thoughtSignature": "c2ln"}]))
        events.append(gemini_chunk([]))
    for piece in answer.pieces:
        events.append(gemini_chunk([{"text": piece}]))
    last = gemini_chunk([{"text": ""}], GEMINI_ENDINGS[answer.ending])
    if answer.ending == "tool":
        last = gemini_chunk([{"functionCall": {"name": "run", "args": {"x": 1}}}], "UNEXPECTED_TOOL_CALL")
    if answer.ending == "continue":
        last["continuationToken"] = "dG9rZW4="
    if answer.searched:
        last["candidates"][0]["groundingMetadata"] = {
            "webSearchQueries": ["one", "two"],
            "groundingChunks": [{"web": {"uri": uri, "title": title}} for uri, title in SOURCES],
            "searchEntryPoint": {"renderedContent": "<div></div>"}}
    if answer.usage:
        last["usageMetadata"] = gemini_usage()
    return events + [last]


def gemini_whole(answer):
    whole = gemini_events(answer)[-1]
    parts = []
    if answer.thinking:
        parts += [{"text": "Let me think.", "thought": True}, {"text": "", "thoughtSignature": "c2ln"}]
    if not answer.silent:
        parts.append({"text": answer.text})
    if answer.ending == "tool":
        parts.append({"functionCall": {"name": "run", "args": {"x": 1}}})
    whole["candidates"][0]["content"] = {"role": "model", "parts": parts}
    if answer.silent and answer.ending == "length":
        del whole["candidates"][0]["content"]["parts"]  # what thinking that ate everything looks like
    return whole


# --- OpenAI Responses -------------------------------------------------------------------------------------------------

def responses_usage():
    return {"input_tokens": 11, "input_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 0},
            "output_tokens": 7, "output_tokens_details": {"reasoning_tokens": 3}, "total_tokens": 18}


def responses_whole(answer):
    output = []
    if answer.thinking:
        output.append({"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "Let me think."}]})
        output.append({"type": "message", "id": "msg_0", "role": "assistant", "status": "completed",
                       "phase": "commentary",
                       "content": [{"type": "output_text", "text": "I will look.", "annotations": []}]})
    if answer.searched:
        output.append({"type": "web_search_call", "id": "ws_1", "status": "completed",
                       "action": {"type": "search", "query": "one",
                                  "sources": [{"type": "url", "url": SOURCES[1][0]}]}})
    content = []
    if not answer.silent:
        annotations = [{"type": "url_citation", "url": SOURCES[0][0], "title": SOURCES[0][1], "start_index": 0,
                        "end_index": 3}] if answer.searched else []
        content.append({"type": "output_text", "text": answer.text, "annotations": annotations})
    if answer.ending == "refusal":
        content = [{"type": "refusal", "refusal": "I cannot help with that."}]
    if content:
        output.append({"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": content})
    if answer.ending == "tool":
        output.append({"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "run",
                       "arguments": "{\"x\": 1}", "status": "completed"})
    whole = {"id": "resp_1", "object": "response", "created_at": 1780000000, "status": "completed", "error": None,
             "incomplete_details": None, "model": "gpt-x", "output": output, "parallel_tool_calls": True,
             "tool_choice": "auto", "tools": []}
    if answer.ending in ("length", "filter"):
        reason = "max_output_tokens" if answer.ending == "length" else "content_filter"
        whole.update(status="incomplete", incomplete_details={"reason": reason})
    if answer.usage:
        whole["usage"] = responses_usage()
    if answer.searched:
        whole["tool_usage"] = {"web_search": {"num_requests": 2}}
    return whole


def responses_events(answer):
    whole = responses_whole(answer)
    begun = dict(whole, status="in_progress", output=[], usage=None)
    events = [{"type": "response.created", "response": begun}, {"type": "response.in_progress", "response": begun}]
    for index, item in enumerate(whole["output"]):
        place = {"output_index": index, "item_id": item.get("id")}
        events.append({"type": "response.output_item.added", "output_index": index, "item": dict(item, content=[])})
        if item["type"] == "message":
            for number, part in enumerate(item["content"]):
                at = dict(place, content_index=number)
                if part["type"] == "refusal":
                    events.append({"type": "response.refusal.delta", "delta": part["refusal"], **at})
                    continue
                empty = dict(part, text="", annotations=[])
                events.append({"type": "response.content_part.added", "part": empty, **at})
                pieces = [part["text"]] if item.get("phase") else answer.pieces
                for piece in pieces:
                    # The padding that OpenAI sends so that lengths tell nothing.
                    events.append({"type": "response.output_text.delta", "delta": piece, "logprobs": [],
                                   "obfuscation": "xyz", **at})
                for note, annotation in enumerate(part["annotations"]):
                    events.append({"type": "response.output_text.annotation.added", "annotation": annotation,
                                   "annotation_index": note, **at})
                events.append({"type": "response.output_text.done", "text": part["text"], "logprobs": [], **at})
        events.append({"type": "response.output_item.done", "output_index": index, "item": item})
    kind = {"completed": "response.completed", "incomplete": "response.incomplete"}[whole["status"]]
    events.append({"type": kind, "response": whole})
    for number, event in enumerate(events):
        event["sequence_number"] = number
    return events


# --- Chat Completions -------------------------------------------------------------------------------------------------

def chat_usage():
    return {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18,
            "prompt_tokens_details": {"cached_tokens": 4}, "completion_tokens_details": {"reasoning_tokens": 3}}


CHAT_ENDINGS = {"end": "stop", "length": "length", "filter": "content_filter", "refusal": "stop", "tool": "tool_calls"}
CHAT_CALL = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "run", "arguments": "{\"x\": 1}"}}


def chat_annotations():
    return [{"type": "url_citation", "url_citation": {"url": url, "title": title, "start_index": 0, "end_index": 1}}
            for url, title in SOURCES]


def chat_whole(answer):
    message = {"role": "assistant", "content": None if answer.silent else answer.text, "refusal": None}
    if answer.thinking:
        message["reasoning_content"] = "Let me think."
        if not answer.silent:
            message["content"] = "<think>Let me think.</think>\n\n" + answer.text
    if answer.ending == "refusal":
        message.update(content=None, refusal="I cannot help with that.")
    if answer.ending == "tool":
        message["tool_calls"] = [CHAT_CALL]
    if answer.searched:
        message["annotations"] = chat_annotations()
    whole = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1780000000, "model": "gpt-x",
             "choices": [{"index": 0, "message": message, "finish_reason": CHAT_ENDINGS[answer.ending],
                          "logprobs": None}]}
    if answer.usage:
        whole["usage"] = chat_usage()
    return whole


def chat_events(answer):
    def chunk(delta, finish=None):
        return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1780000000, "model": "gpt-x",
                "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}
    events = [chunk({"role": "assistant", "content": ""})]
    if answer.thinking:
        events += [chunk({"reasoning_content": "Let me think."}), chunk({"content": "<think>Let me "}),
                   chunk({"content": "think.</think>\n"})]
    if answer.ending == "refusal":
        events.append(chunk({"refusal": "I cannot help with that."}))
    elif answer.ending == "tool":
        events.append(chunk({"tool_calls": [CHAT_CALL]}))
    else:
        events += [chunk({"content": piece}) for piece in answer.pieces]
    if answer.searched:
        events.append(chunk({"annotations": chat_annotations()}))
    events.append(chunk({}, CHAT_ENDINGS[answer.ending]))
    if answer.usage:
        events.append(dict(chunk({}), choices=[], usage=chat_usage()))
    return events


# --- Anthropic Messages -----------------------------------------------------------------------------------------------

def anthropic_usage(searched=False):
    usage = {"input_tokens": 7, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 4, "output_tokens": 7,
             "output_tokens_details": {"thinking_tokens": 3}, "service_tier": "standard"}
    if searched:
        usage["server_tool_use"] = {"web_search_requests": 2, "web_fetch_requests": 0}
    return usage


ANTHROPIC_ENDINGS = {"end": "end_turn", "length": "max_tokens", "refusal": "refusal", "filter": "refusal",
                     "tool": "tool_use", "continue": "pause_turn"}


def anthropic_content(answer):
    content = []
    if answer.thinking:
        content += [{"type": "thinking", "thinking": "Let me think.", "signature": "c2ln"},
                    {"type": "redacted_thinking", "data": "eHh4"}, {"type": "text", "text": ""}]
    if answer.searched:
        content.append({"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "one"}})
        content.append({"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": [
            {"type": "web_search_result", "url": url, "title": title, "encrypted_content": "eHh4", "page_age": None}
            for url, title in SOURCES]})
        content.append({"type": "server_tool_use", "id": "srvtoolu_2", "name": "web_search", "input": {"query": "two"}})
        content.append({"type": "web_search_tool_result", "tool_use_id": "srvtoolu_2",
                        "content": {"type": "web_search_tool_result_error", "error_code": "max_uses_exceeded"}})
    if not answer.silent:
        # A cited answer comes in many small blocks.
        for piece in answer.pieces if answer.searched else [answer.text]:
            block = {"type": "text", "text": piece}
            if answer.searched:
                block["citations"] = [{"type": "web_search_result_location", "url": SOURCES[0][0],
                                       "title": SOURCES[0][1], "cited_text": "x", "encrypted_index": "eHh4"}]
            content.append(block)
    if answer.ending == "tool":
        content.append({"type": "tool_use", "id": "toolu_1", "name": "answer", "input": {"name": "x", "score": 1}})
    return content


def anthropic_whole(answer):
    details = {"type": "refusal", "category": "cyber", "explanation": "I cannot help with that."}
    return {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-x",
            "content": anthropic_content(answer), "stop_reason": ANTHROPIC_ENDINGS[answer.ending],
            "stop_sequence": None, "stop_details": details if answer.ending in ("refusal", "filter") else None,
            "usage": anthropic_usage(answer.searched)}


def anthropic_events(answer):
    whole = anthropic_whole(answer)
    begun = dict(whole, content=[], stop_reason=None, stop_details=None,
                 usage=dict(anthropic_usage(), output_tokens=1, output_tokens_details={"thinking_tokens": 0}))
    events = [{"type": "message_start", "message": begun}, {"type": "ping"}]
    for index, block in enumerate(whole["content"]):
        start, deltas = dict(block), []
        if block["type"] == "text":
            start.update(text="", citations=[])
            deltas += [{"type": "citations_delta", "citation": citation} for citation in block.get("citations", [])]
            text = block["text"]
            deltas += [{"type": "text_delta", "text": piece} for piece in (text[:5], text[5:]) if piece]
        elif block["type"] == "thinking":
            start.update(thinking="", signature="")
            deltas += [{"type": "thinking_delta", "thinking": block["thinking"]},
                       {"type": "signature_delta", "signature": block["signature"]}]
        elif block["type"] in ("tool_use", "server_tool_use"):
            start["input"] = {}
            text = json.dumps(block["input"])
            deltas += [{"type": "input_json_delta", "partial_json": piece} for piece in ("", text[:4], text[4:])]
        events.append({"type": "content_block_start", "index": index, "content_block": start})
        events += [{"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas]
        events.append({"type": "content_block_stop", "index": index})
    events.append({"type": "message_delta",
                   "delta": {"stop_reason": whole["stop_reason"], "stop_sequence": None,
                             "stop_details": whole["stop_details"]},
                   "usage": whole["usage"]})
    return events + [{"type": "message_stop"}]


WHOLE = {"gemini": gemini_whole, "responses": responses_whole, "chat": chat_whole, "anthropic": anthropic_whole}
EVENTS = {"gemini": gemini_events, "responses": responses_events, "chat": chat_events, "anthropic": anthropic_events}
