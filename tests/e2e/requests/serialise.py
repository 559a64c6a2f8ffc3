#!/usr/bin/env python3
"""botocore serialises and signs each call of the tables; `verdikt request` must make exactly the checks expected of it.

Nothing is sent: the request is caught before. Prints each difference, and how many calls were compared.
"""

import argparse
import functools
import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import botocore.session
from botocore.config import Config

import attempts
import dynamodb_calls
import s3_calls

HERE = Path(__file__).parent
DYNAMODB = ["--tables", str(HERE / "tables.json"), "--region", "us-east-1", "--account", "111122223333"]


class Caught(Exception):
    """A request on its way out."""


@functools.cache
def client(service, style):
    """A client and the list of the requests that it would have sent."""
    session = botocore.session.Session()
    session.set_credentials("AKIDEXAMPLE", "secret", "session-token")
    config = Config(s3={"addressing_style": style}, signature_version="s3v4" if service == "s3" else None)
    made = session.create_client(service, region_name="us-east-1", config=config)
    caught = []

    def catch(request, **_):
        caught.append(request)
        raise Caught

    made.meta.events.register("before-send", catch)
    return made, caught


def body_of(request):
    body = request.body
    if body is None:
        return b""
    if isinstance(body, (bytes, bytearray)):
        return bytes(body)
    if isinstance(body, str):
        return body.encode()
    return body.read()


def wire(method, url, headers, body):
    """The request as HTTP/1.1 text."""
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    lines = [f"{method} {target} HTTP/1.1", f"Host: {parts.netloc}"]
    dropped = {"host", "content-length", "transfer-encoding", "expect"}
    for name, value in headers.items():
        if name.lower() not in dropped:
            lines.append(f"{name}: {value.decode() if isinstance(value, bytes) else value}")
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def serialised(service, operation, params, options):
    """The text that botocore would send, and its headers."""
    sender, caught = client(service, options.get("addressing_style", "auto"))
    method = {api: name for name, api in sender.meta.method_to_api_mapping.items()}[operation]
    if options.get("presigned"):
        url = sender.generate_presigned_url(method, Params=params, ExpiresIn=600)
        return wire("PUT" if operation.startswith("Put") else "GET", url, {}, b""), {}
    try:
        getattr(sender, method)(**params)
    except Caught:
        pass
    request = caught.pop()
    return wire(request.method, request.url, request.headers, body_of(request)), request.headers


def text(value):
    return value.decode() if isinstance(value, bytes) else value


def signed_keys(service, headers, options):
    """What every call of S3 has by how it was signed and sent."""
    if service != "s3":
        return {}
    if options.get("presigned"):
        return {"s3:authType": "REST-QUERY-STRING", "s3:signatureversion": "AWS4-HMAC-SHA256"}
    return {
        "aws:UserAgent": text(headers["User-Agent"]),
        "s3:authType": "REST-HEADER",
        "s3:signatureversion": "AWS4-HMAC-SHA256",
        "s3:x-amz-content-sha256": text(headers["X-Amz-Content-SHA256"]),
    }


def canonical(checks, combination):
    """Checks to be compared: the values of a key as a set; of parts decided together, the order too."""
    plain = [
        (action, resource, sorted((key.lower(), sorted(value) if isinstance(value, list) else value) for key, value in keys.items()))
        for action, resource, keys in checks
    ]
    return json.dumps(plain if combination == "each" else sorted(plain, key=json.dumps), sort_keys=True)


def asked(program, service, request):
    options = DYNAMODB if service == "dynamodb" else []
    command = [program, "request", service, "--call", "-", "--format", "json", *options]
    done = subprocess.run(command, input=request, capture_output=True, check=False)
    if done.returncode != 0:
        return None, done.stderr.decode()
    return json.loads(done.stdout), ""


def compare(program, service, one):
    """What differs, or nothing."""
    name, operation, params, combination, checks, options = one
    request, headers = serialised(service, operation, params, options)
    answer, problem = asked(program, service, request)
    if answer is None:
        return f"refused: {problem}\n{request.decode(errors='replace')}"
    common = signed_keys(service, headers, options)
    expected = [(action, resource, {**common, **keys}) for action, resource, keys in checks]
    got = [(check["action"], check["resource"], check["context"]) for check in answer["checks"]]
    problems = []
    if answer["operation"] != operation and (operation, answer["operation"]) not in SAME_ON_THE_WIRE:
        problems.append(f"operation {answer['operation']}")
    if answer["combination"] != combination:
        problems.append(f"combination {answer['combination']}, not {combination}")
    if canonical(got, combination) != canonical(expected, combination):
        problems.append("checks\n" + "\n".join(differences(got, expected)))
    return "; ".join(problems)


# Names of one operation: the older names of the API.
SAME_ON_THE_WIRE = {("GetBucketLifecycleConfiguration", "GetBucketLifecycle")}


def differences(got, expected):
    show = lambda check: json.dumps([check[0], check[1], {k.lower(): sorted(v) if isinstance(v, list) else v for k, v in check[2].items()}], sort_keys=True)
    got, expected = [show(one) for one in got], [show(one) for one in expected]
    yield from (f"    missing    {one}" for one in expected if one not in got)
    yield from (f"    unexpected {one}" for one in got if one not in expected)
    if sorted(got) == sorted(expected):
        yield "    the same in another order"


def attempted(program, service, operation, params):
    """Whether the call is allowed, decided by the policy of the attempts."""
    request, _ = serialised(service, operation, params, {})
    command = [
        program, "decide", "--call", "-", "--format", "json", "--identity", str(HERE / "attempts.json"), *DYNAMODB,
        "--principal", "arn:aws:sts::111122223333:assumed-role/app/CognitoIdentityCredentials", "--no-derive",
        "--resource-account", "111122223333", "--context", f"cognito-identity.amazonaws.com:sub={attempts.ME}",
    ]
    done = subprocess.run(command, input=request, capture_output=True, check=False)
    if done.returncode not in (0, 3):
        return done.stderr.decode()
    return json.loads(done.stdout)["allowed"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", help="the verdikt program")
    parser.add_argument("--only", help="calls whose name contains this")
    options = parser.parse_args()
    compared = failed = 0
    operations = set()
    for service, table in (("s3", s3_calls), ("dynamodb", dynamodb_calls)):
        for one in table.CALLS:
            if options.only and options.only not in one[0]:
                continue
            compared += 1
            operations.add((service, one[1]))
            problem = compare(options.program, service, one)
            if problem:
                failed += 1
                print(f"FAIL {service} {one[0]}: {problem}")
    tried = 0
    for service, name, operation, params, allowed in attempts.attempts():
        if options.only and options.only not in name:
            continue
        tried += 1
        answer = attempted(options.program, service, operation, params)
        if answer is not allowed:
            failed += 1
            print(f"FAIL attempt {service} {name}: expected allowed {allowed}, got {answer}")
    compared += tried
    print(f"{tried} attempts")
    print(f"{compared - failed} passed, {failed} failed")
    print(f"{len(operations)} operations")
    return 1 if failed or (not options.only and (len(operations) < 80 or tried < 150)) else 0


if __name__ == "__main__":
    sys.exit(main())
