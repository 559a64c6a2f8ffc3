"""Has two stand-ins for user pools issue tokens, and writes the identity pools that trust them.

    tokens.py FOLDER MOTO_URL COGNITO_LOCAL_URL
"""

import json
import pathlib
import sys
import time
import urllib.request

import boto3

POOL = "us-east-1:3f8a1c52-6d0e-4b97-a2c4-5e1b7d90f6a8"
USER = "alice@example.com"
PASSWORD = "Correct-Horse-7"


def reachable(url):
    """Waits until a server answers anything at all."""
    for _ in range(240):
        try:
            urllib.request.urlopen(url, timeout=2)
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.25)
    raise SystemExit(f"{url} does not answer")


def issue(endpoint):
    """A user pool with a user who signed in: its id, the client's, the tokens."""
    reachable(endpoint)
    idp = boto3.client(
        "cognito-idp",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="x",
        aws_secret_access_key="x",
    )
    pool = idp.create_user_pool(PoolName="tokens")["UserPool"]["Id"]
    client = idp.create_user_pool_client(
        UserPoolId=pool, ClientName="app", ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH"]
    )["UserPoolClient"]["ClientId"]
    idp.admin_create_user(
        UserPoolId=pool, Username=USER, UserAttributes=[{"Name": "email", "Value": USER}], MessageAction="SUPPRESS"
    )
    idp.admin_set_user_password(UserPoolId=pool, Username=USER, Password=PASSWORD, Permanent=True)
    tokens = idp.admin_initiate_auth(
        UserPoolId=pool,
        ClientId=client,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": USER, "PASSWORD": PASSWORD},
    )["AuthenticationResult"]
    return pool, client, tokens


def identity_pool(user_pool, client, issuer, keys):
    """The file of an identity pool whose one provider has its keys there."""
    region = user_pool.split("_")[0]
    return f"""
[pool]
id = "{POOL}"
account = "111122223333"
[pool.roles]
authenticated = "arn:aws:iam::111122223333:role/Auth"
[[pool.providers]]
type = "user_pool"
id = "{user_pool}"
clients = ["{client}"]
issuer = "{issuer}"
{keys}
[pool.principal_tags."cognito-idp.{region}.amazonaws.com/{user_pool}"]
use_defaults = true
[[roles]]
arn = "arn:aws:iam::111122223333:role/Auth"
unique_id = "AROAAUTH"
trust = "trust.json"
"""


def main(folder, moto, local):
    folder = pathlib.Path(folder)
    issued, key_sets, key_urls = {}, {}, {}
    for name, endpoint in (("moto", moto), ("local", local)):
        pool, client, tokens = issue(endpoint)
        (folder / f"{name}-id").write_text(tokens["IdToken"] + "\n")
        (folder / f"{name}-access").write_text(tokens["AccessToken"] + "\n")
        # moto's tokens name AWS as their issuer, cognito-local's itself.
        issuer = f"https://cognito-idp.us-east-1.amazonaws.com/{pool}" if name == "moto" else f"{local}/{pool}"
        issued[name] = (pool, client, issuer)
        key_urls[name] = f"{endpoint}/{pool}/.well-known/jwks.json"
        key_sets[name] = json.load(urllib.request.urlopen(key_urls[name]))
    for own, other in (("moto", "local"), ("local", "moto")):
        renamed = dict(key_sets[other]["keys"][0], kid=key_sets[own]["keys"][0]["kid"])
        (folder / f"{own}-renamed.json").write_text(json.dumps({"keys": [renamed]}))
        for suffix, keys in (
            ("", f'jwks_url = "{key_urls[own]}"'),
            (f"-with-keys-of-{other}", f'jwks_url = "{key_urls[other]}"'),
            (f"-with-renamed-keys-of-{other}", f'jwks_file = "{own}-renamed.json"'),
        ):
            (folder / f"{own}{suffix}.toml").write_text(identity_pool(*issued[own], keys))
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": "cognito-identity.amazonaws.com"},
        "Action": ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"],
        "Condition": {"StringEquals": {"cognito-identity.amazonaws.com:aud": POOL}},
    }
    (folder / "trust.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": [statement]}))


if __name__ == "__main__":
    main(*sys.argv[1:])
