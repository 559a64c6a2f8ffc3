"""Replaces the store of a running `verdikt serve` as quickly as it reads, and holds every answer against `verdikt decide`.

    turns.py VERDIKT

The store is a link to one of two folders, put in its place by renaming, so that each reload finds one of them whole. The
service is told of each turn by SIGHUP, and looks itself every second.
"""

import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

STORE = Path(__file__).resolve().parents[3] / "policies" / "photo-app"
SECONDS = float(os.environ.get("VERDIKT_RELOAD_SECONDS", "20"))
ASKERS = 6
USER = "arn:aws:sts::111122223333:assumed-role/photo-user/CognitoIdentityCredentials"
OWN = "arn:aws:s3:::photo-app/private/us-east-1:alice/cat.jpg"

ROLE = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::photo-app/public/*"},
    {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}]}
BUCKET = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject", "Resource": "arn:aws:s3:::photo-app/*"},
    {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::photo-app/private/*"}]}


def question(action, resource, identity="us-east-1:alice"):
    context = {"cognito-identity.amazonaws.com:sub": identity, "aws:SecureTransport": True}
    return json.dumps({"principal": USER, "action": action, "resource": resource, "context": context})


QUESTIONS = [
    question("s3:GetObject", OWN),
    question("s3:PutObject", OWN),
    question("s3:DeleteObject", OWN),
    question("s3:GetObject", "arn:aws:s3:::photo-app/public/sea.jpg"),
    question("s3:GetObject", OWN, "us-east-1:bob"),
    question("s3:PutObject", OWN, "us-east-1:bob"),
]


def by_library(verdikt, store, text):
    """What `verdikt decide` says, in the members of an answer of the service."""
    command = [verdikt, "decide", "--store", str(store), "--request", "-", "--format", "json"]
    told = json.loads(subprocess.run(command, input=text, capture_output=True, text=True, timeout=60).stdout)
    by = told["decided_by"] or {}
    members = {"decision": told["decision"], "allowed": told["decision"] == "allowed", "missing_layer": told["missing_layer"],
               "missing_level": told["missing_level"], **{name: by.get(name) for name in ("layer", "level", "policy", "statement")}}
    return {name: value for name, value in members.items() if value is not None}


@contextmanager
def service(verdikt, store):
    """A service of a store until the block ends: its process, and its host and port."""
    command = [verdikt, "serve", "--store", str(store), "--listen", "127.0.0.1:0"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        for line in process.stderr:
            if "listening on " in line:
                break
        else:
            raise SystemExit("verdikt serve did not start")
        told = []
        threading.Thread(target=lambda: told.extend(process.stderr), daemon=True).start()
        yield process, line.split("listening on ")[1].split()[0], told
    finally:
        process.terminate()
        process.wait(timeout=30)


def revision(address):
    connection = http.client.HTTPConnection(address, timeout=30)
    connection.request("GET", "/healthz")
    return connection.getresponse().headers["Verdikt-Revision"]


def turn(link, target):
    beside = link.with_name("next")
    beside.symlink_to(target)
    os.replace(beside, link)


class Asker(threading.Thread):
    """Asks one by one and in batches until it is told to stop; keeps what is not as the library decides."""

    def __init__(self, address, known, is_over):
        super().__init__()
        self.connection = http.client.HTTPConnection(address, timeout=30)
        self.known, self.is_over = known, is_over
        self.seen, self.wrong = Counter(), []

    def ask(self, path, body):
        self.connection.request("POST", path, body, {"Content-Type": "application/json"})
        answer = self.connection.getresponse()
        return answer.status, answer.headers["Verdikt-Revision"], int(answer.headers["Verdikt-Age"]), json.loads(answer.read())

    def run(self):
        try:
            while not self.is_over.is_set():
                for place, text in enumerate(QUESTIONS):
                    self.hold(*self.ask("/v1/decide", text), lambda expected: expected[place])
                self.hold(*self.ask("/v1/decide/batch", f"[{', '.join(QUESTIONS * 20)}]"), lambda expected: expected * 20)
        except Exception as error:
            self.wrong.append(repr(error))

    def hold(self, status, revision, age, answer, expected):
        self.seen[revision] += 1
        if status != 200 or revision not in self.known or age < 0 or answer != expected(self.known[revision]):
            self.wrong.append(f"{status} {revision} {age} {answer}")


def main(verdikt):
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        one, other, link = folder / "one", folder / "other", folder / "store"
        shutil.copytree(STORE, one)
        shutil.copytree(STORE, other)
        (other / "roles/user.json").write_text(json.dumps(ROLE))
        (other / "bucket.json").write_text(json.dumps(BUCKET))
        known = {}
        for store in (other, one):
            with service(verdikt, store) as (_, address, _):
                known[revision(address)] = [by_library(verdikt, store, text) for text in QUESTIONS]
        first, second = known.values()
        differing = sum(a["decision"] != b["decision"] for a, b in zip(first, second))
        assert len(known) == 2 and differing >= 3, known
        turn(link, one)
        with service(verdikt, link) as (process, address, told):
            is_over = threading.Event()
            askers = [Asker(address, known, is_over) for _ in range(ASKERS)]
            for asker in askers:
                asker.start()
            turns, ends = 0, time.monotonic() + SECONDS
            while time.monotonic() < ends:
                turns += 1
                turn(link, one if turns % 2 == 0 else other)
                process.send_signal(signal.SIGHUP)
                time.sleep(0.02)
            is_over.set()
            for asker in askers:
                asker.join()
            assert process.poll() is None, "the service ended"
        seen = sum((asker.seen for asker in askers), Counter())
        wrong = [one for asker in askers for one in asker.wrong]
        refused = [line for line in told if "refused" in line]
        print(f"{turns} turns, {seen.total()} answers: {dict((name[:8], count) for name, count in seen.items())}, "
              f"{len(wrong)} not as the library decides, {len(refused)} reloads refused")
        for line in (wrong + refused)[:10]:
            print(line, file=sys.stderr)
        return 1 if wrong or refused or len(seen) != 2 else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
