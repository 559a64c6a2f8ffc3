#!/usr/bin/env python3
"""Writes the workloads that are made by a rule and hard on an index: W8_N.json and awkward_N.json.

    benches/workloads/generate.py           writes the files
    benches/workloads/generate.py --check   exit code 1 if a file is not what the rule makes

The rules stand here and nowhere else; README.md beside this file tells them in words.
"""

import json
import sys
from pathlib import Path

SIZES = [100, 1_000, 10_000]
TYPES = {"aws:SecureTransport": "bool", "aws:SourceIp": "ip"}

# W8: what statements allow or deny, ten statements each.
LAKE_ACTIONS = [
    "s3:GetObject",
    "s3:PutObject",
    "s3:DeleteObject",
    "s3:GetObjectTagging",
    "s3:PutObjectTagging",
    "s3:GetObjectAcl",
    "s3:Get*",
    "s3:*",
]

# The awkward mix: the actions and the patterns of W4, in turn.
ACTIONS = [
    "s3:*",
    "s3:ListMultipartUploadParts",
    "s3:PutObjectTagging",
    "s3:PutObject",
    "s3:GetObjectRetention",
    "s3:GetObjectAcl",
    "s3:DeleteObject",
    "s3:RestoreObject",
    "s3:AbortMultipartUpload",
    "s3:GetObjectTagging",
]
PATTERNS = ["data/2026/object-{}.json", "data/*", "*/logs/*.gz", "${{aws:username}}/*"]
# A key that each of the patterns matches.
KEYS = [
    "data/2026/object-{}.json",
    "data/2026/11/23/part-0001.parquet",
    "eu-west-1/logs/2026-11-23.gz",
    "alice/docs/report.pdf",
]
# The context of every request to the awkward mix: that of W4.
POOL_CONTEXT = {
    "cognito-identity.amazonaws.com:sub": "us-east-1:12345678-1234-1234-1234-123456790ab1",
    "cognito-identity.amazonaws.com:aud": "us-east-1:aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee",
    "aws:userid": "AROAEXAMPLE:CognitoIdentityCredentials",
    "aws:username": "alice",
    "aws:SecureTransport": "true",
    "aws:SourceIp": "203.0.113.17",
    "aws:PrincipalArn": "arn:aws:iam::123456789012:role/CognitoAuthRole",
}


def lake_statement(number):
    """W8: ten shapes in turn on one bucket."""
    shape = number % 10
    action = LAKE_ACTIONS[number // 10 % len(LAKE_ACTIONS)]
    statement = {"Effect": "Deny" if shape == 9 else "Allow"}
    if number % 100 == 1:
        statement["NotAction"] = ["s3:Delete*", action]
    else:
        statement["Action"] = action
    keys = {
        0: f"${{aws:username}}/{number}/*",
        1: f"*.part-{number}",
        2: f"raw-{number}*",
        3: f"*/zone-{number}/*",
        9: f"*/secret-{number}/*",
    }
    statement["Resource"] = f"arn:aws:s3:::lake/{keys[shape]}" if shape in keys else "*"
    if shape not in keys:
        statement["Condition"] = {"StringEquals": {"aws:PrincipalTag/team": f"team-{number}"}}
    return statement


def lake_requests(statements):
    """For late statements of several shapes a request that only they allow, and as many that nothing allows."""
    turn = 10 * len(LAKE_ACTIONS)
    last = (statements - 10) // turn * turn

    def ask(name, expect, key, team=None):
        context = {"aws:username": "alice"} | ({"aws:PrincipalTag/team": team} if team else {})
        return {
            "id": name,
            "principal": "arn:aws:iam::123456789012:user/alice",
            "action": "s3:GetObject",
            "resource": f"arn:aws:s3:::lake/{key}",
            "context": context,
            "expect": expect,
        }

    return [
        ask("variable", "allow", f"alice/{last}/x"),
        ask("suffix", "allow", f"a/b/c.part-{last + 1}"),
        ask("prefix", "allow", f"raw-{last + 2}/2026/x"),
        ask("inside", "allow", f"a/zone-{last + 3}/x"),
        ask("condition", "allow", "a/b/c", f"team-{last + 4}"),
        ask("other user", "implicit_deny", f"bob/{last}/x"),
        ask("other suffix", "implicit_deny", "a/b/c.other"),
        ask("other prefix", "implicit_deny", "cooked/2026/x"),
        ask("other team", "implicit_deny", "a/b/c", "team-none"),
        ask("denied", "explicit_deny", f"alice/{last}/secret-{last + 9}/x"),
    ]


def lake(statements):
    """W8: statements on one bucket that an index by action and resource helps least."""
    policy = [lake_statement(number) for number in range(statements)]
    return workload(
        f"W8_{statements}",
        f"{statements} statements on one bucket: variables, suffixes, conditions, half on *, a tenth Deny",
        [("awkward", policy)],
        lake_requests(statements),
    )


def mixed_action(number):
    """The action of a statement of the mix: no shape always has the same."""
    return ACTIONS[(number + number // 20) % len(ACTIONS)]


def mixed_resource(number):
    """The resource that an Allow of the mix names: of twenty, 14 as in W4, 3 cut within a segment, 2 a star first."""
    shape = number % 20
    if shape < 14:
        return f"bucket-{number:05}/{PATTERNS[number % 4].format(number)}"
    return f"team{number}-bucket*" if shape < 17 else f"*/zone-{number}/*"


def mixed_key(number):
    """A resource that it matches."""
    shape = number % 20
    if shape < 14:
        return f"bucket-{number:05}/{KEYS[number % 4].format(number)}"
    return f"team{number}-bucket-eu/2026/x.pdf" if shape < 17 else f"lake/zone-{number}/2026/x.pdf"


def mixed_requests(statements, last_deny):
    """Eight requests of one statement each, drawn over all; eight of a bucket that no statement names; a denial by each
    form of Deny."""

    def ask(name, expect, action, key):
        return {
            "id": name,
            "principal": "arn:aws:sts::123456789012:assumed-role/CognitoAuthRole/CognitoIdentityCredentials",
            "action": action.replace("*", "GetObject"),
            "resource": f"arn:aws:s3:::{key}",
            "context": POOL_CONTEXT,
            "expect": expect,
        }

    requests = []
    for turn, shape in enumerate([0, 1, 2, 3, 4, 5, 14, 17]):
        number = (2 * turn + 1) * statements // 16 // 20 * 20 + shape
        requests.append(ask(f"hit-{number}", "allow", mixed_action(number), mixed_key(number)))
    for turn in range(8):
        key = f"other-bucket/{KEYS[turn % 4].format('x')}"
        requests.append(ask(f"miss-{turn}", "implicit_deny", ACTIONS[turn], key))
    for name, key in [("inside", f"lake/secret-{last_deny}/x"), ("by head", f"bucket-{last_deny:05}/secret/x")]:
        requests.append(ask(f"denied {name}", "explicit_deny", mixed_action(last_deny), key))
    return requests


def mixed(statements):
    """The awkward mix. Its Denies stand in two policies: hits are asked without those by head, misses without those
    inside."""

    def statement(effect, number, resource):
        return {"Effect": effect, "Action": [mixed_action(number)], "Resource": [f"arn:aws:s3:::{resource}"]}

    denies = range(19, statements, 20)
    allows = [number for number in range(statements) if number % 20 != 19]
    return workload(
        f"awkward_{statements}",
        "70% as W4, 15% cut within a segment, 10% a star right after the bucket's colons, 5% Deny, in either of two forms",
        [
            ("mix", [statement("Allow", number, mixed_resource(number)) for number in allows]),
            ("denies inside", [statement("Deny", number, f"*/secret-{number}/*") for number in denies]),
            ("denies by head", [statement("Deny", number, f"bucket-{number:05}/secret/*") for number in denies]),
        ],
        mixed_requests(statements, denies[-1]),
    )


def workload(name, description, policies, requests):
    """A workload in the form of the other files."""
    documents = [
        {"kind": "identity", "name": policy, "doc": {"Version": "2012-10-17", "Statement": statements}}
        for policy, statements in policies
    ]
    return {
        "name": name,
        "description": description,
        "context_types": TYPES,
        "policies": documents,
        "requests": requests,
    }


def main():
    """Writes or checks every file."""
    stale = []
    for made in [rule(size) for rule in (lake, mixed) for size in SIZES]:
        path = Path(__file__).with_name(f"{made['name']}.json")
        text = json.dumps(made, separators=(",", ":")) + "\n"
        if sys.argv[1:] != ["--check"]:
            path.write_text(text)
        elif not path.exists() or path.read_text() != text:
            stale.append(path.name)
    if stale:
        sys.exit(f"not what the rule makes: {', '.join(stale)}; run benches/workloads/generate.py")


if __name__ == "__main__":
    main()
