"""Two users and a guest of the example application, and what each of their calls comes to.

    photo_app.py VERDIKT FOLDER MOTO_URL COGNITO_LOCAL_URL

Alice signs in at moto's user pool, Bob at cognito-local's; the guest at none.
"""

import json
import pathlib
import shutil
import subprocess
import sys
import urllib.request

HERE = pathlib.Path(__file__).parent
sys.path[:0] = [str(HERE.parent / "tokens"), str(HERE.parent / "requests")]

import serialise  # noqa: E402
import tokens  # noqa: E402

failures = 0


def told(holds, what, more=""):
    """Says what was found, and counts what is not as it should be."""
    global failures
    print(f"{'ok     ' if holds else 'FAILED '} {what}")
    if not holds:
        failures += 1
        print(more)


def run(*command, given=None):
    done = subprocess.run([str(part) for part in command], input=given, capture_output=True, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def store_of(folder, moto, local):
    """The store of the application, its pool trusting both user pools; and the tokens of the users."""
    store = folder / "store"
    shutil.copytree(HERE.parents[2] / "policies" / "photo-app", store)
    providers = []
    for user, endpoint in (("alice", moto), ("bob", local)):
        pool, client, issued = tokens.issue(endpoint)
        (folder / f"{user}.token").write_text(issued["IdToken"] + "\n")
        (folder / f"{user}.access").write_text(issued["AccessToken"] + "\n")
        issuer = f"https://cognito-idp.us-east-1.amazonaws.com/{pool}" if endpoint == moto else f"{local}/{pool}"
        keys = urllib.request.urlopen(f"{endpoint}/{pool}/.well-known/jwks.json").read()
        (store / f"{user}-keys.json").write_bytes(keys)
        providers.append(
            f'[[providers]]\ntype = "user_pool"\nid = "{pool}"\nclients = ["{client}"]\nissuer = "{issuer}"\n'
            f'jwks_file = "{user}-keys.json"\n'
        )
    pool_file = store / "pool.toml"
    own = pool_file.read_text()
    pool_file.write_text(own[: own.index("[[providers]]")] + "\n".join(providers))
    return store


def sessions_of(verdikt, folder, store):
    """The sessions by their users, in files, and the identities."""
    identities = {}
    for user in ("alice", "bob", "guest"):
        who = ["--guest"] if user == "guest" else ["--token", folder / f"{user}.token"]
        code, out, err = run(
            verdikt, "session", "--store", store, *who, "--identities", folder / "identities", "--format", "json"
        )
        told(code == 0, f"{user} has a session", err + out)
        (folder / f"{user}.json").write_text(out)
        session = json.loads(out)["session"]
        identities[user] = session["identity"]
        role = "photo-guest" if user == "guest" else "photo-user"
        told(session["role_arn"].endswith(f"role/{role}"), f"{user} has the role {role}", out)
    return identities


def filled(value, identities):
    """The parameters of a call with the identities in their places."""
    if isinstance(value, str):
        for user, identity in identities.items():
            value = value.replace("{" + user + "}", identity)
        return value
    if isinstance(value, list):
        return [filled(one, identities) for one in value]
    if isinstance(value, dict):
        return {key: filled(one, identities) for key, one in value.items()}
    return value


def decided(verdikt, store, session, request):
    code, out, err = run(
        verdikt, "decide", "--store", store, "--session-file", session, "--call", "-", "--format", "json", "--quiet",
        "--context", "aws:SecureTransport=true", given=request,
    )
    if code not in (0, 3):
        return f"ended with {code}: {err}"
    answer = json.loads(out)["allowed"]
    return answer if answer is (code == 0) else f"{answer} and exit code {code}"


def calls(verdikt, folder, store, identities):
    for one in json.loads((HERE / "outcomes.json").read_text()):
        params = filled(one["params"], identities)
        request, _ = serialise.serialised(one["service"], one["operation"], params, {})
        for user in identities:
            expected = user in one["allowed"]
            got = decided(verdikt, store, folder / f"{user}.json", request)
            word = "may" if expected else "may not"
            told(got is expected, f"{user} {word}: {one['name']} ({one['operation']})", f"    got {got}")


def changes(verdikt, folder, store, identities):
    """What a session is worth when the store changes, when it is over, and in another pool."""
    key = {"Bucket": "photo-app", "Key": f"private/{identities['alice']}/cat.jpg"}
    request, _ = serialise.serialised("s3", "GetObject", key, {})
    alice = folder / "alice.json"
    for extra, part in (
        (["--now", "2099-01-01T00:00:00Z"], "expired"),
        (["--pool", "us-east-1:00000000-0000-4000-8000-000000000000"], "is not in the store"),
        (["--context", "cognito-identity.amazonaws.com:sub=us-east-1:bob"], "cognito-identity.amazonaws.com:sub"),
    ):
        code, out, err = run(
            verdikt, "decide", "--store", store, "--session-file", alice, "--call", "-", *extra, given=request
        )
        told(code == 1 and part in err, f"refused with {' '.join(extra)}", f"    ended with {code}: {out}{err}")
    code, out, _ = run(verdikt, "session", "--store", store, "--token", folder / "alice.access")
    told(code == 3 and "token_use" in out, "an access token is no login", out)
    user = store / "roles" / "user.json"
    policy = json.loads(user.read_text())
    policy["Statement"].append({"Sid": "Closed", "Effect": "Deny", "Action": "s3:*", "Resource": "*"})
    user.write_text(json.dumps(policy))
    told(decided(verdikt, store, alice, request) is False, "a Deny that is added reaches a session that was made before")


def main(verdikt, folder, moto, local):
    folder = pathlib.Path(folder)
    store = store_of(folder, moto, local)
    code, out, err = run(verdikt, "store", "check", store, "--deny-warnings")
    told(code == 0, "the store is valid", out + err)
    identities = sessions_of(verdikt, folder, store)
    told(len(set(identities.values())) == 3, "each has an identity of their own", str(identities))
    calls(verdikt, folder, store, identities)
    changes(verdikt, folder, store, identities)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
