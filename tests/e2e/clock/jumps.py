"""Sets the clock of a running `verdikt serve` to and fro.

    jumps.py VERDIKT LIBFAKETIME
"""

import base64
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

STORE = Path(__file__).resolve().parents[3] / "policies" / "photo-app"
USER = "arn:aws:sts::111122223333:assumed-role/photo-user/CognitoIdentityCredentials"
PUBLIC = "arn:aws:s3:::photo-app/public/sea.jpg"
ISSUER = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_a1B2c3D4e"
CLIENT = "3n4b5urk1ft4fl3mg5e62d9ado"
HOUR, DAY = 3_600, 86_400
# What the role may until 2100 alone.
UNTIL = {"Effect": "Allow", "Action": "s3:GetObjectTagging", "Resource": "arn:aws:s3:::photo-app/public/*",
         "Condition": {"DateLessThan": {"aws:CurrentTime": "2100-01-01T00:00:00Z"}}}

checked = failed = 0


def check(what, found, expected):
    global checked, failed
    checked += 1
    if found != expected:
        failed += 1
        print(f"{what}: expected {expected!r}, found {found!r}", file=sys.stderr)


def part(data):
    data = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Issuer:
    """A user pool: its key set, and what it signs."""

    def __init__(self, folder):
        self.key = folder / "key.pem"
        subprocess.run(["openssl", "genrsa", "-out", self.key, "2048"], check=True, capture_output=True)
        told = subprocess.run(["openssl", "rsa", "-in", self.key, "-noout", "-modulus"], check=True, capture_output=True, text=True)
        n = bytes.fromhex(told.stdout.strip().removeprefix("Modulus="))
        self.keys = json.dumps({"keys": [{"kty": "RSA", "use": "sig", "kid": "key-1", "alg": "RS256", "n": part(n), "e": "AQAB"}]})

    def token(self, now):
        claims = {"iss": ISSUER, "sub": "alice", "aud": CLIENT, "token_use": "id", "iat": now - 10, "exp": now + HOUR}
        message = f"{part({'alg': 'RS256', 'kid': 'key-1', 'typ': 'JWT'})}.{part(claims)}"
        signed = subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.key], input=message.encode(), check=True, capture_output=True)
        return f"{message}.{part(signed.stdout)}"


class Service:
    def __init__(self, verdikt, library, folder):
        self.store, self.clock = folder / "store", folder / "clock"
        self.set(0)
        environment = os.environ | {"LD_PRELOAD": library, "FAKETIME_TIMESTAMP_FILE": str(self.clock), "FAKETIME_NO_CACHE": "1",
                                    "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1"}
        log = folder / "log.jsonl"
        command = [verdikt, "serve", "--store", str(self.store), "--listen", "127.0.0.1:0", "--decision-log", str(log)]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)
        self.told = []
        for line in self.process.stderr:
            if "listening on " in line:
                break
        else:
            raise SystemExit("verdikt serve did not start")
        threading.Thread(target=lambda: self.told.extend(self.process.stderr), daemon=True).start()
        self.address = line.split("listening on ")[1].split()[0]
        self.log = log

    def set(self, offset):
        """The clock so many seconds from the real one."""
        beside = self.clock.with_name("clock.new")
        beside.write_text(f"{offset:+d}\n")
        os.replace(beside, self.clock)

    def ask(self, path, body=None):
        connection = http.client.HTTPConnection(self.address, timeout=30)
        method, text = ("GET", None) if body is None else ("POST", json.dumps(body))
        connection.request(method, path, text, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        data = answer.read().decode()
        check(f"{path}: no failure", answer.status < 500, True)
        check(f"{path}: an age", re.fullmatch(r"[0-9]+", answer.headers["Verdikt-Age"]) is not None, True)
        self.age, self.revision = int(answer.headers["Verdikt-Age"]), answer.headers["Verdikt-Revision"]
        return answer.status, json.loads(data) if data.startswith("{") else data

    def by_principal(self, action="s3:GetObject"):
        context = {"cognito-identity.amazonaws.com:sub": "us-east-1:alice", "aws:SecureTransport": True}
        status, told = self.ask("/v1/decide", {"principal": USER, "action": action, "resource": PUBLIC, "context": context})
        return status, told.get("allowed")

    def by(self, **who):
        context = {"aws:SecureTransport": True}
        status, told = self.ask("/v1/decide", {**who, "action": "s3:GetObject", "resource": PUBLIC, "context": context})
        return status, told.get("allowed", told.get("error", {}).get("code"))

    def guest(self):
        return self.ask("/v1/session", {"guest": True})[1]["session"]

    def reload(self):
        """Loads the store again, with another revision."""
        before = self.revision
        with (self.store / "verdikt.toml").open("a") as manifest:
            manifest.write("# again\n")
        self.process.send_signal(signal.SIGHUP)
        ends = time.monotonic() + 30
        while self.revision == before and time.monotonic() < ends:
            self.ask("/healthz")
        check("reloaded", self.revision != before, True)


def jumps(service, token, later):
    gone, good, bad = (401, "UNKNOWN_SESSION"), (200, True), (403, "SIGN_IN_REFUSED")
    first = service.guest()
    check("a session", service.by(session=first), good)
    check("a login", service.by(login={"token": token}), good)
    check("a login that is yet to come", service.by(login={"token": later}), bad)
    check("before 2100", service.by_principal("s3:GetObjectTagging"), good)

    service.set(2 * DAY)
    check("forwards: a session", service.by(session=first), gone)
    check("forwards: a login", service.by(login={"token": token}), bad)
    check("forwards: a principal", service.by_principal(), good)
    check("forwards: the age", 2 * DAY <= service.age < 2 * DAY + HOUR, True)
    second = service.guest()
    check("forwards: a new session", service.by(session=second), good)
    service.reload()
    check("forwards: the age of a new store", service.age < HOUR, True)

    service.set(0)
    check("back: a session that ended", service.by(session=first)[0] in (200, 401), True)
    check("back: a session from later", service.by(session=second), (401, "SESSION_NOT_BEGUN"))
    check("back: a login", service.by(login={"token": token}), good)
    check("back: the age of a store from later", service.age, 0)
    service.reload()

    service.set(-365 * DAY)
    check("a year back: a login that is yet to come", service.by(login={"token": token}), bad)
    check("a year back: a principal", service.by_principal(), good)
    check("a year back: the age", service.age, 0)
    third = service.guest()
    check("a year back: a new session", service.by(session=third), good)
    service.set(0)
    check("again: a session of a year ago", service.by(session=third), gone)

    service.set(80 * 365 * DAY)
    check("after 2100", service.by_principal("s3:GetObjectTagging"), (200, False))
    check("after 2100: what has no end", service.by_principal(), good)

    service.set(-int(time.time()) - DAY)
    check("before 1970: a principal", service.by_principal(), good)
    check("before 1970: until 2100", service.by_principal("s3:GetObjectTagging"), good)
    check("before 1970: a login", service.by(login={"token": token}), bad)
    check("before 1970: the age", service.age, 0)
    check("before 1970: metrics", service.ask("/metrics")[0], 200)
    service.reload()
    service.set(0)
    check("at last", service.by_principal(), good)
    check("at last: a login", service.by(login={"token": token}), good)


def main(verdikt, library):
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        store = folder / "store"
        shutil.copytree(STORE, store)
        issuer = Issuer(folder)
        with (store / "pool.toml").open("a") as pool:
            pool.write('jwks_file = "keys.json"\n')
        (store / "keys.json").write_text(issuer.keys)
        for name in ("roles/user.json", "boundary.json"):
            policy = json.loads((store / name).read_text())
            policy["Statement"].append(UNTIL)
            (store / name).write_text(json.dumps(policy))
        now = int(time.time())
        service = Service(verdikt, library, folder)
        try:
            jumps(service, issuer.token(now), issuer.token(now + 300 * DAY))
            check("the service runs", service.process.poll(), None)
        finally:
            service.process.terminate()
            check("it ends as it is told", service.process.wait(timeout=30), 0)
        lines = [json.loads(line) for line in service.log.read_text().splitlines()]
        check("times in the log", all(line["time"] >= 0 for line in lines) and len(lines) > 10, True)
        check("no panic", [line for line in service.told if "panic" in line], [])
    print(f"{checked - failed} of {checked} as expected")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
