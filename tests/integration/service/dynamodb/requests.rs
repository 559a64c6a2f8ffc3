//! DynamoDB's part of `docs/requests.md`, made from the table of operations:
//! `UPDATE_DOCS=1 cargo test --test integration requests` writes it anew.

use std::fmt::Write;
use std::path::Path;

use verdikt::service::dynamodb::OPERATIONS;

const TITLE: &str = "## Amazon DynamoDB";

const HEAD: &str = "

From `X-Amz-Target` and the JSON body; the key schema of each table is an input. Actions and condition keys are those of
`dynamodb:`. `LeadingKeys` comes with its other name `FirstPartitionKeyValues`, and with `SecondPartitionKeyValues` to
`FourthPartitionKeyValues` where the partition key has that many attributes. All checks of a call must be allowed,
unless the row says *each*.

| operation | actions | checked on | condition keys |
|---|---|---|---|
";

const TAIL: &str = "
### What is refused

- a table whose schema is not known, an index that its schema does not have;
- an operation, a member of a read or write, an enumeration value that is not known, by its name; a member that stands
  twice. Of the control plane only the members that name resources and tags are read;
- an expression or a PartiQL statement that cannot be read, with the place; placeholders that are missing, and those that
  are not used; expressions beside parameters of the old form;
- a key that is not all attributes of the table's key, each of its type; a key condition that is not one equality for each
  partition attribute, joined by `AND` with at most one condition for each sort attribute;
- a `Select` that contradicts the projection; an `UPDATE` or `DELETE` of PartiQL that does not fix the partition key;
- PartiQL comments, aliases, subqueries, `LIMIT`, and functions other than `begins_with`, `contains`, `attribute_type`,
  `size`, `list_append`, `if_not_exists`, `set_add`, `set_delete`;
- more than AWS takes: 4 KB and 300 operators an expression, 8 KB a statement, 100 members a transaction or keys a batch,
  25 writes or statements a batch, 16 MiB a body. Nesting: 64 in an expression, 48 in a statement, 128 in the JSON.

### What is chosen

AWS's pages leave these open, and nothing here was run against AWS:

| choice | why |
|---|---|
| number keys as canonical decimals (`1.0`, `1e0` are `1`), binary keys as canonical base64 | DynamoDB compares them so |
| on an index `LeadingKeys` are the values of the index's partition key | AWS's example has one condition over table and index |
| `ExclusiveStartKey` adds its partition key to `LeadingKeys`; its attributes must be key attributes | it says where reading goes on |
| the lists of `LeadingKeys` and `Attributes` are sorted, each value once | they are sets |
| `Select` of reads by key: `SPECIFIC_ATTRIBUTES` with a projection, else `ALL_ATTRIBUTES` | AWS's examples rely on it |
| `Select` of `PartiQLSelect`: `SPECIFIC_ATTRIBUTES` for a list; `*` is `ALL_ATTRIBUTES`, of an index `ALL_PROJECTED_ATTRIBUTES` | by analogy with Query |
| `ReturnValues` is `ALL_OLD` if `ReturnValuesOnConditionCheckFailure` is; if the call asks for other values too there is a check for each | both hand out the item |
| PartiQL inserts and selects have `ReturnValues` only if `ReturnValuesOnConditionCheckFailure` is `ALL_OLD` | as above |
| Query and Scan have no `ReturnValues`, though the reference lists it | the API has no such parameter |
| `ConditionCheckItem` has `EnclosingOperation` | AWS's example policies ask for it |
| `EXISTS(SELECT …)` is `PartiQLSelect` | its action is not documented |
| a `SELECT` that does not fix the whole partition key has no `LeadingKeys` and is a full table scan | so the guide on PartiQL |
| in PartiQL an `AND` of two values of the partition key counts both | the safe side |
| names are compared as written, in quotes or not; a path that begins with the table's name names both, and is refused if it could be the partition key | attribute names are case-sensitive |
| reserved words are taken as attribute names in expressions | DynamoDB refuses them |
| `CreateTable` with a `ResourcePolicy` asks for `PutResourcePolicy` too | it shares the table |
| a restore is checked on its source and on its target; a global table in each Region that is named | both are touched |
| `GetRecords` is checked on the stream whose ARN begins the shard iterator | the request names no other |

### What is not modelled

- `CreateTableReplica` and the other actions that no operation has, which `UpdateTable` needs for replicas;
- the reads and writes that a restore, an import and an export make in the caller's name, on the target table or in S3;
- names in `SearchConditionExpression` and the projection of `SearchVectors`: the reference lists no condition key for it;
- `dynamodb:FisActionId`, `dynamodb:FisTargetArns`.
";

/// The part as it should be.
pub(crate) fn section() -> String {
    let mut out = format!("{TITLE}{HEAD}");
    for operation in OPERATIONS {
        let name = operation.name;
        match operation.description() {
            Some(told) => {
                let (actions, on, keys) = (told.actions, told.resources, told.keys);
                let on = if actions == "none" { "needs no permission" } else { &on };
                writeln!(out, "| {name} | {actions} | {on} | {keys} |").unwrap();
            }
            None => writeln!(out, "| {name} | refused | has no action in the reference | |").unwrap(),
        }
    }
    out + TAIL
}

#[test]
fn the_part_of_dynamodb_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/requests.md");
    let section = section();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        let written = std::fs::read_to_string(&path).unwrap();
        let before = written.split(TITLE).next().unwrap();
        let after = written.split(TITLE).nth(1).and_then(|rest| rest.find("\n## ").map(|at| &rest[at..]));
        std::fs::write(&path, format!("{before}{section}{}", after.unwrap_or_default())).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap();
    assert!(
        written.contains(&section),
        "docs/requests.md is stale: UPDATE_DOCS=1 cargo test --test integration requests"
    );
}
