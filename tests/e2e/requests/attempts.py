"""What a user tries on their own data, and on somebody else's: every attempt with its outcome, under `attempts.json`.

`MINE` and `YOURS` stand for the data of the user who asks and of another. An attempt is (service, name, operation,
parameters, expected). What is written with `{who}` is tried on both: allowed on one's own, denied on the other's.
"""

ME = "us-east-1:0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
YOU = "us-east-1:7c6b5a49-3827-1605-f4e3-d2c1b0a99887"

IN = {"Bucket": "photos"}
ON = {**IN, "Key": "users/{who}/cat.jpg"}
OWN = "photos/users/{who}/dog.jpg"
OLD = {**ON, "VersionId": "v1"}
UPLOAD = {**ON, "UploadId": "u1"}
TAGS = {"Tagging": {"TagSet": [{"Key": "a", "Value": "b"}]}}
RETENTION = {"Retention": {"Mode": "GOVERNANCE", "RetainUntilDate": "2027-01-01T00:00:00Z"}}
CSV = {"Expression": "select 1", "ExpressionType": "SQL", "InputSerialization": {"CSV": {}}, "OutputSerialization": {"CSV": {}}}

S3_OF_EITHER = [
    ("read", "GetObject", ON),
    ("read a version", "GetObject", OLD),
    ("read a range", "GetObject", {**ON, "Range": "bytes=0-1"}),
    ("ask whether it is there", "HeadObject", ON),
    ("ask for its attributes", "GetObjectAttributes", {**ON, "ObjectAttributes": ["ETag"]}),
    ("ask for the attributes of a version", "GetObjectAttributes", {**OLD, "ObjectAttributes": ["ETag"]}),
    ("query", "SelectObjectContent", {**ON, **CSV}),
    ("read as torrent", "GetObjectTorrent", ON),
    ("write", "PutObject", {**ON, "Body": b"x"}),
    ("write with an ACL", "PutObject", {**ON, "Body": b"x", "ACL": "public-read"}),
    ("write with tags", "PutObject", {**ON, "Body": b"x", "Tagging": "a=b"}),
    ("write under a hold", "PutObject", {**ON, "Body": b"x", "ObjectLockLegalHoldStatus": "ON"}),
    ("copy within", "CopyObject", {**ON, "CopySource": OWN}),
    ("copy a version within", "CopyObject", {**ON, "CopySource": OWN + "?versionId=v1"}),
    ("delete", "DeleteObject", ON),
    ("delete a version", "DeleteObject", OLD),
    ("delete past retention", "DeleteObject", {**OLD, "BypassGovernanceRetention": True}),
    ("delete several", "DeleteObjects", {**IN, "Delete": {"Objects": [{"Key": "users/{who}/a"}, {"Key": "users/{who}/b", "VersionId": "v1"}]}}),
    ("begin an upload", "CreateMultipartUpload", ON),
    ("upload a part", "UploadPart", {**UPLOAD, "PartNumber": 1, "Body": b"x"}),
    ("copy a part", "UploadPartCopy", {**UPLOAD, "PartNumber": 1, "CopySource": OWN}),
    ("complete an upload", "CompleteMultipartUpload", {**UPLOAD, "MultipartUpload": {"Parts": [{"ETag": "e", "PartNumber": 1}]}}),
    ("abort an upload", "AbortMultipartUpload", UPLOAD),
    ("list parts", "ListParts", UPLOAD),
    ("read tags", "GetObjectTagging", ON),
    ("read tags of a version", "GetObjectTagging", OLD),
    ("write tags", "PutObjectTagging", {**ON, **TAGS}),
    ("write tags of a version", "PutObjectTagging", {**OLD, **TAGS}),
    ("delete tags", "DeleteObjectTagging", ON),
    ("delete tags of a version", "DeleteObjectTagging", OLD),
    ("read the ACL", "GetObjectAcl", ON),
    ("write the ACL", "PutObjectAcl", {**ON, "ACL": "private"}),
    ("read the retention", "GetObjectRetention", ON),
    ("write the retention", "PutObjectRetention", {**ON, **RETENTION}),
    ("read the hold", "GetObjectLegalHold", ON),
    ("write the hold", "PutObjectLegalHold", {**ON, "LegalHold": {"Status": "ON"}}),
    ("restore", "RestoreObject", {**ON, "RestoreRequest": {"Days": 1}}),
    ("list", "ListObjectsV2", {**IN, "Prefix": "users/{who}/"}),
    ("list below", "ListObjectsV2", {**IN, "Prefix": "users/{who}/2026/", "Delimiter": "/"}),
    ("list in the old form", "ListObjects", {**IN, "Prefix": "users/{who}/"}),
    ("list versions", "ListObjectVersions", {**IN, "Prefix": "users/{who}/"}),
]

S3_ALONE = [
    ("copy from the other", "CopyObject", {**IN, "Key": f"users/{ME}/x", "CopySource": f"photos/users/{YOU}/x"}, False),
    ("copy an old version from the other", "CopyObject",
     {**IN, "Key": f"users/{ME}/x", "CopySource": f"photos/users/{YOU}/x?versionId=v1"}, False),
    ("copy to the other", "CopyObject", {**IN, "Key": f"users/{YOU}/x", "CopySource": f"photos/users/{ME}/x"}, False),
    ("copy from another bucket", "CopyObject", {**IN, "Key": f"users/{ME}/x", "CopySource": f"secrets/users/{ME}/x"}, False),
    ("copy to another bucket", "CopyObject", {"Bucket": "secrets", "Key": f"users/{ME}/x", "CopySource": f"photos/users/{ME}/x"}, False),
    ("copy a part from the other", "UploadPartCopy",
     {**IN, "Key": f"users/{ME}/x", "UploadId": "u", "PartNumber": 1, "CopySource": f"photos/users/{YOU}/x"}, False),
    ("delete one of each", "DeleteObjects", {**IN, "Delete": {"Objects": [{"Key": f"users/{ME}/a"}, {"Key": f"users/{YOU}/a"}]}}, False),
    ("list everything", "ListObjectsV2", IN, False),
    ("list an empty prefix", "ListObjectsV2", {**IN, "Prefix": ""}, False),
    ("list all users", "ListObjectsV2", {**IN, "Prefix": "users/"}, False),
    ("list own without the slash", "ListObjectsV2", {**IN, "Prefix": f"users/{ME}"}, False),
    ("list own, escaped twice", "ListObjectsV2", {**IN, "Prefix": f"users%2F{ME}%2F"}, False),
    ("list a neighbour whose id begins alike", "ListObjectsV2", {**IN, "Prefix": f"users/{ME}0/"}, False),
    ("read of a neighbour whose id begins alike", "GetObject", {**IN, "Key": f"users/{ME}0/x"}, False),
    ("read with an escape in the key", "GetObject", {**IN, "Key": f"users%2F{ME}%2Fx"}, False),
    ("read above the folder", "GetObject", {**IN, "Key": f"users/{ME}"}, False),
    ("read in another case", "GetObject", {**IN, "Key": f"users/{ME.upper()}/x"}, False),
    ("ask for the bucket", "HeadBucket", IN, False),
    ("list all buckets", "ListBuckets", {}, False),
    ("read the bucket's policy", "GetBucketPolicy", IN, False),
    ("write the bucket's policy", "PutBucketPolicy", {**IN, "Policy": "{}"}, False),
    ("read another bucket", "GetObject", {"Bucket": "secrets", "Key": f"users/{ME}/x"}, False),
]

T = {"TableName": "Photos"}
KEY = {"user": {"S": "{who}"}, "taken": {"N": "7"}}
MINE = {"user": {"S": ME}, "taken": {"N": "7"}}
YOURS = {"user": {"S": YOU}, "taken": {"N": "7"}}
SET = {"UpdateExpression": "SET title = :t", "ExpressionAttributeValues": {":t": {"S": "x"}}}
NAMED = {"ExpressionAttributeNames": {"#u": "user"}}
VALUE = {"ExpressionAttributeValues": {":u": {"S": "{who}"}}}
PARAMETERS = {"Parameters": [{"S": "{who}"}]}

DYNAMODB_OF_EITHER = [
    ("get", "GetItem", {**T, "Key": KEY}),
    ("get by the table's ARN", "GetItem", {"TableName": "arn:aws:dynamodb:us-east-1:111122223333:table/Photos", "Key": KEY}),
    ("get some", "GetItem", {**T, "Key": KEY, "ProjectionExpression": "title"}),
    ("get some in the old form", "GetItem", {**T, "Key": KEY, "AttributesToGet": ["title"]}),
    ("put", "PutItem", {**T, "Item": {**KEY, "title": {"S": "x"}}}),
    ("put and see the old", "PutItem", {**T, "Item": KEY, "ReturnValues": "ALL_OLD"}),
    ("put if", "PutItem", {**T, "Item": KEY, "ConditionExpression": "attribute_not_exists(#u)", **NAMED}),
    ("update", "UpdateItem", {**T, "Key": KEY, **SET}),
    ("update in the old form", "UpdateItem", {**T, "Key": KEY, "AttributeUpdates": {"title": {"Value": {"S": "x"}, "Action": "PUT"}}}),
    ("delete", "DeleteItem", {**T, "Key": KEY}),
    ("delete and see the old", "DeleteItem", {**T, "Key": KEY, "ReturnValues": "ALL_OLD"}),
    ("query", "Query", {**T, "KeyConditionExpression": "#u = :u", **NAMED, **VALUE}),
    ("query turned around", "Query", {**T, "KeyConditionExpression": ":u = #u", **NAMED, **VALUE}),
    ("query a range", "Query",
     {**T, "KeyConditionExpression": "#u = :u AND taken > :t", **NAMED,
      "ExpressionAttributeValues": {":u": {"S": "{who}"}, ":t": {"N": "1"}}}),
    ("query a count", "Query", {**T, "KeyConditionExpression": "#u = :u", **NAMED, **VALUE, "Select": "COUNT"}),
    ("query in the old form", "Query", {**T, "KeyConditions": {"user": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "{who}"}]}}}),
    ("query the local index", "Query", {**T, "IndexName": "ByTitle", "KeyConditionExpression": "#u = :u", **NAMED, **VALUE}),
    ("query on from a place", "Query", {**T, "KeyConditionExpression": "#u = :u", **NAMED, **VALUE, "ExclusiveStartKey": KEY}),
    ("get in a batch", "BatchGetItem", {"RequestItems": {"Photos": {"Keys": [KEY]}}}),
    ("put in a batch", "BatchWriteItem", {"RequestItems": {"Photos": [{"PutRequest": {"Item": KEY}}]}}),
    ("delete in a batch", "BatchWriteItem", {"RequestItems": {"Photos": [{"DeleteRequest": {"Key": KEY}}]}}),
    ("get in a transaction", "TransactGetItems", {"TransactItems": [{"Get": {**T, "Key": KEY}}]}),
    ("put in a transaction", "TransactWriteItems", {"TransactItems": [{"Put": {**T, "Item": KEY}}]}),
    ("update in a transaction", "TransactWriteItems", {"TransactItems": [{"Update": {**T, "Key": KEY, **SET}}]}),
    ("delete in a transaction", "TransactWriteItems", {"TransactItems": [{"Delete": {**T, "Key": KEY}}]}),
    ("check in a transaction", "TransactWriteItems",
     {"TransactItems": [{"ConditionCheck": {**T, "Key": KEY, "ConditionExpression": "attribute_exists(title)"}}]}),
    ("select", "ExecuteStatement", {"Statement": "SELECT * FROM \"Photos\" WHERE \"user\" = ?", **PARAMETERS}),
    ("select by a text", "ExecuteStatement", {"Statement": "SELECT * FROM Photos WHERE \"user\" = '{who}'"}),
    ("select by a list", "ExecuteStatement", {"Statement": "SELECT title FROM Photos WHERE \"user\" IN ['{who}']"}),
    ("select from the local index", "ExecuteStatement", {"Statement": "SELECT * FROM \"Photos\".\"ByTitle\" WHERE \"user\" = '{who}'"}),
    ("insert", "ExecuteStatement", {"Statement": "INSERT INTO Photos VALUE {{'user': '{who}', 'taken': 7}}"}),
    ("update by statement", "ExecuteStatement",
     {"Statement": "UPDATE Photos SET title = 'x' WHERE \"user\" = ? AND taken = 7", **PARAMETERS}),
    ("delete by statement", "ExecuteStatement", {"Statement": "DELETE FROM Photos WHERE \"user\" = '{who}' AND taken = 7"}),
    ("select in a batch", "BatchExecuteStatement", {"Statements": [{"Statement": "SELECT * FROM Photos WHERE \"user\" = '{who}' AND taken = 7"}]}),
    ("insert in a transaction", "ExecuteTransaction",
     {"TransactStatements": [{"Statement": "INSERT INTO Photos VALUE {{'user': ?, 'taken': 7}}", **PARAMETERS}]}),
]

DYNAMODB_ALONE = [
    ("get one of each in a batch", "BatchGetItem", {"RequestItems": {"Photos": {"Keys": [MINE, YOURS]}}}, False),
    ("write one of each in a batch", "BatchWriteItem",
     {"RequestItems": {"Photos": [{"PutRequest": {"Item": MINE}}, {"DeleteRequest": {"Key": YOURS}}]}}, False),
    ("put mine and check yours", "TransactWriteItems",
     {"TransactItems": [{"Put": {**T, "Item": MINE}},
                        {"ConditionCheck": {**T, "Key": YOURS, "ConditionExpression": "attribute_exists(title)"}}]}, False),
    ("get one of each in a transaction", "TransactGetItems",
     {"TransactItems": [{"Get": {**T, "Key": MINE}}, {"Get": {**T, "Key": YOURS}}]}, False),
    ("query mine from a place of yours", "Query",
     {**T, "KeyConditionExpression": "#u = :u", **NAMED, "ExpressionAttributeValues": {":u": {"S": ME}}, "ExclusiveStartKey": YOURS}, False),
    ("scan", "Scan", T, False),
    ("scan for mine", "Scan", {**T, "FilterExpression": "#u = :u", **NAMED, "ExpressionAttributeValues": {":u": {"S": ME}}}, False),
    ("query the global index", "Query",
     {**T, "IndexName": "ByPlace", "KeyConditionExpression": "place = :p", "ExpressionAttributeValues": {":p": {"S": ME}}}, False),
    ("select all", "ExecuteStatement", {"Statement": "SELECT * FROM Photos"}, False),
    ("select mine or anybody's", "ExecuteStatement", {"Statement": f"SELECT * FROM Photos WHERE \"user\" = '{ME}' OR taken = 7"}, False),
    ("select mine or yours", "ExecuteStatement", {"Statement": f"SELECT * FROM Photos WHERE \"user\" = '{ME}' OR \"user\" = '{YOU}'"}, False),
    ("select mine and yours by a list", "ExecuteStatement", {"Statement": f"SELECT * FROM Photos WHERE \"user\" IN ['{ME}', '{YOU}']"}, False),
    ("select all but yours", "ExecuteStatement", {"Statement": f"SELECT * FROM Photos WHERE \"user\" <> '{YOU}'"}, False),
    ("select what begins with mine", "ExecuteStatement", {"Statement": f"SELECT * FROM Photos WHERE begins_with(\"user\", '{ME}')"}, False),
    ("delete mine and yours in a transaction", "ExecuteTransaction",
     {"TransactStatements": [{"Statement": f"DELETE FROM Photos WHERE \"user\" = '{ME}' AND taken = 7"},
                             {"Statement": f"DELETE FROM Photos WHERE \"user\" = '{YOU}' AND taken = 7"}]}, False),
    ("select one of each in a batch", "BatchExecuteStatement",
     {"Statements": [{"Statement": f"SELECT * FROM Photos WHERE \"user\" = '{ME}' AND taken = 7"},
                     {"Statement": f"SELECT * FROM Photos WHERE \"user\" = '{YOU}' AND taken = 7"}]}, False),
    ("get of another table", "GetItem", {"TableName": "Scores", "Key": {"game": {"N": "1"}}}, False),
    ("describe", "DescribeTable", T, False),
    ("drop", "DeleteTable", T, False),
]


def filled(value, who):
    """The parameters with the user's id in their texts."""
    if isinstance(value, str):
        return value.replace("{{", "{").replace("}}", "}").replace("{who}", who)
    if isinstance(value, dict):
        return {name: filled(inner, who) for name, inner in value.items()}
    return [filled(inner, who) for inner in value] if isinstance(value, list) else value


def attempts():
    """Every attempt: service, name, operation, parameters, whether it is allowed."""
    for service, either, alone in (("s3", S3_OF_EITHER, S3_ALONE), ("dynamodb", DYNAMODB_OF_EITHER, DYNAMODB_ALONE)):
        for name, operation, params in either:
            yield service, f"{name}, mine", operation, filled(params, ME), True
            yield service, f"{name}, yours", operation, filled(params, YOU), False
        for name, operation, params, allowed in alone:
            yield service, name, operation, params, allowed
