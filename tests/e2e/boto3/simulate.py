"""Asks a running `verdikt serve` through boto3 and the aws command line, and compares with what IAM's API reference says.

    simulate.py VERDIKT AWS

The service is started on a free port of this machine, over the store policies/photo-app, and stopped at the end.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ROLE = "arn:aws:iam::111122223333:role/photo-user"
USER = "arn:aws:iam::111122223333:user/alice"
SUB = {
    "ContextKeyName": "cognito-identity.amazonaws.com:sub",
    "ContextKeyType": "string",
    "ContextKeyValues": ["us-east-1:alice"],
}
OWN = "arn:aws:s3:::photo-app/private/us-east-1:alice/cat.jpg"
FOREIGN = "arn:aws:s3:::photo-app/private/us-east-1:bob/cat.jpg"
TOKEN = "a-token-for-this-run-alone"

POLICY = """{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "s3:*Object",
      "Resource": "arn:aws:s3:::b/${aws:username}/*"
    },
    {"Effect": "Deny", "Action": "s3:DeleteObject", "Resource": "*",
     "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}
  ]
}"""
ALL = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
READS = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]})
BUCKET = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": USER}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}
        ],
    }
)

checked = 0
failed = 0


def check(what, found, expected):
    global checked, failed
    checked += 1
    if found != expected:
        failed += 1
        print(f"{what}: expected {expected!r}, found {found!r}", file=sys.stderr)


@contextmanager
def service(verdikt, *options):
    """A service until the block ends; its address."""
    store = Path(__file__).resolve().parents[3] / "policies" / "photo-app"
    command = [verdikt, "serve", "--store", str(store), "--listen", "127.0.0.1:0", *options]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        told = []
        for line in process.stderr:
            told.append(line)
            if "listening on " in line:
                break
        else:
            raise SystemExit("verdikt serve did not start: " + "".join(told))
        # What it says later must not fill the pipe.
        threading.Thread(target=process.stderr.read, daemon=True).start()
        yield "http://" + line.split("listening on ")[1].split()[0]
    finally:
        process.terminate()
        process.wait(timeout=30)


def client(address, token=None):
    return boto3.client(
        "iam",
        endpoint_url=address,
        region_name="us-east-1",
        aws_access_key_id="none",
        aws_secret_access_key="none",
        aws_session_token=token,
        config=Config(retries={"total_max_attempts": 1}),
    )


def refused(what, call, status, code, named=""):
    try:
        call()
    except ClientError as error:
        told = error.response
        found = (told["ResponseMetadata"]["HTTPStatusCode"], told["Error"]["Code"])
        check(what, found, (status, code))
        if named not in told["Error"]["Message"]:
            check(what, told["Error"]["Message"], f"…{named}…")
    else:
        check(what, "an answer", (status, code))


def entry(name, kind, *values):
    return {"ContextKeyName": name, "ContextKeyType": kind, "ContextKeyValues": list(values)}


def custom(iam):
    answer = iam.simulate_custom_policy(
        PolicyInputList=[POLICY],
        ActionNames=["s3:GetObject", "s3:DeleteObject", "s3:ListBucket"],
        ResourceArns=["arn:aws:s3:::b/alice/cat.jpg", "arn:aws:s3:::b/bob/cat.jpg"],
        ContextEntries=[entry("aws:username", "string", "alice")],
    )
    read, delete, listing = answer["EvaluationResults"]
    allow = {
        "SourcePolicyId": "PolicyInputList.1",
        "SourcePolicyType": "none",
        "StartPosition": {"Line": 4, "Column": 5},
        "EndPosition": {"Line": 8, "Column": 6},
    }
    deny = allow | {"StartPosition": {"Line": 9, "Column": 5}, "EndPosition": {"Line": 10, "Column": 77}}
    check("answer", (answer["IsTruncated"], "Marker" in answer), (False, False))
    check("one result an action", [one["EvalActionName"] for one in answer["EvaluationResults"]],
          ["s3:GetObject", "s3:DeleteObject", "s3:ListBucket"])
    check("format of ARNs", read["EvalResourceName"], "arn:${Partition}:s3:::${BucketName}/${KeyName}")
    check("the most restrictive", read["EvalDecision"], "implicitDeny")
    check("nothing contributed to an implicit deny", read["MatchedStatements"], [])
    by = {one["EvalResourceName"]: one for one in read["ResourceSpecificResults"]}
    check("own", by["arn:aws:s3:::b/alice/cat.jpg"]["EvalResourceDecision"], "allowed")
    check("own statement", by["arn:aws:s3:::b/alice/cat.jpg"]["MatchedStatements"], [allow])
    check("foreign", by["arn:aws:s3:::b/bob/cat.jpg"]["EvalResourceDecision"], "implicitDeny")
    check("details of one account", read["EvalDecisionDetails"], {})
    check("an absent key denies with IfExists", delete["EvalDecision"], "explicitDeny")
    check("the deny alone", delete["MatchedStatements"], [deny])
    check("missing", delete["MissingContextValues"], ["aws:MultiFactorAuthPresent"])
    check("not allowed at all", listing["EvalDecision"], "implicitDeny")

    answer = iam.simulate_custom_policy(PolicyInputList=[POLICY], ActionNames=["s3:GetObject"])
    only = answer["EvaluationResults"][0]
    check("on everything", only["EvalDecision"], "implicitDeny")
    for absent in ("ResourceSpecificResults", "EvalDecisionDetails", "OrganizationsDecisionDetail",
                   "PermissionsBoundaryDecisionDetail"):
        check(f"without {absent}", absent in only, False)

    answer = iam.simulate_custom_policy(
        PolicyInputList=[ALL],
        PermissionsBoundaryPolicyInputList=[READS],
        OrderedOrganizationPolicyInputList=[
            {"ServiceControlPolicyInputList": [ALL]},
            {"ServiceControlPolicyInputList": []},
        ],
        ActionNames=["s3:PutObject"],
        ResourceArns=["arn:aws:s3:::b/x"],
    )
    only = answer["EvaluationResults"][0]
    check("boundary", only["PermissionsBoundaryDecisionDetail"], {"AllowedByPermissionsBoundary": False})
    check("organization", only["OrganizationsDecisionDetail"], {"AllowedByOrganizations": False})
    check("no details where SCPs deny", "EvalDecisionDetails" in only, False)

    answer = iam.simulate_custom_policy(
        PolicyInputList=[POLICY],
        ResourcePolicy=BUCKET,
        CallerArn=USER,
        ResourceOwner="arn:aws:iam::444455556666:root",
        ActionNames=["s3:GetObject", "s3:PutObject"],
        ResourceArns=["arn:aws:s3:::b/alice/x"],
    )
    found = {one["EvalActionName"]: (one["EvalDecision"], one["EvalDecisionDetails"]) for one in answer["EvaluationResults"]}
    check("two accounts", found, {
        "s3:GetObject": ("allowed", {"IAM Policy": "allowed", "Resource Policy": "allowed"}),
        "s3:PutObject": ("implicitDeny", {"IAM Policy": "allowed", "Resource Policy": "implicitDeny"}),
    })
    tags = json.dumps({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Action": "*", "Resource": "*",
        "Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}, "NumericLessThan": {"s3:max-keys": "10"}}}})
    for keys, most, decision in ((["a", "b"], "9.5", "allowed"), (["a", "c"], "9", "implicitDeny"), (["a"], "10", "implicitDeny")):
        answer = iam.simulate_custom_policy(
            PolicyInputList=[tags],
            ActionNames=["s3:ListBucket"],
            ContextEntries=[entry("aws:TagKeys", "stringList", *keys), entry("s3:max-keys", "numeric", most)],
        )
        check(f"values {keys} {most}", answer["EvaluationResults"][0]["EvalDecision"], decision)


def principal(iam):
    answer = iam.simulate_principal_policy(
        PolicySourceArn=ROLE,
        ActionNames=["s3:GetObject"],
        ResourceArns=[OWN, FOREIGN, "arn:aws:s3:::photo-app/public/sea.jpg"],
        ContextEntries=[SUB],
    )
    only = answer["EvaluationResults"][0]
    check("by resource", [one["EvalResourceDecision"] for one in only["ResourceSpecificResults"]],
          ["allowed", "implicitDeny", "allowed"])
    statement = only["ResourceSpecificResults"][0]["MatchedStatements"][0]
    check("a policy of the store", (statement["SourcePolicyId"], statement["SourcePolicyType"]), ("roles/user.json", "role"))
    check("its statement", (statement["StartPosition"], statement["EndPosition"]),
          ({"Line": 4, "Column": 5}, {"Line": 13, "Column": 6}))
    check("its boundary", only["PermissionsBoundaryDecisionDetail"], {"AllowedByPermissionsBoundary": True})
    check("its organization", only["OrganizationsDecisionDetail"], {"AllowedByOrganizations": True})
    answer = iam.simulate_principal_policy(PolicySourceArn=ROLE, ActionNames=["s3:GetObject"], ResourceArns=[OWN])
    only = answer["EvaluationResults"][0]
    check("without the identity", (only["EvalDecision"], only["MissingContextValues"]),
          ("implicitDeny", ["cognito-identity.amazonaws.com:sub"]))
    bucket = {"ActionNames": ["s3:DeleteBucket"], "ResourceArns": ["arn:aws:s3:::photo-app"], "PolicyInputList": [ALL]}
    only = iam.simulate_principal_policy(PolicySourceArn=ROLE, **bucket)["EvaluationResults"][0]
    check("an SCP of its organization denies", (only["EvalDecision"], only["OrganizationsDecisionDetail"]),
          ("explicitDeny", {"AllowedByOrganizations": False}))
    left = [{"PolicyType": "scp"}, {"PolicyType": "permission-boundary"}]
    only = iam.simulate_principal_policy(PolicySourceArn=ROLE, PolicyExclusionList=left, **bucket)["EvaluationResults"][0]
    check("without SCPs and boundary", only["EvalDecision"], "allowed")


def keys(iam):
    found = iam.get_context_keys_for_custom_policy(PolicyInputList=[POLICY])["ContextKeyNames"]
    check("keys", sorted(found), ["aws:MultiFactorAuthPresent", "aws:username"])
    found = iam.get_context_keys_for_principal_policy(PolicySourceArn=ROLE)["ContextKeyNames"]
    check("keys of a principal", sorted(found), ["cognito-identity.amazonaws.com:sub", "dynamodb:LeadingKeys"])
    found = iam.get_context_keys_for_principal_policy(PolicySourceArn=ROLE, PolicyInputList=[POLICY])["ContextKeyNames"]
    check("keys with given policies", len(found), 4)


def pages(iam):
    actions = [f"s3:Action{number}" for number in range(250)]
    pages = list(iam.get_paginator("simulate_custom_policy").paginate(PolicyInputList=[ALL], ActionNames=actions))
    check("pages of a hundred", [len(page["EvaluationResults"]) for page in pages], [100, 100, 50])
    found = [one["EvalActionName"] for page in pages for one in page["EvaluationResults"]]
    check("every action once", found, actions)
    pages = iam.get_paginator("simulate_principal_policy").paginate(
        PolicySourceArn=ROLE, ActionNames=actions[:7], PaginationConfig={"PageSize": 3})
    check("pages of three", [len(page["EvaluationResults"]) for page in pages], [3, 3, 1])
    marker = iam.simulate_custom_policy(PolicyInputList=[ALL], ActionNames=actions, MaxItems=1)["Marker"]
    refused("a marker of another request",
            lambda: iam.simulate_custom_policy(PolicyInputList=[READS], ActionNames=actions, Marker=marker),
            400, "InvalidInput", "`Marker`")


def errors(iam):
    simulate = iam.simulate_custom_policy
    one = {"PolicyInputList": [ALL], "ActionNames": ["s3:GetObject"]}
    refused("no policy", lambda: simulate(PolicyInputList=["{"], ActionNames=["s3:GetObject"]), 400, "InvalidInput",
            "`PolicyInputList.1`")
    refused("a wildcard", lambda: simulate(PolicyInputList=[ALL], ActionNames=["s3:Get*"]), 400, "InvalidInput", "s3:Get*")
    refused("who calls", lambda: simulate(ResourcePolicy=BUCKET, **one), 400, "InvalidInput", "`CallerArn`")
    refused("a value", lambda: simulate(ContextEntries=[entry("aws:SourceIp", "ip", "here")], **one), 400, "InvalidInput",
            "aws:SourceIp")
    refused("a scenario", lambda: simulate(ResourceHandlingOption="EC2-VPC-EBS", **one), 400, "InvalidInput", "EC2-VPC-EBS")
    principal = iam.simulate_principal_policy
    refused("nobody", lambda: principal(PolicySourceArn=USER, ActionNames=["s3:GetObject"]), 404, "NoSuchEntity", USER)
    refused("an exclusion", lambda: principal(PolicySourceArn=ROLE, ActionNames=["s3:GetObject"],
                                              PolicyExclusionList=[{"PolicyType": "inline"}]), 400, "InvalidInput", "inline")
    refused("keys of nobody", lambda: iam.get_context_keys_for_principal_policy(PolicySourceArn=USER), 404, "NoSuchEntity")
    refused("another action", lambda: iam.list_users(), 400, "InvalidAction")
    check("the class of an error", is_no_such_entity(iam), True)


def is_no_such_entity(iam):
    """Whether boto3 takes it for the exception of the model."""
    try:
        iam.get_context_keys_for_principal_policy(PolicySourceArn=USER)
    except iam.exceptions.NoSuchEntityException:
        return True
    return False


def tokens(verdikt):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tokens.toml"
        path.write_text(f'[[token]]\nname = "simulator"\ntoken = "{TOKEN}"\nscopes = ["iam"]\n')
        with service(verdikt, "--tokens", str(path)) as address:
            ask = {"PolicyInputList": [ALL], "ActionNames": ["s3:GetObject"]}
            answer = client(address, TOKEN).simulate_custom_policy(**ask)
            check("the token of the session", answer["EvaluationResults"][0]["EvalDecision"], "allowed")
            refused("no token", lambda: client(address).simulate_custom_policy(**ask), 401, "MissingAuthenticationToken")
            refused("another token", lambda: client(address, TOKEN + "x").simulate_custom_policy(**ask), 401,
                    "InvalidClientTokenId")
            own = client(address)
            own.meta.events.register("before-sign.iam", lambda request, **_: request.headers.add_header("Verdikt-Token", TOKEN))
            answer = own.simulate_custom_policy(**ask)
            check("the token in its own header", answer["EvaluationResults"][0]["EvalDecision"], "allowed")


def command_line(aws, address):
    environment = os.environ | {
        "AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none", "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "AWS_MAX_ATTEMPTS": "1",
    }

    def run(*options):
        done = subprocess.run([aws, "iam", *options, "--endpoint-url", address, "--output", "json"], env=environment,
                              capture_output=True, text=True, timeout=120)
        return done.returncode, done.stdout, done.stderr

    code, told, wrong = run(
        "simulate-principal-policy", "--policy-source-arn", ROLE, "--action-names", "s3:GetObject", "s3:PutObject",
        "--resource-arns", OWN, "--context-entries",
        "ContextKeyName=cognito-identity.amazonaws.com:sub,ContextKeyValues=us-east-1:alice,ContextKeyType=string")
    check("aws simulate-principal-policy", (code, wrong), (0, ""))
    check("its decisions", [one["EvalDecision"] for one in json.loads(told)["EvaluationResults"]], ["allowed", "allowed"])
    code, told, wrong = run("simulate-custom-policy", "--policy-input-list", POLICY, "--action-names", "s3:GetObject")
    check("aws simulate-custom-policy", (code, wrong), (0, ""))
    check("its decision", json.loads(told)["EvaluationResults"][0]["EvalDecision"], "implicitDeny")
    code, told, wrong = run("get-context-keys-for-custom-policy", "--policy-input-list", POLICY)
    check("aws get-context-keys-for-custom-policy", (code, len(json.loads(told)["ContextKeyNames"])), (0, 2))
    code, told, wrong = run("get-context-keys-for-principal-policy", "--policy-source-arn", USER)
    check("aws, of nobody", (code != 0, "(NoSuchEntity)" in wrong), (True, True))


def main(verdikt, aws):
    with service(verdikt) as address:
        iam = client(address)
        for part in (custom, principal, keys, pages, errors):
            part(iam)
        command_line(aws, address)
    tokens(verdikt)
    print(f"{checked - failed} of {checked} as expected")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
