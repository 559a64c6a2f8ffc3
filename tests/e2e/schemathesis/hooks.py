"""What the document cannot say of answers."""

import json
import re

import schemathesis

# A body that could not be read, as against a question that cannot be asked.
UNREAD = {"INVALID_JSON", "INVALID_QUESTION", "INVALID_LOGIN", "UNSUPPORTED_CONTENT_TYPE"}
# The one text whose form the document does not say: the ARN of a principal.
NO_ARN = re.compile(r"^the principal (?!is a string or an object|is no string and no object)")


def told(response):
    try:
        return json.loads(response.content)
    except ValueError:
        return None


@schemathesis.check
def what_the_document_admits_is_read(ctx, response, case):
    """A body that is as the document says may be refused for what it asks, and not for its form."""
    meta = case.meta
    if meta is None or not meta.generation.mode.is_positive or response.status_code != 400:
        return
    body = told(response)
    error = body.get("error", {}) if isinstance(body, dict) else {}
    if error.get("code") in UNREAD and not NO_ARN.search(error["message"]):
        raise AssertionError(f"{body}")


@schemathesis.check
def nothing_made_up_is_allowed(ctx, response, case):
    """Nobody is named whom the store's policies allow anything, so no answer is an allow."""
    body = told(response)
    answers = body if isinstance(body, list) else body.get("evaluations", [body]) if isinstance(body, dict) else []
    for answer in answers:
        if isinstance(answer, dict):
            assert answer.get("allowed") is not True and answer.get("decision") is not True, body
