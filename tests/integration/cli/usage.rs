//! Calls that cannot be done: wrong usage, unreadable files, refused requests.

use snapbox::str;

use super::{ALICE, ask, same, words};

#[test]
fn wrong_usage() {
    same(
        words("decide --identiy x").err(2),
        str![[r#"
error: unexpected argument '--identiy' found

  tip: a similar argument exists: '--identity'

Usage: verdikt decide [POLICIES] --principal <ARN> --action <ACTION> --resource <ARN> [OPTIONS]
       verdikt decide [POLICIES] --request <FILE> [OPTIONS]
       verdikt decide [POLICIES] --principal <ARN> --call <FILE> [OPTIONS]
       verdikt decide --store <DIR> --principal <ARN> s3 <METHOD> <ADDRESS> [OPTIONS]
       verdikt decide --store <DIR> --principal <ARN> dynamodb <OPERATION> --body <FILE> [OPTIONS]
       verdikt decide --cases <FILE> [--explain]

For more information, try '--help'.

"#]],
    );
    same(
        words("decide").err(2),
        str![[r#"
error: the following required arguments were not provided:
  --principal <ARN>
  --action <ACTION>
  --resource <ARN>

Usage: verdikt decide [POLICIES] --principal <ARN> --action <ACTION> --resource <ARN> [OPTIONS]
       verdikt decide [POLICIES] --request <FILE> [OPTIONS]
       verdikt decide [POLICIES] --principal <ARN> --call <FILE> [OPTIONS]
       verdikt decide --store <DIR> --principal <ARN> s3 <METHOD> <ADDRESS> [OPTIONS]
       verdikt decide --store <DIR> --principal <ARN> dynamodb <OPERATION> --body <FILE> [OPTIONS]
       verdikt decide --cases <FILE> [--explain]

For more information, try '--help'.

"#]],
    );
    same(
        words("decide --cases x --format json").err(2),
        str![[r#"
error: the argument '--cases <FILE>' cannot be used with '--format <FORMAT>'

Usage: verdikt decide [POLICIES] --principal <ARN> --action <ACTION> --resource <ARN> [OPTIONS]
       verdikt decide [POLICIES] --request <FILE> [OPTIONS]
       verdikt decide [POLICIES] --principal <ARN> --call <FILE> [OPTIONS]
       verdikt decide --store <DIR> --principal <ARN> s3 <METHOD> <ADDRESS> [OPTIONS]
       verdikt decide --store <DIR> --principal <ARN> dynamodb <OPERATION> --body <FILE> [OPTIONS]
       verdikt decide --cases <FILE> [--explain]

For more information, try '--help'.

"#]],
    );
    same(
        words("fmt --write -").err(2),
        str![[r#"
error: the argument '--write' cannot be used with standard input

Usage: verdikt fmt [OPTIONS] <PATH>...

For more information, try '--help'.

"#]],
    );
    same(
        words("decide --identity - --request -").err(2),
        str![[r#"
error: standard input, `-`, can be read once only: name a file for the others

Usage: verdikt decide [POLICIES] --principal <ARN> --action <ACTION> --resource <ARN> [OPTIONS]
       verdikt decide [POLICIES] --request <FILE> [OPTIONS]
       verdikt decide [POLICIES] --principal <ARN> --call <FILE> [OPTIONS]
       verdikt decide --store <DIR> --principal <ARN> s3 <METHOD> <ADDRESS> [OPTIONS]
       verdikt decide --store <DIR> --principal <ARN> dynamodb <OPERATION> --body <FILE> [OPTIONS]
       verdikt decide --cases <FILE> [--explain]

For more information, try '--help'.

"#]],
    );
    for line in [
        "",
        "check - -",
        "fmt - -",
        "decide --cases x --identity x",
        "decide --cases x --request x",
        "decide --cases x --action s3:GetObject",
        "decide --cases x --no-derive",
        "explain",
        "explain --cases x --all",
        "explain --cases x --request x",
        "explain --threads 2 --request x",
        "explain --all --format json --request x",
        "decide --request x --action s3:GetObject",
        "decide --context nothing",
        "check",
        "check --kind nothing x",
        "check --cases x --kind any",
        "check --include [ x",
        "check --threads 0 x",
        "decide --cases x --threads many",
        "decide --threads 2 --request x",
        "fmt",
        "fmt --check --write x",
        "completions tcsh",
    ] {
        words(line).err(2);
    }
}

#[test]
fn what_cannot_be_read_or_asked() {
    same(
        words(&ask(ALICE, "--boundary nowhere.json")).err(1),
        str![[r#"
error: cannot read `nowhere.json`: it does not exist; check the path

"#]],
    );
    same(
        words("decide --cases policies").err(1),
        str![[r#"
error: cannot read `policies`: it is a folder; name a file

"#]],
    );
    same(
        words(&ask("alice", "")).err(1),
        str![[r#"
error: the request is refused: the principal `alice` is neither an ARN, nor a service principal, nor `anonymous`

"#]],
    );
    same(
        words(&ask(ALICE, "--context a:b=1 --context A:B=1")).err(1),
        str![[r#"
error: the request is refused: the context keys `a:b` and `A:B` differ only in case: which of them counts is ambiguous

"#]],
    );
    same(
        words(&ask(ALICE, "--role-path /")).err(1),
        str![[r#"
error: the request is refused: the principal's role path is for role sessions

"#]],
    );
    same(
        words("decide --request -").input("{\"principal\": 1}").err(1),
        str![[r#"
error: the request in `<stdin>` is refused: not a request: the principal is a string or an object of facts at line 1 column 16

"#]],
    );
    same(
        words("decide --request -").input(&" ".repeat(300_000)).err(1),
        str![[r#"
error: the request in `<stdin>` is refused: the request has more than 262144 bytes

"#]],
    );
}
