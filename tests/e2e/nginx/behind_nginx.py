"""Users and guests at an object store behind nginx.

    behind_nginx.py VERDIKT

Two users sign in at moto's user pool. Each request goes to nginx, which lets it through to moto's S3 or does not; what
came of it is looked at in the object store itself.
"""

import http.client
import json
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

import boto3

HERE = pathlib.Path(__file__).parent
APP = HERE.parents[2] / "policies" / "photo-app"
BUCKET = "photo-app"
PASSWORD = "Correct-Horse-7"
TOKEN = "a-token-between-nginx-and-verdikt"
AWS = {"region_name": "us-east-1", "aws_access_key_id": "x", "aws_secret_access_key": "x"}


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def wait_for(url, process):
    for _ in range(240):
        if process.poll() is not None:
            raise SystemExit(f"{process.args[0]} ended with {process.returncode}")
        try:
            urllib.request.urlopen(url, timeout=2)
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.25)
    raise SystemExit(f"{url} does not answer")


def user_pool(moto, users):
    """A user pool, its client, and the users' id tokens."""
    idp = boto3.client("cognito-idp", endpoint_url=moto, **AWS)
    pool = idp.create_user_pool(PoolName="photos")["UserPool"]["Id"]
    client = idp.create_user_pool_client(
        UserPoolId=pool, ClientName="app", ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH"]
    )["UserPoolClient"]["ClientId"]
    tokens = {}
    for user in users:
        idp.admin_create_user(UserPoolId=pool, Username=user, MessageAction="SUPPRESS")
        idp.admin_set_user_password(UserPoolId=pool, Username=user, Password=PASSWORD, Permanent=True)
        result = idp.admin_initiate_auth(
            UserPoolId=pool,
            ClientId=client,
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": user, "PASSWORD": PASSWORD},
        )
        tokens[user] = result["AuthenticationResult"]
    return pool, client, tokens


def store(work, moto, pool, client):
    """The photo app's store, its identity pool of this user pool."""
    folder = work / "store"
    shutil.copytree(APP, folder)
    config = (folder / "pool.toml").read_text()
    config = config.replace("us-east-1_a1B2c3D4e", pool).replace("3n4b5urk1ft4fl3mg5e62d9ado", client)
    (folder / "pool.toml").write_text(config + 'jwks_file = "keys.json"\n')
    keys = urllib.request.urlopen(f"{moto}/{pool}/.well-known/jwks.json").read()
    (folder / "keys.json").write_bytes(keys)
    return folder


class Nginx:
    """Requests to nginx, sent as they are given."""

    def __init__(self, port):
        self.port = port

    def ask(self, method, path, token=None, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = dict(headers or {})
        if token:
            headers["Authorization"] = f"Bearer {token}"
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, text, answer


def main(verdikt):
    work = pathlib.Path(tempfile.mkdtemp(prefix="verdikt-nginx-"))
    started = []

    def start(*command):
        log = open(work / f"{pathlib.Path(command[0]).name}.log", "wb")
        started.append(subprocess.Popen(command, stdout=log, stderr=log))
        return started[-1]

    try:
        run(verdikt, work, start)
    finally:
        for process in started:
            process.send_signal(signal.SIGTERM)
        for process in started:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(work, ignore_errors=True)


def run(verdikt, work, start):
    moto_port, verdikt_port, nginx_port, headers_port = (free_port() for _ in range(4))
    moto = f"http://127.0.0.1:{moto_port}"
    server = start(str(pathlib.Path(sys.executable).parent / "moto_server"), "-H", "127.0.0.1", "-p", str(moto_port))
    wait_for(moto, server)
    pool, client, tokens = user_pool(moto, ["alice", "bob"])
    folder = store(work, moto, pool, client)
    (work / "tokens.toml").write_text(f'[[token]]\nname = "nginx"\ntoken = "{TOKEN}"\nscopes = ["forward-auth"]\n')
    service = start(
        verdikt, "serve", "--store", str(folder), "--listen", f"127.0.0.1:{verdikt_port}",
        "--tokens", str(work / "tokens.toml"), "--forward-auth", "nginx", "--forward-auth-guests",
        "--forward-auth-source-ip", "X-Real-IP", "--s3-host", "127.0.0.1", "--decision-log", str(work / "decisions"),
    )
    wait_for(f"http://127.0.0.1:{verdikt_port}/readyz", service)
    config = (HERE / "nginx.conf").read_text()
    for name, value in (
        ("WORK", work), ("127.0.0.1:VERDIKT", f"127.0.0.1:{verdikt_port}"), ("127.0.0.1:MOTO", f"127.0.0.1:{moto_port}"),
        ("127.0.0.1:HEADERS", f"127.0.0.1:{headers_port}"), ("127.0.0.1:NGINX", f"127.0.0.1:{nginx_port}"), ("Verdikt-Token TOKEN", f"Verdikt-Token {TOKEN}"),
    ):
        config = config.replace(name, str(value))
    (work / "nginx.conf").write_text(config)
    proxy = start("nginx", "-p", str(work), "-c", str(work / "nginx.conf"), "-e", str(work / "error.log"))
    wait_for(f"http://127.0.0.1:{nginx_port}/", proxy)
    check(Nginx(nginx_port), moto, tokens, work, verdikt_port)


def identity_of(verdikt_port, nginx_port, token):
    """The identity of a user, as the service tells the proxy."""
    request = urllib.request.Request(f"http://127.0.0.1:{verdikt_port}/forward-auth/nginx")
    for name, value in (
        ("Verdikt-Token", TOKEN), ("Authorization", f"Bearer {token}"), ("X-Original-Method", "GET"),
        ("X-Original-URI", f"/{BUCKET}/public/sea.jpg"), ("X-Original-Host", f"127.0.0.1:{nginx_port}"),
        ("X-Original-Proto", "https"), ("X-Real-IP", "127.0.0.1"),
    ):
        request.add_header(name, value)
    return urllib.request.urlopen(request).headers["Verdikt-Identity"]


def check(nginx, moto, tokens, work, verdikt_port):
    s3 = boto3.client("s3", endpoint_url=moto, **AWS)
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key="public/sea.jpg", Body=b"sea")
    ids = {user: one["IdToken"] for user, one in tokens.items()}
    of = {user: identity_of(verdikt_port, nginx.port, token) for user, token in ids.items()}
    assert of["alice"] != of["bob"]
    for user in of:
        s3.put_object(Bucket=BUCKET, Key=f"private/{of[user]}/diary", Body=user.encode())
    own, others = (f"/{BUCKET}/private/{of[user]}" for user in ("alice", "bob"))
    public, alice = f"/{BUCKET}/public/sea.jpg", ids["alice"]
    failures, asked = 0, 0

    def expect(status, method, path, token=None, body=None, headers=None, content=None):
        nonlocal failures, asked
        found, text, answer = nginx.ask(method, path, token, body, headers)
        right = found == status and (content is None or text == content)
        if status in (401, 403) and method != "HEAD":
            right = right and b"nginx" in text  # nginx refused, not what is behind it.
        if status == 401:
            right = right and (answer.getheader("WWW-Authenticate") or "").startswith("Bearer")
        asked += 1
        failures += not right
        print(f"{'ok     ' if right else 'FAILED '} {method} {path} {'with' if token else 'without'} login: {found}")
        if not right:
            print(f"expected {status} {content}: {text[:300]}")

    # Users reach their own prefix.
    expect(200, "GET", f"{own}/diary", alice, content=b"alice")
    expect(200, "PUT", f"{own}/cat.jpg", alice, b"cat")
    expect(200, "GET", f"{own}/cat.jpg", alice, content=b"cat")
    expect(200, "GET", own.replace(":", "%3A") + "/cat.jpg", alice, content=b"cat")
    expect(200, "HEAD", f"{own}/cat.jpg", alice)
    expect(204, "DELETE", f"{own}/cat.jpg", alice)
    expect(200, "GET", f"{others}/diary", ids["bob"], content=b"bob")
    # And no other's.
    for method, body in (("GET", None), ("HEAD", None), ("PUT", b"x"), ("DELETE", None)):
        expect(403, method, f"{others}/diary", alice, body)
    sneaky = [
        f"{own}/../{of['bob']}/diary", f"{own}/%2e%2e/{of['bob']}/diary", f"{own}/..%2f{of['bob']}/diary",
        f"/{BUCKET}/public/../private/{of['bob']}/diary", f"/./{BUCKET}/private/{of['bob']}/diary",
        f"//{BUCKET}/private/{of['bob']}/diary", f"/{BUCKET}//private/{of['bob']}/diary",
        f"{others}/diary?versionId=1&versionId=2", f"{others}/diary?acl",
    ]
    for path in sneaky:
        status, text, _ = nginx.ask("GET", path, alice)
        asked += 1
        leaked = status != 403 or b"nginx" not in text
        failures += leaked
        print(f"{'FAILED ' if leaked else 'ok     '} GET {path} with another's login: {status}")
    expect(403, "PUT", f"{own}/copy", alice, headers={"X-Amz-Copy-Source": f"{others}/diary"})
    expect(403, "GET", f"/{BUCKET}?list-type=2", alice)
    expect(403, "POST", f"/{BUCKET}?delete", alice, b"<Delete><Object><Key>x</Key></Object></Delete>")
    # What a client sends of the proxy's headers is replaced.
    forged = {"X-Original-URI": public, "X-Original-Method": "GET", "X-Forwarded-Uri": public, "X-Real-IP": "192.0.2.1"}
    expect(403, "GET", f"{others}/diary", alice, headers=forged)
    # So is the identity, and the token does not go on.
    forged = {"Verdikt-Identity": of["bob"], "Verdikt-Token": "forged"}
    expect(200, "GET", f"/{BUCKET}/public/headers", alice, headers=forged, content=f"{of['alice']} ".encode())
    # Guests.
    expect(200, "GET", public, content=b"sea")
    expect(401, "PUT", public, body=b"x")
    expect(401, "GET", f"{own}/diary")
    expect(401, "GET", f"/{BUCKET}?list-type=2")
    # Logins that are none.
    expect(401, "GET", public, "nonsense")
    expect(401, "GET", public, tokens["alice"]["AccessToken"])
    expect(401, "GET", f"{own}/diary", alice[:-6] + "AAAAAA")
    # The way past nginx's own location is closed.
    expect(404, "GET", "/_verdikt", alice)

    keys = sorted(one["Key"] for one in s3.list_objects_v2(Bucket=BUCKET)["Contents"])
    expected = sorted(["public/sea.jpg", *(f"private/{identity}/diary" for identity in of.values())])
    assert keys == expected, keys
    assert s3.get_object(Bucket=BUCKET, Key=f"private/{of['bob']}/diary")["Body"].read() == b"bob"
    log = (work / "decisions").read_text()
    lines = [json.loads(line) for line in log.splitlines()]
    assert lines and all(line["contract"] == "forward_auth" for line in lines), lines[:1]
    assert all(token not in log for token in ids.values())
    print(f"{asked} requests, {failures} failures, {len(lines)} decisions in the log")
    if failures:
        raise SystemExit(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
