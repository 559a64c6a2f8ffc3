"""Calls of S3 and the checks that they make, by the service authorization reference and the user guide of Amazon S3:
"Required permissions for Amazon S3 API operations", "Actions, resources, and condition keys for Amazon S3", "Bucket policy
examples using condition keys", "Amazon S3 Signature Version 4 Authentication Specific Policy Keys".

Written by hand. A call is (name, operation, parameters, combination, checks, options); a check is (action, resource, keys).
`*` stands for what every signed call has; the script fills it from how the call was signed.
"""

B = "arn:aws:s3:::photos"
ID = "us-east-1:0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
KEY = f"users/{ID}/cat.jpg"
O = f"{B}/{KEY}"
ON = {"Bucket": "photos", "Key": KEY}
IN = {"Bucket": "photos"}
CREATE = {"s3:ObjectCreationOperation": "true"}
PART = {"s3:ObjectCreationOperation": "false"}
UPLOAD = {**ON, "UploadId": "u1"}



def check(action, resource, keys=None):
    return (action, resource, keys or {})


def bucket(operation, action, params=None, keys=None):
    """An operation of a bucket's sub-resource."""
    return (operation, operation, {**IN, **(params or {})}, "allOf", [check(action, B, keys)], {})


def put(name, params, keys, more, operation="PutObject", creates=CREATE):
    """An upload: what is created, and what else its headers ask for."""
    checks = [check("s3:PutObject", O, {**creates, **keys})]
    return (name, operation, {**ON, **params}, "allOf", checks + more, {})


VIRTUAL = {"addressing_style": "virtual"}
PATH = {"addressing_style": "path"}
PRESIGNED = {"presigned": True}
TAGGING = {"TagSet": [{"Key": "team", "Value": "blue"}, {"Key": "stage", "Value": "a b"}]}
TAG_KEYS = {
    "s3:RequestObjectTag/team": "blue",
    "s3:RequestObjectTag/stage": "a b",
    "s3:RequestObjectTagKeys": ["team", "stage"],
}
BUCKET_TAGS = {"Tags": [{"Key": "team", "Value": "blue"}]}
RETAIN = {"Mode": "GOVERNANCE", "RetainUntilDate": "2027-01-01T00:00:00Z"}

CALLS = [
    # Objects.
    ("get by path", "GetObject", ON, "allOf", [check("s3:GetObject", O)], PATH),
    ("get by virtual host", "GetObject", ON, "allOf", [check("s3:GetObject", O)], VIRTUAL),
    ("get presigned", "GetObject", ON, "allOf", [check("s3:GetObject", O)], PRESIGNED),
    ("get a version", "GetObject", {**ON, "VersionId": "v7"}, "allOf",
     [check("s3:GetObjectVersion", O, {"s3:versionid": "v7"})], {}),
    ("get a range of a part", "GetObject", {**ON, "PartNumber": 2}, "allOf", [check("s3:GetObject", O)], {}),
    ("get if it matches", "GetObject", {**ON, "IfMatch": '"e"'}, "allOf", [check("s3:GetObject", O)], {}),
    ("get as another type", "GetObject", {**ON, "ResponseContentType": "text/plain"}, "allOf", [check("s3:GetObject", O)], {}),
    ("head", "HeadObject", ON, "allOf", [check("s3:GetObject", O)], {}),
    ("head a version", "HeadObject", {**ON, "VersionId": "v7"}, "allOf",
     [check("s3:GetObjectVersion", O, {"s3:versionid": "v7"})], {}),
    ("attributes", "GetObjectAttributes", {**ON, "ObjectAttributes": ["ETag"]}, "allOf",
     [check("s3:GetObject", O), check("s3:GetObjectAttributes", O)], {}),
    ("attributes of a version", "GetObjectAttributes", {**ON, "VersionId": "v7", "ObjectAttributes": ["ETag"]}, "allOf",
     [check("s3:GetObjectVersion", O, {"s3:versionid": "v7"}),
      check("s3:GetObjectVersionAttributes", O, {"s3:versionid": "v7"})], {}),
    ("select", "SelectObjectContent",
     {**ON, "Expression": "select * from s3object", "ExpressionType": "SQL", "InputSerialization": {"CSV": {}},
      "OutputSerialization": {"CSV": {}}}, "allOf", [check("s3:GetObject", O)], {}),
    ("torrent", "GetObjectTorrent", ON, "allOf", [check("s3:GetObject", O)], {}),
    put("put", {"Body": b"x"}, {}, []),
    ("put presigned", "PutObject", ON, "allOf", [check("s3:PutObject", O, CREATE)], PRESIGNED),
    put("put if absent", {"Body": b"x", "IfNoneMatch": "*"}, {"s3:if-none-match": "*"}, []),
    put("put if it matches", {"Body": b"x", "IfMatch": '"e"'}, {"s3:if-match": '"e"'}, []),
    put("put with an ACL", {"Body": b"x", "ACL": "public-read"}, {"s3:x-amz-acl": "public-read"},
        [check("s3:PutObjectAcl", O, {"s3:x-amz-acl": "public-read"})]),
    put("put with a grant", {"Body": b"x", "GrantRead": 'id="1"'}, {"s3:x-amz-grant-read": 'id="1"'},
        [check("s3:PutObjectAcl", O, {"s3:x-amz-grant-read": 'id="1"'})]),
    put("put with tags", {"Body": b"x", "Tagging": "team=blue&stage=a%20b"}, TAG_KEYS, [check("s3:PutObjectTagging", O, TAG_KEYS)]),
    put("put retained", {"Body": b"x", "ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": "2027-01-01T00:00:00Z"},
        {"s3:object-lock-mode": "GOVERNANCE", "s3:object-lock-retain-until-date": "2027-01-01T00:00:00Z"},
        [check("s3:PutObjectRetention", O,
               {"s3:object-lock-mode": "GOVERNANCE", "s3:object-lock-retain-until-date": "2027-01-01T00:00:00Z"})]),
    put("put on legal hold", {"Body": b"x", "ObjectLockLegalHoldStatus": "ON"}, {"s3:object-lock-legal-hold": "ON"},
        [check("s3:PutObjectLegalHold", O, {"s3:object-lock-legal-hold": "ON"})]),
    put("put encrypted", {"Body": b"x", "ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "arn:aws:kms:us-east-1:111122223333:key/k"},
        {"s3:x-amz-server-side-encryption": "aws:kms",
         "s3:x-amz-server-side-encryption-aws-kms-key-id": "arn:aws:kms:us-east-1:111122223333:key/k"}, []),
    put("put encrypted by the customer", {"Body": b"x", "SSECustomerAlgorithm": "AES256", "SSECustomerKey": "k" * 32},
        {"s3:x-amz-server-side-encryption-customer-algorithm": "AES256"}, []),
    put("put in a class", {"Body": b"x", "StorageClass": "STANDARD_IA"}, {"s3:x-amz-storage-class": "STANDARD_IA"}, []),
    put("put a redirect", {"Body": b"x", "WebsiteRedirectLocation": "/other"}, {"s3:x-amz-website-redirect-location": "/other"}, []),
    # Decoded once: an escape must not lead past a Deny.
    ("copy", "CopyObject", {**ON, "CopySource": {"Bucket": "other", "Key": "bob/x y.jpg"}}, "allOf",
     [check("s3:GetObject", "arn:aws:s3:::other/bob/x y.jpg"),
      check("s3:GetObjectTagging", "arn:aws:s3:::other/bob/x y.jpg"),
      check("s3:PutObject", O, {**CREATE, "s3:x-amz-copy-source": "other/bob/x y.jpg"})], {}),
    ("copy a version", "CopyObject", {**ON, "CopySource": {"Bucket": "other", "Key": "bob/x", "VersionId": "v9"}}, "allOf",
     [check("s3:GetObjectVersion", "arn:aws:s3:::other/bob/x", {"s3:versionid": "v9"}),
      check("s3:GetObjectVersionTagging", "arn:aws:s3:::other/bob/x", {"s3:versionid": "v9"}),
      check("s3:PutObject", O, {**CREATE, "s3:x-amz-copy-source": "other/bob/x?versionId=v9"})], {}),
    ("copy with metadata replaced", "CopyObject",
     {**ON, "CopySource": {"Bucket": "other", "Key": "bob/x"}, "MetadataDirective": "REPLACE", "TaggingDirective": "REPLACE"}, "allOf",
     [check("s3:GetObject", "arn:aws:s3:::other/bob/x"),
      check("s3:PutObject", O, {**CREATE, "s3:x-amz-copy-source": "other/bob/x", "s3:x-amz-metadata-directive": "REPLACE"})], {}),
    ("delete", "DeleteObject", ON, "allOf", [check("s3:DeleteObject", O)], {}),
    ("delete a version", "DeleteObject", {**ON, "VersionId": "v7"}, "allOf",
     [check("s3:DeleteObjectVersion", O, {"s3:versionid": "v7"})], {}),
    ("delete if it matches", "DeleteObject", {**ON, "IfMatch": '"e"'}, "allOf", [check("s3:DeleteObject", O, {"s3:if-match": '"e"'})], {}),
    ("delete bypassing governance", "DeleteObject", {**ON, "VersionId": "v7", "BypassGovernanceRetention": True}, "allOf",
     [check("s3:DeleteObjectVersion", O, {"s3:versionid": "v7"}),
      check("s3:BypassGovernanceRetention", O)], {}),
    ("delete several", "DeleteObjects",
     {**IN, "Delete": {"Objects": [{"Key": KEY}, {"Key": "users/bob/a&b"}, {"Key": KEY, "VersionId": "v1"}]}}, "each",
     [check("s3:DeleteObject", O), check("s3:DeleteObject", f"{B}/users/bob/a&b"),
      check("s3:DeleteObjectVersion", O, {"s3:versionid": "v1"})], {}),
    # Multipart uploads.
    put("create a multipart upload", {}, {}, [], "CreateMultipartUpload", PART),
    put("create a multipart upload with an ACL", {"ACL": "private"}, {"s3:x-amz-acl": "private"},
        [check("s3:PutObjectAcl", O, {"s3:x-amz-acl": "private"})], "CreateMultipartUpload", PART),
    put("upload a part", {"UploadId": "u1", "PartNumber": 1, "Body": b"x"}, {}, [], "UploadPart", PART),
    ("copy a part", "UploadPartCopy", {**UPLOAD, "PartNumber": 1, "CopySource": "other/bob/x"}, "allOf",
     [check("s3:GetObject", "arn:aws:s3:::other/bob/x"),
      check("s3:PutObject", O, {**PART, "s3:x-amz-copy-source": "other/bob/x"})], {}),
    put("complete a multipart upload", {"UploadId": "u1", "MultipartUpload": {"Parts": [{"ETag": "e", "PartNumber": 1}]}}, {}, [],
        "CompleteMultipartUpload"),
    ("abort a multipart upload", "AbortMultipartUpload", UPLOAD, "allOf", [check("s3:AbortMultipartUpload", O)], {}),
    ("list parts", "ListParts", UPLOAD, "allOf", [check("s3:ListMultipartUploadParts", O)], {}),
    # What hangs on an object.
    ("get tags", "GetObjectTagging", ON, "allOf", [check("s3:GetObjectTagging", O)], {}),
    ("get tags of a version", "GetObjectTagging", {**ON, "VersionId": "v7"}, "allOf",
     [check("s3:GetObjectVersionTagging", O, {"s3:versionid": "v7"})], {}),
    ("put tags", "PutObjectTagging", {**ON, "Tagging": TAGGING}, "allOf", [check("s3:PutObjectTagging", O, TAG_KEYS)], {}),
    ("put tags of a version", "PutObjectTagging", {**ON, "VersionId": "v7", "Tagging": TAGGING}, "allOf",
     [check("s3:PutObjectVersionTagging", O, {**TAG_KEYS, "s3:versionid": "v7"})], {}),
    ("delete tags", "DeleteObjectTagging", ON, "allOf", [check("s3:DeleteObjectTagging", O)], {}),
    ("get the ACL", "GetObjectAcl", ON, "allOf", [check("s3:GetObjectAcl", O)], {}),
    ("put the ACL", "PutObjectAcl", {**ON, "ACL": "private"}, "allOf", [check("s3:PutObjectAcl", O, {"s3:x-amz-acl": "private"})], {}),
    ("put the ACL of a version", "PutObjectAcl", {**ON, "VersionId": "v7", "ACL": "private"}, "allOf",
     [check("s3:PutObjectVersionAcl", O, {"s3:x-amz-acl": "private", "s3:versionid": "v7"})], {}),
    ("get the retention", "GetObjectRetention", ON, "allOf", [check("s3:GetObjectRetention", O)], {}),
    ("put the retention", "PutObjectRetention", {**ON, "Retention": RETAIN}, "allOf",
     [check("s3:PutObjectRetention", O,
            {"s3:object-lock-mode": "GOVERNANCE", "s3:object-lock-retain-until-date": "2027-01-01T00:00:00Z"})], {}),
    ("get the legal hold", "GetObjectLegalHold", ON, "allOf", [check("s3:GetObjectLegalHold", O)], {}),
    ("put the legal hold", "PutObjectLegalHold", {**ON, "LegalHold": {"Status": "ON"}}, "allOf",
     [check("s3:PutObjectLegalHold", O, {"s3:object-lock-legal-hold": "ON"})], {}),
    ("restore", "RestoreObject", {**ON, "RestoreRequest": {"Days": 1}}, "allOf", [check("s3:RestoreObject", O)], {}),
    # Buckets.
    ("list buckets", "ListBuckets", {}, "allOf", [check("s3:ListAllMyBuckets", "*")], {}),
    bucket("HeadBucket", "s3:ListBucket"),
    ("list", "ListObjectsV2", IN, "allOf", [check("s3:ListBucket", B)], {}),
    ("list an empty prefix", "ListObjectsV2", {**IN, "Prefix": ""}, "allOf", [check("s3:ListBucket", B, {"s3:prefix": ""})], {}),
    ("list a prefix", "ListObjectsV2", {**IN, "Prefix": f"users/{ID}/", "Delimiter": "/", "MaxKeys": 10}, "allOf",
     [check("s3:ListBucket", B, {"s3:prefix": f"users/{ID}/", "s3:delimiter": "/", "s3:max-keys": "10"})], {}),
    ("list a prefix in the old form", "ListObjects", {**IN, "Prefix": "a+b c%2F"}, "allOf",
     [check("s3:ListBucket", B, {"s3:prefix": "a+b c%2F"})], {}),
    ("list versions", "ListObjectVersions", {**IN, "Prefix": "p/"}, "allOf", [check("s3:ListBucketVersions", B, {"s3:prefix": "p/"})], {}),
    ("list uploads", "ListMultipartUploads", {**IN, "Prefix": "p/"}, "allOf", [check("s3:ListBucketMultipartUploads", B)], {}),
    bucket("CreateBucket", "s3:CreateBucket"),
    bucket("DeleteBucket", "s3:DeleteBucket"),
    bucket("GetBucketAcl", "s3:GetBucketAcl"),
    bucket("PutBucketAcl", "s3:PutBucketAcl", {"ACL": "private"}, {"s3:x-amz-acl": "private"}),
    bucket("GetBucketPolicy", "s3:GetBucketPolicy"),
    bucket("PutBucketPolicy", "s3:PutBucketPolicy", {"Policy": "{}"}),
    bucket("DeleteBucketPolicy", "s3:DeleteBucketPolicy"),
    bucket("GetBucketPolicyStatus", "s3:GetBucketPolicyStatus"),
    bucket("GetBucketCors", "s3:GetBucketCORS"),
    bucket("PutBucketCors", "s3:PutBucketCORS", {"CORSConfiguration": {"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]}}),
    bucket("DeleteBucketCors", "s3:PutBucketCORS"),
    bucket("GetBucketEncryption", "s3:GetEncryptionConfiguration"),
    bucket("DeleteBucketEncryption", "s3:PutEncryptionConfiguration"),
    bucket("GetBucketLifecycleConfiguration", "s3:GetLifecycleConfiguration"),
    bucket("DeleteBucketLifecycle", "s3:PutLifecycleConfiguration"),
    bucket("GetBucketLocation", "s3:GetBucketLocation"),
    bucket("GetBucketLogging", "s3:GetBucketLogging"),
    bucket("GetBucketNotificationConfiguration", "s3:GetBucketNotification"),
    bucket("GetBucketOwnershipControls", "s3:GetBucketOwnershipControls"),
    bucket("DeleteBucketOwnershipControls", "s3:PutBucketOwnershipControls"),
    bucket("GetBucketReplication", "s3:GetReplicationConfiguration"),
    bucket("GetBucketRequestPayment", "s3:GetBucketRequestPayment"),
    bucket("GetBucketTagging", "s3:GetBucketTagging"),
    bucket("DeleteBucketTagging", "s3:PutBucketTagging"),
    bucket("GetBucketVersioning", "s3:GetBucketVersioning"),
    bucket("PutBucketVersioning", "s3:PutBucketVersioning", {"VersioningConfiguration": {"Status": "Enabled"}}),
    bucket("GetBucketWebsite", "s3:GetBucketWebsite"),
    bucket("DeleteBucketWebsite", "s3:DeleteBucketWebsite"),
    bucket("GetObjectLockConfiguration", "s3:GetBucketObjectLockConfiguration"),
    bucket("GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock"),
    bucket("DeletePublicAccessBlock", "s3:PutBucketPublicAccessBlock"),
    bucket("GetBucketAccelerateConfiguration", "s3:GetAccelerateConfiguration"),
    bucket("ListBucketAnalyticsConfigurations", "s3:GetAnalyticsConfiguration"),
    bucket("GetBucketAnalyticsConfiguration", "s3:GetAnalyticsConfiguration", {"Id": "x"}),
    bucket("ListBucketInventoryConfigurations", "s3:GetInventoryConfiguration"),
    bucket("DeleteBucketInventoryConfiguration", "s3:PutInventoryConfiguration", {"Id": "x"}),
    bucket("ListBucketMetricsConfigurations", "s3:GetMetricsConfiguration"),
    bucket("ListBucketIntelligentTieringConfigurations", "s3:GetIntelligentTieringConfiguration"),
]
