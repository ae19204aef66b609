"""Checks requests against the types of the providers' own clients; a field that the types do not know is an error.

    validate_requests.py < requests.json     a list of {"path": …, "body": …} as `GET /recorded` gives it
"""

import inspect
import json
import sys
from typing import get_args

import anthropic.types
import openai.types.chat
import openai.types.responses
import openai.types.shared_params
from anthropic.types import message_create_params
from google.genai import types as google
from openai.types.chat import completion_create_params
from openai.types.responses import response_create_params
from pydantic import ConfigDict, TypeAdapter
from pydantic._internal._generate_schema import GenerateSchema
from pydantic_core import core_schema

# The clients' types say "iterable" where they mean a list, which pydantic would check only when somebody iterates.
GenerateSchema._iterable_schema = lambda self, kind: core_schema.list_schema(self.generate_schema(get_args(kind)[0]))


def forbid_extras(module, seen):
    """Makes every typed dictionary of a package refuse unknown keys."""
    for value in list(vars(module).values()):
        if inspect.isclass(value) and hasattr(value, "__required_keys__") and value not in seen:
            seen.add(value)
            value.__pydantic_config__ = ConfigDict(extra="forbid", arbitrary_types_allowed=True)


seen = set()
for name, module in list(sys.modules.items()):
    if module is not None and name.startswith(("openai.types", "anthropic.types")):
        forbid_extras(module, seen)

RESPONSES = TypeAdapter(response_create_params.ResponseCreateParams)
CHAT = TypeAdapter(completion_create_params.CompletionCreateParams)
MESSAGES = TypeAdapter(message_create_params.MessageCreateParams)


def check_gemini(body):
    """Gemini's request is put together by its client from these models."""
    parts = {"contents": TypeAdapter(list[google.Content]), "systemInstruction": TypeAdapter(google.Content),
             "generationConfig": TypeAdapter(google.GenerationConfig), "tools": TypeAdapter(list[google.Tool]),
             "continuationToken": TypeAdapter(bytes)}
    for name, value in body.items():
        if name not in parts:
            raise ValueError(f"unknown field {name}")
        checked = parts[name].validate_json(json.dumps(value))
        if name == "generationConfig":
            # Extra fields are let through by this model: look for them.
            known = {field.alias or key for key, field in google.GenerationConfig.model_fields.items()}
            unknown = [key for key in value if key not in known and key not in google.GenerationConfig.model_fields]
            if unknown:
                raise ValueError(f"unknown fields {unknown} in generationConfig: {checked}")


def check(request):
    path, body = request["path"].split("?")[0], request["body"]
    if path.endswith("/responses"):
        RESPONSES.validate_python(body)
    elif path.endswith("/chat/completions"):
        CHAT.validate_python(body)
    elif path.endswith("/messages"):
        MESSAGES.validate_python(body)
    elif "enerateContent" in path:
        check_gemini(body)
    else:
        raise ValueError(f"no type for {path}")


requests = json.load(sys.stdin)
for number, request in enumerate(requests):
    try:
        check(request)
    except Exception as error:
        sys.exit(f"request {number} to {request['path']} does not fit:\n{error}\n{json.dumps(request['body'])[:2000]}")
# The check must be able to fail.
for path, body in [("/v1/responses", {"model": "m", "input": "x", "messages": []}),
                   ("/v1/chat/completions", {"model": "m", "messages": [], "maxtokens": 3}),
                   ("/v1/messages", {"model": "m", "messages": [], "max_tokens": 3, "temperatur": 1}),
                   ("/v1/messages", {"model": "m", "messages": []}),
                   ("/v1/messages", {"model": "m", "messages": [{"role": "user", "text": "x"}], "max_tokens": 3}),
                   ("/v1/chat/completions", {"model": "m", "messages": [{"role": "user", "text": "x"}]}),
                   ("/v1/responses", {"model": "m", "input": "x", "tools": [{"type": "websearch"}]}),
                   ("/v1beta/models/m:generateContent", {"contents": [], "generationConfig": {"maxTokens": 3}}),
                   ("/v1beta/models/m:generateContent", {"contents": [{"parts": [{"txt": "x"}]}]})]:
    try:
        check({"path": path, "body": body})
    except Exception:
        continue
    sys.exit(f"a wrong request to {path} passed: {body}")
print(f"{len(requests)} requests fit")
