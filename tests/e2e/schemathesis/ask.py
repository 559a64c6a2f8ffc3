"""Runs schemathesis against a `verdikt serve` over the store policies/photo-app, without tokens and with them.

    ask.py VERDIKT FOLDER

The services are started on free ports of this machine and stopped at the end.
"""

import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent
STORE = HERE.parents[2] / "policies" / "photo-app"
TOKEN = "a-token-for-this-run-alone"
SCOPES = ["native", "explain", "session", "authzen", "forward-auth", "iam", "metrics"]
PROXIES = ["--forward-auth", "nginx", "--forward-auth", "forwarded", "--forward-auth", "envoy", "--forward-auth-guests"]

AUTH = f"""
[auth.openapi.token]
bearer = "{TOKEN}"

[auth.openapi.own]
api_key = "{TOKEN}"

[auth.openapi.session]
api_key = "{TOKEN}"
"""


@contextmanager
def service(verdikt, *options):
    """A service until the block ends; its address."""
    command = [verdikt, "serve", "--store", str(STORE), "--listen", "127.0.0.1:0", *PROXIES, *options]
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
        if process.poll() is not None:
            raise SystemExit(f"verdikt serve ended with {process.returncode}")
    finally:
        process.terminate()
        process.wait(timeout=30)


def ask(folder, address, name, more):
    """Whether schemathesis found nothing."""
    settings = folder / f"{name}.toml"
    hooks = f'hooks = "{HERE / "hooks.py"}"\n'
    settings.write_text(hooks + (HERE / "schemathesis.toml").read_text() + more)
    command = [str(folder / "venv/bin/st"), "--config-file", str(settings), "run", f"{address}/openapi.json", "--no-color"]
    print(f"-- {name}", flush=True)
    return subprocess.run(command, cwd=folder, timeout=600).returncode == 0


def main(verdikt, folder):
    folder = Path(folder).resolve()
    tokens = folder / "tokens.toml"
    scopes = ", ".join(f'"{scope}"' for scope in SCOPES)
    tokens.write_text(f'[[token]]\nname = "run"\ntoken = "{TOKEN}"\nscopes = [{scopes}]\n')
    with service(verdikt) as address:
        is_good = ask(folder, address, "without-tokens", "")
    with service(verdikt, "--tokens", str(tokens)) as address:
        is_good = ask(folder, address, "with-tokens", AUTH) and is_good
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
