"""Calls of DynamoDB and the checks that they make, by the developer guide of Amazon DynamoDB ("Using IAM policy conditions
for fine-grained access control", "Using IAM with DynamoDB transactions", "IAM security policies with PartiQL for
DynamoDB") and the service authorization reference. Written by hand.

The tables are `Photos` (partition key `user`, sort key `taken`, global index `ByPlace` on `place`, local index `ByTitle`
on `title`), `Events` (partition keys `tenant` and `day`) and `Scores` (partition key `game`, a number).
"""

T = "arn:aws:dynamodb:us-east-1:111122223333:table/Photos"
E = "arn:aws:dynamodb:us-east-1:111122223333:table/Events"
N = "arn:aws:dynamodb:us-east-1:111122223333:table/Scores"
ON = {"TableName": "Photos"}
S = {"S": "us-east-1:alice"}
A = "us-east-1:alice"
K = {"user": S, "taken": {"N": "7"}}
ITEM = {**K, "title": {"S": "cat"}}



def check(action, resource, lead=None, attributes=None, consumed="NONE", second=None, **more):
    """Keys in the order of the service authorization reference; `lead` are the leading keys."""
    keys = {}
    if lead is not None:
        keys["dynamodb:LeadingKeys"] = lead
        keys["dynamodb:FirstPartitionKeyValues"] = lead
    if second is not None:
        keys["dynamodb:SecondPartitionKeyValues"] = second
    if attributes:
        keys["dynamodb:Attributes"] = attributes
    if consumed:
        keys["dynamodb:ReturnConsumedCapacity"] = consumed
    for name in ("Select", "ReturnValues", "EnclosingOperation", "FullTableScan"):
        if name in more:
            keys[f"dynamodb:{name}"] = more[name]
    return (f"dynamodb:{action}", resource, keys)


def call(name, operation, params, *checks, each=False):
    return (name, operation, params, "each" if each else "allOf", list(checks), {})


def plain(operation, resource, params):
    """An operation of the control plane."""
    return (operation, operation, params, "allOf", [(f"dynamodb:{operation}", resource, {})], {})


ALL = {"Select": "ALL_ATTRIBUTES"}
SOME = {"Select": "SPECIFIC_ATTRIBUTES"}
NONE = {"ReturnValues": "NONE"}
QUERY = {**ON, "KeyConditionExpression": "#u = :u AND taken > :t", "ExpressionAttributeNames": {"#u": "user"},
         "ExpressionAttributeValues": {":u": S, ":t": {"N": "1"}}}
KEYS = ["user", "taken"]

CALLS = [
    call("get", "GetItem", {**ON, "Key": K}, check("GetItem", T, [A], KEYS, **ALL)),
    call("get by the ARN of the table", "GetItem", {"TableName": T, "Key": K}, check("GetItem", T, [A], KEYS, **ALL)),
    call("get some", "GetItem", {**ON, "Key": K, "ProjectionExpression": "title, #p.city, tags[0]", "ExpressionAttributeNames": {"#p": "place"}},
         check("GetItem", T, [A], KEYS + ["title", "place", "tags"], **SOME)),
    call("get some in the old form", "GetItem", {**ON, "Key": K, "AttributesToGet": ["title"]},
         check("GetItem", T, [A], KEYS + ["title"], **SOME)),
    call("get and count", "GetItem", {**ON, "Key": K, "ReturnConsumedCapacity": "TOTAL"},
         check("GetItem", T, [A], KEYS, consumed="TOTAL", **ALL)),
    call("get by a number", "GetItem", {"TableName": "Scores", "Key": {"game": {"N": "1.0"}}}, check("GetItem", N, ["1"], ["game"], **ALL)),
    call("get by two partition keys", "GetItem", {"TableName": "Events", "Key": {"tenant": {"S": "t1"}, "day": {"S": "d1"}}},
         check("GetItem", E, ["t1"], ["tenant", "day"], second=["d1"], **ALL)),
    call("put", "PutItem", {**ON, "Item": ITEM}, check("PutItem", T, [A], KEYS + ["title"], **NONE)),
    call("put if absent", "PutItem", {**ON, "Item": K, "ConditionExpression": "attribute_not_exists(#u)", "ExpressionAttributeNames": {"#u": "user"}},
         check("PutItem", T, [A], KEYS, **NONE)),
    call("put and return the old", "PutItem", {**ON, "Item": ITEM, "ReturnValues": "ALL_OLD"},
         check("PutItem", T, [A], KEYS + ["title"], ReturnValues="ALL_OLD")),
    call("put and return the old where it fails", "PutItem",
         {**ON, "Item": K, "ConditionExpression": "secret = :s", "ExpressionAttributeValues": {":s": {"S": "x"}},
          "ReturnValuesOnConditionCheckFailure": "ALL_OLD"},
         check("PutItem", T, [A], KEYS + ["secret"], ReturnValues="ALL_OLD")),
    call("put expecting in the old form", "PutItem", {**ON, "Item": K, "Expected": {"secret": {"Exists": False}}},
         check("PutItem", T, [A], KEYS + ["secret"], **NONE)),
    call("update", "UpdateItem",
         {**ON, "Key": K, "UpdateExpression": "SET title = :t, n = if_not_exists(seen, :z) + :o REMOVE place.city ADD hits :o DELETE tags :g",
          "ExpressionAttributeValues": {":t": {"S": "x"}, ":z": {"N": "0"}, ":o": {"N": "1"}, ":g": {"SS": ["a"]}}},
         check("UpdateItem", T, [A], KEYS + ["title", "n", "seen", "place", "hits", "tags"], **NONE)),
    call("update if", "UpdateItem",
         {**ON, "Key": K, "UpdateExpression": "SET title = :t", "ConditionExpression": "begins_with(owner, :t) AND size(data) < :n",
          "ExpressionAttributeValues": {":t": {"S": "x"}, ":n": {"N": "0"}}, "ReturnValues": "UPDATED_NEW"},
         check("UpdateItem", T, [A], KEYS + ["title", "owner", "data"], ReturnValues="UPDATED_NEW")),
    call("update in the old form", "UpdateItem",
         {**ON, "Key": K, "AttributeUpdates": {"title": {"Value": {"S": "x"}, "Action": "PUT"}}},
         check("UpdateItem", T, [A], KEYS + ["title"], **NONE)),
    call("delete", "DeleteItem", {**ON, "Key": K}, check("DeleteItem", T, [A], KEYS, **NONE)),
    call("delete and return the old", "DeleteItem", {**ON, "Key": K, "ReturnValues": "ALL_OLD"},
         check("DeleteItem", T, [A], KEYS, ReturnValues="ALL_OLD")),
    call("query", "Query", QUERY, check("Query", T, [A], KEYS, **ALL)),
    call("query in parentheses", "Query",
         {**ON, "KeyConditionExpression": "(:u = #u) AND (taken BETWEEN :a AND :b)", "ExpressionAttributeNames": {"#u": "user"},
          "ExpressionAttributeValues": {":u": S, ":a": {"N": "1"}, ":b": {"N": "2"}}}, check("Query", T, [A], KEYS, **ALL)),
    call("query some", "Query", {**QUERY, "ProjectionExpression": "title"}, check("Query", T, [A], KEYS + ["title"], **SOME)),
    call("query and filter", "Query",
         {**QUERY, "FilterExpression": "secret = :u OR attribute_exists(other)"}, check("Query", T, [A], KEYS + ["secret", "other"], **ALL)),
    call("query a count", "Query", {**QUERY, "Select": "COUNT"}, check("Query", T, [A], KEYS, Select="COUNT")),
    call("query in the old form", "Query",
         {**ON, "KeyConditions": {"user": {"ComparisonOperator": "EQ", "AttributeValueList": [S]}},
          "QueryFilter": {"secret": {"ComparisonOperator": "NULL"}}, "AttributesToGet": ["title"]},
         check("Query", T, [A], ["user", "secret", "title"], **SOME)),
    call("query a global index", "Query",
         {**ON, "IndexName": "ByPlace", "KeyConditionExpression": "place = :p", "ExpressionAttributeValues": {":p": {"S": "Rome"}}},
         check("Query", f"{T}/index/ByPlace", ["Rome"], ["place"], Select="ALL_PROJECTED_ATTRIBUTES")),
    call("query a local index", "Query",
         {**ON, "IndexName": "ByTitle", "KeyConditionExpression": "#u = :u AND title = :t", "ExpressionAttributeNames": {"#u": "user"},
          "ExpressionAttributeValues": {":u": S, ":t": {"S": "x"}}, "Select": "ALL_ATTRIBUTES"},
         check("Query", f"{T}/index/ByTitle", [A], ["user", "title"], **ALL)),
    call("scan", "Scan", ON, check("Scan", T, **ALL)),
    call("scan and filter", "Scan",
         {**ON, "FilterExpression": "#u = :u", "ExpressionAttributeNames": {"#u": "user"}, "ExpressionAttributeValues": {":u": S},
          "ProjectionExpression": "title"}, check("Scan", T, None, ["user", "title"], **SOME)),
    call("scan in the old form", "Scan", {**ON, "ScanFilter": {"secret": {"ComparisonOperator": "NULL"}}},
         check("Scan", T, None, ["secret"], **ALL)),
    call("scan an index", "Scan", {**ON, "IndexName": "ByPlace"}, check("Scan", f"{T}/index/ByPlace", Select="ALL_PROJECTED_ATTRIBUTES")),
    call("batch get", "BatchGetItem",
         {"RequestItems": {"Photos": {"Keys": [K, {"user": {"S": "us-east-1:bob"}, "taken": {"N": "8"}}]},
                           "Scores": {"Keys": [{"game": {"N": "3"}}], "ProjectionExpression": "best"}}},
         check("BatchGetItem", T, [A, "us-east-1:bob"], KEYS, **ALL), check("BatchGetItem", N, ["3"], ["game", "best"], **SOME)),
    call("batch write", "BatchWriteItem",
         {"RequestItems": {"Photos": [{"PutRequest": {"Item": ITEM}}, {"DeleteRequest": {"Key": {"user": {"S": "us-east-1:bob"}, "taken": {"N": "8"}}}}]}},
         check("BatchWriteItem", T, [A, "us-east-1:bob"], KEYS + ["title"])),
    call("transact get", "TransactGetItems",
         {"TransactItems": [{"Get": {**ON, "Key": K}}, {"Get": {"TableName": "Scores", "Key": {"game": {"N": "3"}}, "ProjectionExpression": "best"}}]},
         check("GetItem", T, [A], KEYS, EnclosingOperation="TransactGetItems", **ALL),
         check("GetItem", N, ["3"], ["game", "best"], EnclosingOperation="TransactGetItems", **SOME)),
    call("transact write", "TransactWriteItems",
         {"TransactItems": [
             {"Put": {**ON, "Item": ITEM}},
             {"Update": {**ON, "Key": {"user": {"S": "b"}, "taken": {"N": "1"}}, "UpdateExpression": "SET title = :t",
                         "ExpressionAttributeValues": {":t": {"S": "x"}}}},
             {"Delete": {**ON, "Key": {"user": {"S": "c"}, "taken": {"N": "1"}}, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}},
             {"ConditionCheck": {**ON, "Key": {"user": {"S": "d"}, "taken": {"N": "1"}}, "ConditionExpression": "attribute_exists(secret)"}}]},
         check("PutItem", T, [A], KEYS + ["title"], EnclosingOperation="TransactWriteItems", **NONE),
         check("UpdateItem", T, ["b"], KEYS + ["title"], EnclosingOperation="TransactWriteItems", **NONE),
         check("DeleteItem", T, ["c"], KEYS, EnclosingOperation="TransactWriteItems", ReturnValues="ALL_OLD"),
         check("ConditionCheckItem", T, ["d"], KEYS + ["secret"], EnclosingOperation="TransactWriteItems", **NONE)),
    # PartiQL.
    call("select", "ExecuteStatement", {"Statement": 'SELECT * FROM "Photos" WHERE "user" = ?', "Parameters": [S]},
         check("PartiQLSelect", T, [A], ["user"], consumed=None, FullTableScan="false", **ALL)),
    call("select some", "ExecuteStatement", {"Statement": "SELECT title, taken FROM Photos WHERE \"user\" IN ['a', 'b']"},
         check("PartiQLSelect", T, ["a", "b"], ["title", "taken", "user"], consumed=None, FullTableScan="false", **SOME)),
    call("select from an index", "ExecuteStatement", {"Statement": "SELECT * FROM \"Photos\".\"ByPlace\" WHERE place = 'Rome'"},
         check("PartiQLSelect", f"{T}/index/ByPlace", ["Rome"], ["place"], consumed=None, FullTableScan="false",
               Select="ALL_PROJECTED_ATTRIBUTES")),
    call("select all", "ExecuteStatement", {"Statement": "SELECT * FROM Photos"},
         check("PartiQLSelect", T, None, None, consumed=None, FullTableScan="true", **ALL)),
    call("select with an open branch", "ExecuteStatement", {"Statement": "SELECT * FROM Photos WHERE \"user\" = 'a' OR title = 'x'"},
         check("PartiQLSelect", T, None, ["user", "title"], consumed=None, FullTableScan="true", **ALL)),
    call("select two users", "ExecuteStatement", {"Statement": "SELECT * FROM Photos WHERE \"user\" = 'a' OR \"user\" = 'b'"},
         check("PartiQLSelect", T, ["a", "b"], ["user"], consumed=None, FullTableScan="false", **ALL)),
    call("insert", "ExecuteStatement", {"Statement": "INSERT INTO \"Photos\" VALUE {'user': 'a', 'taken': 7, 'title': 'x'}"},
         check("PartiQLInsert", T, ["a"], ["user", "taken", "title"], consumed=None)),
    call("update by statement", "ExecuteStatement",
         {"Statement": "UPDATE \"Photos\" SET title = 'x' REMOVE place WHERE \"user\" = ? AND taken = 7 RETURNING ALL OLD *", "Parameters": [S]},
         check("PartiQLUpdate", T, [A], ["title", "place", "user", "taken"], consumed=None, ReturnValues="ALL_OLD")),
    call("delete by statement", "ExecuteStatement", {"Statement": "DELETE FROM \"Photos\" WHERE \"user\" = 'a' AND taken = 7"},
         check("PartiQLDelete", T, ["a"], ["user", "taken"], consumed=None, **NONE)),
    call("batch of statements", "BatchExecuteStatement",
         {"Statements": [{"Statement": "SELECT * FROM Photos WHERE \"user\" = 'a' AND taken = 7"},
                         {"Statement": "SELECT * FROM Photos WHERE \"user\" = ? AND taken = 8", "Parameters": [S]}]},
         check("PartiQLSelect", T, ["a"], ["user", "taken"], consumed=None, FullTableScan="false", **ALL),
         check("PartiQLSelect", T, [A], ["user", "taken"], consumed=None, FullTableScan="false", **ALL), each=True),
    call("transaction of statements", "ExecuteTransaction",
         {"TransactStatements": [{"Statement": "INSERT INTO Photos VALUE {'user': 'a', 'taken': 7}"},
                                 {"Statement": "DELETE FROM Photos WHERE \"user\" = 'b' AND taken = 7"}]},
         check("PartiQLInsert", T, ["a"], ["user", "taken"], consumed=None, EnclosingOperation="ExecuteTransaction"),
         check("PartiQLDelete", T, ["b"], ["user", "taken"], consumed=None, EnclosingOperation="ExecuteTransaction", **NONE)),
    # The control plane.
    plain("DescribeTable", T, ON),
    plain("DeleteTable", T, ON),
    plain("DescribeTimeToLive", T, ON),
    plain("DescribeContinuousBackups", T, ON),
    plain("ListTables", "*", {}),
    plain("ListBackups", "*", {}),
    plain("DescribeLimits", "*", {}),
    plain("DescribeBackup", f"{T}/backup/b1", {"BackupArn": f"{T}/backup/b1"}),
    plain("DeleteBackup", f"{T}/backup/b1", {"BackupArn": f"{T}/backup/b1"}),
    plain("GetResourcePolicy", T, {"ResourceArn": T}),
    plain("ListTagsOfResource", T, {"ResourceArn": T}),
    plain("DescribeGlobalTable", "arn:aws:dynamodb::111122223333:global-table/Photos", {"GlobalTableName": "Photos"}),
    plain("DescribeExport", f"{T}/export/01e", {"ExportArn": f"{T}/export/01e"}),
    plain("DescribeImport", f"{T}/import/01i", {"ImportArn": f"{T}/import/01i"}),
    plain("CreateBackup", T, {**ON, "BackupName": "backup"}),
    plain("DescribeKinesisStreamingDestination", T, ON),
]
