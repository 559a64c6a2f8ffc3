//! IAM's own API, asked with forms as AWS's clients send them.

use super::client::Answer;
use super::world::{Folder, TOKEN, World, copied, tokens};

const ROLE: &str = "arn:aws:iam::111122223333:role/photo-user";
const USER: &str = "arn:aws:iam::111122223333:user/alice";

/// Reads objects of one bucket, deletes none that are under `keep/`.
const POLICY: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "s3:*Object",
      "Resource": "arn:aws:s3:::b/*"
    },
    {"Effect": "Deny", "Action": "s3:DeleteObject", "Resource": "arn:aws:s3:::b/keep/*"}
  ]
}"#;

/// Asks by POST, its form of names and values.
fn ask(world: &World, action: &str, parameters: &[(&str, &str)]) -> Answer {
    ask_with(world, action, parameters, &[])
}

fn ask_with(world: &World, action: &str, parameters: &[(&str, &str)], headers: &[(&str, &str)]) -> Answer {
    let form = form(action, parameters);
    let kind = ("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
    let headers: Vec<_> = headers.iter().copied().chain([kind]).collect();
    world.client().ask("POST", "/", &headers, form.as_bytes())
}

fn form(action: &str, parameters: &[(&str, &str)]) -> String {
    let all = [("Action", action), ("Version", "2010-05-08")].into_iter().chain(parameters.iter().copied());
    let pairs: Vec<String> = all.map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    pairs.join("&")
}

fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        b' ' => "+".to_owned(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}

/// A custom simulation that is answered.
fn custom(world: &World, parameters: &[(&str, &str)]) -> String {
    good(&ask(world, "SimulateCustomPolicy", parameters))
}

fn good(answer: &Answer) -> String {
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/xml")), "{}", answer.text());
    answer.text().to_owned()
}

/// What stands in each element of a name.
fn each<'a>(xml: &'a str, name: &str) -> Vec<&'a str> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let parts = xml.split(&open).skip(1);
    parts.map(|part| part.split(&close).next().unwrap()).collect()
}

/// What stands in the first element of a name.
fn first<'a>(xml: &'a str, name: &str) -> &'a str {
    each(xml, name).first().copied().unwrap_or_else(|| panic!("no {name} in {xml}"))
}

/// The code of an error and its message.
fn error(answer: &Answer) -> (u16, String, String) {
    let xml = answer.text();
    assert!(xml.starts_with(r#"<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">"#), "{xml}");
    assert_eq!(answer.header("content-type"), Some("text/xml"));
    assert_eq!(first(xml, "RequestId").len(), 36);
    (answer.status, first(xml, "Code").to_owned(), first(xml, "Message").to_owned())
}

#[test]
fn a_simulation_is_answered_in_the_form_of_the_specification() {
    let world = World::start();
    let xml = custom(
        &world,
        &[
            ("PolicyInputList.member.1", POLICY),
            ("ActionNames.member.1", "s3:GetObject"),
            ("ResourceArns.member.1", "arn:aws:s3:::b/cat.jpg"),
            ("ContextEntries.member.1.ContextKeyName", "aws:SourceIp"),
            ("ContextEntries.member.1.ContextKeyType", "ip"),
            ("ContextEntries.member.1.ContextKeyValues.member.1", "203.0.113.5"),
        ],
    );
    let statement = "<member><SourcePolicyId>PolicyInputList.1</SourcePolicyId>\
        <SourcePolicyType>none</SourcePolicyType><StartPosition><Line>4</Line><Column>5</Column></StartPosition>\
        <EndPosition><Line>8</Line><Column>6</Column></EndPosition></member>";
    let findings = format!(
        "<MatchedStatements>{statement}</MatchedStatements><MissingContextValues></MissingContextValues>\
         <EvalDecisionDetails></EvalDecisionDetails>"
    );
    let id = first(&xml, "RequestId");
    let expected = format!(
        "<SimulateCustomPolicyResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">\
         <SimulateCustomPolicyResult><IsTruncated>false</IsTruncated><EvaluationResults><member>\
         <EvalActionName>s3:GetObject</EvalActionName>\
         <EvalResourceName>arn:${{Partition}}:s3:::${{BucketName}}/${{KeyName}}</EvalResourceName>\
         <EvalDecision>allowed</EvalDecision>{findings}<ResourceSpecificResults><member>\
         <EvalResourceName>arn:aws:s3:::b/cat.jpg</EvalResourceName>\
         <EvalResourceDecision>allowed</EvalResourceDecision>{findings}</member></ResourceSpecificResults></member>\
         </EvaluationResults></SimulateCustomPolicyResult>\
         <ResponseMetadata><RequestId>{id}</RequestId></ResponseMetadata></SimulateCustomPolicyResponse>"
    );
    assert_eq!(xml, expected);
}

#[test]
fn parameters_may_stand_in_the_query() {
    let world = World::start();
    let query = form(
        "SimulateCustomPolicy",
        &[("PolicyInputList.member.1", POLICY), ("ActionNames.member.1", "s3:GetObject")],
    );
    let answer = world.client().get(&format!("/?{query}&X-Amz-Signature=0&X-Amz-Date=0"));
    assert_eq!(first(&good(&answer), "EvalDecision"), "implicitDeny");
}

#[test]
fn the_most_restrictive_decision_stands_above_those_of_the_resources() {
    let world = World::start();
    let simulate = |resources: &[&str]| {
        let names: Vec<String> = (1..=resources.len()).map(|n| format!("ResourceArns.member.{n}")).collect();
        let mut parameters =
            vec![("PolicyInputList.member.1", POLICY), ("ActionNames.member.1", "s3:DeleteObject")];
        parameters.extend(names.iter().map(String::as_str).zip(resources.iter().copied()));
        custom(&world, &parameters)
    };
    let (open, kept, other) = ("arn:aws:s3:::b/open", "arn:aws:s3:::b/keep/x", "arn:aws:s3:::other/x");
    let xml = simulate(&[open, other, kept]);
    assert_eq!(first(&xml, "EvalDecision"), "explicitDeny");
    // Above, the denying statement alone; below, what contributed to each.
    assert_eq!(each(first(&xml, "MatchedStatements"), "Line"), ["9", "9"]);
    let results = first(&xml, "ResourceSpecificResults");
    assert_eq!(each(results, "EvalResourceName"), [open, other, kept]);
    assert_eq!(each(results, "EvalResourceDecision"), ["allowed", "implicitDeny", "explicitDeny"]);
    let lines: Vec<_> = each(results, "MatchedStatements").iter().map(|one| each(one, "Line")).collect();
    assert_eq!(lines, [vec!["4", "8"], vec![], vec!["9", "9"]]);
    assert_eq!(first(&simulate(&[open, other]), "EvalDecision"), "implicitDeny");
    // On `*` there is nothing by resource, and no details.
    let everything = simulate(&["*"]);
    for absent in ["ResourceSpecificResults", "EvalDecisionDetails", "PermissionsBoundaryDecisionDetail"] {
        assert!(!everything.contains(absent), "{absent}");
    }
}

#[test]
fn missing_context_values_are_named_once() {
    let world = World::start();
    let policy = r#"{"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/${aws:username}/*",
         "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}},
        {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*",
         "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
        {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*",
         "Condition": {"StringEquals": {"s3:x-amz-acl": "private"}}}]}"#;
    let xml = custom(
        &world,
        &[
            ("PolicyInputList.member.1", policy),
            ("ActionNames.member.1", "s3:GetObject"),
            ("ResourceArns.member.1", "arn:aws:s3:::b/alice/1"),
            ("ResourceArns.member.2", "arn:aws:s3:::b/alice/2"),
            ("ContextEntries.member.1.ContextKeyName", "aws:securetransport"),
            ("ContextEntries.member.1.ContextKeyType", "boolean"),
            ("ContextEntries.member.1.ContextKeyValues.member.1", "true"),
        ],
    );
    let missing: Vec<_> = each(&xml, "MissingContextValues").iter().map(|one| each(one, "member")).collect();
    assert_eq!(missing, vec![vec!["aws:SourceIp", "aws:username"]; 3]);
    // The caller's ARN tells the name, the entries the address.
    let xml = custom(
        &world,
        &[
            ("PolicyInputList.member.1", policy),
            ("ActionNames.member.1", "s3:GetObject"),
            ("ResourceArns.member.1", "arn:aws:s3:::b/alice/1"),
            ("CallerArn", USER),
            ("ContextEntries.member.1.ContextKeyName", "aws:SourceIp"),
            ("ContextEntries.member.1.ContextKeyValues.member.1", "203.0.113.9"),
        ],
    );
    assert_eq!(first(&xml, "EvalDecision"), "allowed");
    assert_eq!(each(first(&xml, "MissingContextValues"), "member"), ["aws:SecureTransport"]);
}

#[test]
fn boundaries_and_organizations_are_told_by_themselves() {
    let world = World::start();
    let all =
        r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
    let reads = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}}"#;
    let denies = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*",
         "Condition": {"StringNotEquals": {"aws:RequestedRegion": "us-east-1"}}}]}"#;
    let level = |number: u8| {
        format!("OrderedOrganizationPolicyInputList.member.{number}.ServiceControlPolicyInputList.member.1")
    };
    let (root, account) = (level(1), level(2));
    let simulate = |action: &str, boundary: &str, scp: &str, headers: &[(&str, &str)]| {
        let parameters = [
            ("PolicyInputList.member.1", all),
            ("PermissionsBoundaryPolicyInputList.member.1", boundary),
            (&root, all),
            (&account, scp),
            ("ActionNames.member.1", action),
            ("ResourceArns.member.1", "arn:aws:s3:::b/x"),
        ];
        good(&ask_with(&world, "SimulateCustomPolicy", &parameters, headers))
    };
    let told = |xml: &str| {
        let outcome = first(xml, "EvalDecision").to_owned();
        let both =
            ["AllowedByPermissionsBoundary", "AllowedByOrganizations"].map(|name| first(xml, name) == "true");
        (outcome, both, xml.contains("<EvalDecisionDetails>"))
    };
    let words = |word: &str, both, has_details| (word.to_owned(), both, has_details);
    assert_eq!(told(&simulate("s3:GetObject", reads, all, &[])), words("allowed", [true, true], true));
    assert_eq!(told(&simulate("s3:PutObject", reads, all, &[])), words("implicitDeny", [false, true], true));
    assert_eq!(told(&simulate("s3:PutObject", all, reads, &[])), words("implicitDeny", [true, false], false));
    let refused = simulate("s3:GetObject", all, denies, &[]);
    assert_eq!(told(&refused), words("explicitDeny", [true, false], false));
    // Neither statements nor keys of SCPs, unless they are asked for.
    assert_eq!(first(&refused, "MatchedStatements"), "");
    assert_eq!(first(&refused, "MissingContextValues"), "");
    let extended = simulate("s3:GetObject", all, denies, &[("Verdikt-Extended", "true")]);
    let id = "OrderedOrganizationPolicyInputList.2.ServiceControlPolicyInputList.1";
    assert_eq!(each(first(&extended, "MatchedStatements"), "SourcePolicyId"), [id]);
    assert_eq!(each(first(&extended, "MissingContextValues"), "member"), ["aws:RequestedRegion"]);
    // A level without policies allows nothing.
    let parameters = [
        ("PolicyInputList.member.1", all),
        ("OrderedOrganizationPolicyInputList.member.1.ServiceControlPolicyInputList", ""),
        ("ActionNames.member.1", "s3:GetObject"),
    ];
    assert_eq!(first(&custom(&world, &parameters), "AllowedByOrganizations"), "false");
}

#[test]
fn two_accounts_are_told_apart() {
    let world = World::start();
    let bucket = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:user/alice"},
        "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}}"#;
    let simulate = |action: &str, owner: &str| {
        custom(
            &world,
            &[
                ("PolicyInputList.member.1", POLICY),
                ("ResourcePolicy", bucket),
                ("CallerArn", USER),
                ("ResourceOwner", owner),
                ("ActionNames.member.1", action),
                ("ResourceArns.member.1", "arn:aws:s3:::b/x"),
            ],
        )
    };
    let details = |xml: &str| {
        let entries = first(xml, "EvalDecisionDetails").to_owned();
        let pairs = each(&entries, "key").into_iter().zip(each(&entries, "value"));
        pairs.map(|(key, value)| format!("{key}: {value}")).collect::<Vec<_>>()
    };
    let (own, foreign) = ("arn:aws:iam::111122223333:root", "arn:aws:iam::444455556666:root");
    let allowed = simulate("s3:GetObject", foreign);
    assert_eq!(first(&allowed, "EvalDecision"), "allowed");
    assert_eq!(details(&allowed), ["IAM Policy: allowed", "Resource Policy: allowed"]);
    assert_eq!(each(first(&allowed, "MatchedStatements"), "SourcePolicyType"), ["resource", "none"]);
    let denied = simulate("s3:PutObject", foreign);
    assert_eq!(first(&denied, "EvalDecision"), "implicitDeny");
    assert_eq!(details(&denied), ["IAM Policy: allowed", "Resource Policy: implicitDeny"]);
    let at_home = simulate("s3:PutObject", own);
    assert_eq!(first(&at_home, "EvalDecision"), "allowed");
    assert!(details(&at_home).is_empty());
}

#[test]
fn a_principal_is_simulated_with_what_the_store_attaches() {
    let world = World::start();
    let simulate = |action: &str, resource: &str, more: &[(&str, &str)]| {
        let mut parameters = vec![
            ("PolicySourceArn", ROLE),
            ("ActionNames.member.1", action),
            ("ResourceArns.member.1", resource),
            ("ContextEntries.member.1.ContextKeyName", "cognito-identity.amazonaws.com:sub"),
            ("ContextEntries.member.1.ContextKeyType", "string"),
            ("ContextEntries.member.1.ContextKeyValues.member.1", "us-east-1:alice"),
        ];
        parameters.extend(more);
        good(&ask(&world, "SimulatePrincipalPolicy", &parameters))
    };
    let (own, foreign) = (
        "arn:aws:s3:::photo-app/private/us-east-1:alice/cat.jpg",
        "arn:aws:s3:::photo-app/private/us-east-1:bob/cat.jpg",
    );
    let allowed = simulate("s3:GetObject", own, &[]);
    assert_eq!(first(&allowed, "EvalDecision"), "allowed");
    assert_eq!(first(&allowed, "SourcePolicyId"), "roles/user.json");
    assert_eq!(first(&allowed, "SourcePolicyType"), "role");
    assert_eq!(first(&allowed, "AllowedByPermissionsBoundary"), "true");
    assert_eq!(first(&allowed, "AllowedByOrganizations"), "true");
    assert_eq!(first(&simulate("s3:GetObject", foreign, &[]), "EvalDecision"), "implicitDeny");
    // What is stated is what would be.
    let everything =
        r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
    let more = [("PolicyInputList.member.1", everything)];
    let given = simulate("s3:GetObject", foreign, &more);
    assert_eq!((first(&given, "EvalDecision"), first(&given, "SourcePolicyType")), ("allowed", "none"));
    let bounded = simulate("s3:DeleteBucket", "arn:aws:s3:::photo-app", &more);
    assert_eq!(first(&bounded, "EvalDecision"), "explicitDeny");
    assert_eq!(first(&bounded, "AllowedByOrganizations"), "false");
    let exclude = |kind| [more[0], ("PolicyExclusionList.member.1.PolicyType", kind)];
    let bounded = simulate("s3:DeleteBucket", "arn:aws:s3:::photo-app", &exclude("scp"));
    assert_eq!(first(&bounded, "EvalDecision"), "implicitDeny");
    assert_eq!(first(&bounded, "AllowedByPermissionsBoundary"), "false");
    assert!(!bounded.contains("OrganizationsDecisionDetail"));
    let free = simulate("s3:ListBucket", "arn:aws:s3:::photo-app", &exclude("permission-boundary"));
    assert_eq!(first(&free, "EvalDecision"), "allowed");
    // Keys that the store knows are not missed.
    let tagged = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*",
        "Condition": {"StringEquals": {"aws:PrincipalTag/app": "photo"}}}}"#;
    let known = simulate("s3:GetObject", own, &[("PolicyInputList.member.1", tagged)]);
    assert_eq!(first(&known, "EvalDecision"), "explicitDeny");
}

#[test]
fn users_and_groups_are_simulated_too() {
    let folder = Folder::new("iam-groups");
    let store = copied(&folder);
    let manifest = store.join("verdikt.toml");
    let more = r#"
        [[group]]
        arn = "arn:aws:iam::111122223333:group/apps/readers"
        policies = ["roles/guest.json"]
        [[user]]
        arn = "arn:aws:iam::111122223333:user/alice"
        groups = ["readers"]
"#;
    std::fs::write(&manifest, std::fs::read_to_string(&manifest).unwrap() + more).unwrap();
    let world = World::with(|config| config.store = store);
    let simulate = |source: &str, resource: &str| {
        let parameters = [
            ("PolicySourceArn", source),
            ("ActionNames.member.1", "s3:GetObject"),
            ("ResourceArns.member.1", resource),
        ];
        good(&ask(&world, "SimulatePrincipalPolicy", &parameters))
    };
    let (group, open) =
        ("arn:aws:iam::111122223333:group/apps/readers", "arn:aws:s3:::photo-app/public/sea.jpg");
    for (source, kind) in [(group, "group"), (USER, "user")] {
        let xml = simulate(source, open);
        assert_eq!(first(&xml, "EvalDecision"), "allowed", "{source}");
        assert_eq!(
            (first(&xml, "SourcePolicyId"), first(&xml, "SourcePolicyType")),
            ("roles/guest.json", kind)
        );
        assert_eq!(first(&xml, "AllowedByOrganizations"), "true");
        assert_eq!(
            first(&simulate(source, "arn:aws:s3:::photo-app/private/x"), "EvalDecision"),
            "implicitDeny"
        );
        let keys = ask(&world, "GetContextKeysForPrincipalPolicy", &[("PolicySourceArn", source)]);
        good(&keys);
    }
    let unknown =
        ask(&world, "GetContextKeysForPrincipalPolicy", &[("PolicySourceArn", &group.replace("apps/", ""))]);
    assert_eq!(error(&unknown).1, "NoSuchEntity");
}

#[test]
fn pages_follow_each_other() {
    let world = World::start();
    let names: Vec<String> = (1..=5).map(|n| format!("ActionNames.member.{n}")).collect();
    let actions = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:HeadObject", "s3:ListBucket"];
    let page = |marker: Option<&str>, items: &str, policy: &str| {
        let mut parameters = vec![("PolicyInputList.member.1", policy), ("MaxItems", items)];
        parameters.extend(names.iter().map(String::as_str).zip(actions));
        parameters.extend(marker.map(|marker| ("Marker", marker)));
        ask(&world, "SimulateCustomPolicy", &parameters)
    };
    let (mut seen, mut marker, mut pages) = (Vec::new(), None, 0);
    loop {
        let xml = good(&page(marker.as_deref(), "2", POLICY));
        pages += 1;
        seen.extend(each(&xml, "EvalActionName").into_iter().map(str::to_owned));
        let is_truncated = first(&xml, "IsTruncated") == "true";
        assert_eq!(is_truncated, xml.contains("<Marker>"));
        if !is_truncated {
            break;
        }
        marker = Some(first(&xml, "Marker").to_owned());
    }
    assert_eq!((pages, seen), (3, actions.map(str::to_owned).to_vec()));
    let marker = good(&page(None, "2", POLICY));
    let marker = first(&marker, "Marker");
    // A page may be of another size, and not of another request.
    assert_eq!(each(&good(&page(Some(marker), "1000", POLICY)), "EvalActionName").len(), 3);
    let other = POLICY.replace("keep", "kept");
    for answer in
        [page(Some(marker), "2", &other), page(Some("nonsense"), "2", POLICY), page(Some("9-"), "2", POLICY)]
    {
        let (status, code, message) = error(&answer);
        assert_eq!((status, code.as_str()), (400, "InvalidInput"));
        assert!(message.contains("`Marker`"), "{message}");
    }
}

#[test]
fn context_keys_of_policies() {
    let world = World::start();
    let policy = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::b/${aws:username}/*",
        "Condition": {"StringEquals": {"AWS:UserName": "alice", "s3:prefix": "x"}}}}"#;
    let xml = good(&ask(&world, "GetContextKeysForCustomPolicy", &[("PolicyInputList.member.1", policy)]));
    assert!(xml.contains("<GetContextKeysForCustomPolicyResult><ContextKeyNames><member>"), "{xml}");
    let mut names: Vec<String> = each(&xml, "member").into_iter().map(str::to_lowercase).collect();
    names.sort();
    assert_eq!(names, ["aws:username", "s3:prefix"]);
    let parameters = [("PolicySourceArn", ROLE), ("PolicyInputList.member.1", policy)];
    let xml = good(&ask(&world, "GetContextKeysForPrincipalPolicy", &parameters));
    let names: Vec<String> = each(&xml, "member").into_iter().map(str::to_lowercase).collect();
    for name in ["cognito-identity.amazonaws.com:sub", "dynamodb:leadingkeys", "s3:prefix"] {
        assert!(names.iter().any(|one| one == name), "{name} in {names:?}");
    }
    // The keys of the boundary and of SCPs are not among them.
    let own = good(&ask(&world, "GetContextKeysForPrincipalPolicy", &parameters[..1]));
    assert_eq!(each(&own, "member").len(), 2);
}

/// As many keys as a body holds are told within the time of a request.
#[test]
fn keys_of_a_huge_policy_are_told_in_time() {
    let policy = |number: usize| {
        let keys: Vec<String> = (0..6_000).map(|key| format!("\"app:{number}-{key}\":\"\"")).collect();
        let keys = keys.join(",");
        format!(
            r#"{{"Statement":{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{{"StringEquals":{{{keys}}}}}}}}}"#
        )
    };
    let policies: Vec<_> =
        (0..10).map(|number| (format!("PolicyInputList.member.{}", number + 1), policy(number))).collect();
    let parameters: Vec<_> = policies.iter().map(|(name, policy)| (name.as_str(), policy.as_str())).collect();
    let world = World::start();
    let xml = good(&ask(&world, "GetContextKeysForCustomPolicy", &parameters));
    assert_eq!(each(&xml, "member").len(), 60_000);
}
#[test]
fn what_cannot_be_honoured_is_refused_by_name() {
    let world = World::start();
    let base = [("PolicyInputList.member.1", POLICY), ("ActionNames.member.1", "s3:GetObject")];
    let entry = |kind: &'static str, values: &[&'static str]| {
        let mut parameters = vec![
            ("ContextEntries.member.1.ContextKeyName", "example:key"),
            ("ContextEntries.member.1.ContextKeyType", kind),
        ];
        let names = [
            "ContextEntries.member.1.ContextKeyValues.member.1",
            "ContextEntries.member.1.ContextKeyValues.member.2",
        ];
        parameters.extend(names.into_iter().zip(values.iter().copied()));
        parameters
    };
    let bucket = r#"{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}}"#;
    let cases: Vec<(Vec<(&str, &str)>, &str)> = vec![
        (vec![("Nonsense", "1")], "`Nonsense`"),
        (vec![("PolicySourceArn", ROLE)], "`PolicySourceArn`"),
        (vec![("ActionNames.member.3", "s3:PutObject")], "`ActionNames`"),
        (vec![("ActionNames.member.2", "s3:*")], "`s3:*`"),
        (vec![("ActionNames.member.2", "s3")], "`ActionNames.member.2`"),
        (vec![("ResourceArns.member.1", "bucket")], "`bucket`"),
        (vec![("ResourcePolicy", bucket)], "`CallerArn`"),
        (vec![("ResourcePolicy", bucket), ("CallerArn", USER)], "`ResourcePolicy` does not apply"),
        (vec![("ResourcePolicy", bucket), ("CallerArn", USER), ("ResourceArns.member.1", ROLE)], "roles"),
        (vec![("CallerArn", "arn:aws:sts::111122223333:assumed-role/r/s")], "`CallerArn`"),
        (vec![("CallerArn", "lambda.amazonaws.com")], "`CallerArn`"),
        (vec![("CallerArn", "arn:aws:iam::111122223333:group/g")], "a group"),
        (vec![("ResourceOwner", USER)], "`ResourceOwner`"),
        (vec![("ResourceHandlingOption", "EC2-VPC-EBS")], "type instance"),
        (vec![("ResourceHandlingOption", "EC2-Classic-EBS")], "`ResourceHandlingOption`"),
        (vec![("MaxItems", "0")], "`MaxItems`"),
        (vec![("MaxItems", "1001")], "`MaxItems`"),
        (
            vec![("PolicyInputList.member.2", "{\n\"Statement\": 1}")],
            "`PolicyInputList.2` is no identity-based policy: line 2",
        ),
        (vec![("PolicyInputList.member.2", "{\"Statement\": \"\u{2603}\"}")], "U+2603"),
        (
            vec![
                ("PermissionsBoundaryPolicyInputList.member.1", POLICY),
                ("PermissionsBoundaryPolicyInputList.member.2", POLICY),
            ],
            "takes one policy",
        ),
        (vec![("ContextEntries.member.1.ContextKeyName", "a:b")], "takes 5 to 256"),
        (entry("text", &["x"]), "ContextKeyType"),
        (entry("string", &["x", "y"]), "`List`"),
        (entry("string", &[]), "`List`"),
        (entry("numeric", &["1e3"]), "no numeric"),
        (entry("booleanList", &["true", "yes"]), "no boolean"),
        (entry("ip", &["203.0.113.0/24"]), "no ip"),
        (entry("date", &["2024"]), "no date"),
        (entry("binary", &["qujd="]), "no binary"),
    ];
    for (more, named) in cases {
        let parameters: Vec<_> = base.iter().chain(&more).copied().collect();
        let (status, code, message) = error(&ask(&world, "SimulateCustomPolicy", &parameters));
        assert_eq!((status, code.as_str()), (400, "InvalidInput"), "{more:?}: {message}");
        assert!(message.contains(named), "{more:?}: {message}");
    }
    let principal = |more: &[(&str, &str)]| {
        let parameters: Vec<_> = base[1..].iter().chain(more).copied().collect();
        error(&ask(&world, "SimulatePrincipalPolicy", &parameters))
    };
    let (status, code, message) = principal(&[("PolicySourceArn", USER)]);
    assert_eq!((status, code.as_str()), (404, "NoSuchEntity"), "{message}");
    for (more, named) in [
        (("PolicyExclusionList.member.1.PolicyType", "inline"), "inline"),
        (("PolicyExclusionList.member.1.PolicyArn", "arn:aws:iam::aws:policy/ReadOnlyAccess"), "inline"),
        (("OrderedOrganizationPolicyInputList.member.1.X", "1"), "OrderedOrganizationPolicyInputList"),
    ] {
        let (status, code, message) = principal(&[("PolicySourceArn", ROLE), more]);
        assert_eq!((status, code.as_str()), (400, "InvalidInput"), "{message}");
        assert!(message.contains(named), "{message}");
    }
}

#[test]
fn requests_that_are_none_are_refused_in_xml() {
    let world = World::start();
    let mut client = world.client();
    let form = ("Content-Type", "application/x-www-form-urlencoded");
    for (headers, body, status, code) in [
        (vec![form], "", 400, "MissingAction"),
        (vec![form], "Action=SimulateCustomPolicy&Version=2011-01-01", 400, "InvalidAction"),
        (vec![form], "Action=ListUsers&Version=2010-05-08", 400, "InvalidAction"),
        (vec![form], "Action=SimulateCustomPolicy&Version=2010-05-08", 400, "InvalidInput"),
        (vec![form], "Action=%ff", 400, "InvalidInput"),
        (vec![form], "Action=A&Action=A", 400, "InvalidInput"),
        (vec![("Content-Type", "application/json")], "{}", 415, "UnsupportedMediaType"),
    ] {
        let (told, own, message) = error(&client.ask("POST", "/", &headers, body.as_bytes()));
        assert_eq!((told, own.as_str()), (status, code), "{body}: {message}");
    }
    let xml = client.get("/");
    assert_eq!(error(&xml).1, "MissingAction");
}

#[test]
fn signatures_of_aws_are_no_tokens_and_their_sessions_are() {
    let parameters = [("PolicyInputList.member.1", POLICY), ("ActionNames.member.1", "s3:GetObject")];
    let signed = ("Authorization", "AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-1/iam/aws4_request");
    let open = World::start();
    good(&ask_with(&open, "SimulateCustomPolicy", &parameters, &[signed]));
    let folder = Folder::new("iam-tokens");
    let world = World::with(|config| config.tokens = Some(tokens(&folder)));
    let status = |headers: &[(&str, &str)]| {
        let answer = ask_with(&world, "SimulateCustomPolicy", &parameters, headers);
        if answer.status == 200 { (200, String::new()) } else { (answer.status, error(&answer).1) }
    };
    let good = (200, String::new());
    assert_eq!(status(&[signed]), (401, "MissingAuthenticationToken".to_owned()));
    assert_eq!(status(&[signed, ("X-Amz-Security-Token", TOKEN)]), good);
    assert_eq!(status(&[signed, ("Verdikt-Token", TOKEN)]), good);
    let bearer = format!("Bearer {TOKEN}");
    assert_eq!(status(&[("Authorization", &bearer)]), good);
    assert_eq!(
        status(&[signed, ("X-Amz-Security-Token", "another-token-of-nobody")]),
        (401, "InvalidClientTokenId".to_owned())
    );
    assert_eq!(
        status(&[signed, ("X-Amz-Security-Token", "a-token-of-the-scraper")]),
        (403, "AccessDenied".to_owned())
    );
    // Elsewhere the header of AWS is no token.
    let answer = world.client().ask("POST", "/v1/decide", &[("X-Amz-Security-Token", TOKEN)], b"{}");
    assert_eq!(answer.status, 401);
}

#[test]
fn simulated_decisions_are_counted() {
    let world = World::start();
    custom(&world, &[("PolicyInputList.member.1", POLICY), ("ActionNames.member.1", "s3:GetObject")]);
    let line = r#"verdikt_decisions_total{contract="iam",outcome="implicitDeny"}"#;
    assert!((world.metric(line) - 1.0).abs() < f64::EPSILON);
}

/// What would be, if the principal were tagged otherwise.
#[test]
fn what_is_stated_stands_before_what_the_store_knows() {
    let world = World::start();
    let tagged = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalTag/app": "photo"}}}]}"#;
    let simulate = |more: &[(&str, &str)]| {
        let own = [
            ("PolicySourceArn", ROLE),
            ("PolicyInputList.member.1", tagged),
            ("ActionNames.member.1", "s3:GetObject"),
            ("ResourceArns.member.1", "arn:aws:s3:::photo-app/public/sea.jpg"),
        ];
        good(&ask(&world, "SimulatePrincipalPolicy", &[&own, more].concat()))
    };
    assert_eq!(first(&simulate(&[]), "EvalDecision"), "explicitDeny");
    let stated = [
        ("ContextEntries.member.1.ContextKeyName", "AWS:principaltag/app"),
        ("ContextEntries.member.1.ContextKeyType", "string"),
        ("ContextEntries.member.1.ContextKeyValues.member.1", "other"),
    ];
    assert_eq!(first(&simulate(&stated), "EvalDecision"), "allowed");
}

/// A key of the catalogue has its arity where no type is given.
#[test]
fn a_key_of_several_values_needs_no_type() {
    let world = World::start();
    let policy = |operator: &str| {
        format!(
            r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Action": "*", "Resource": "*",
            "Condition": {{"{operator}": {{"aws:TagKeys": ["a", "b"]}}}}}}}}"#
        )
    };
    let simulate_by = |operator: &str, values: &[&'static str]| {
        let names =
            ["1", "2"].map(|place| format!("ContextEntries.member.1.ContextKeyValues.member.{place}"));
        let policy = policy(operator);
        let mut parameters = vec![
            ("PolicyInputList.member.1", policy.as_str()),
            ("ActionNames.member.1", "s3:GetObject"),
            ("ContextEntries.member.1.ContextKeyName", "aws:TagKeys"),
        ];
        parameters.extend(names.iter().map(String::as_str).zip(values.iter().copied()));
        first(&custom(&world, &parameters), "EvalDecision").to_owned()
    };
    let simulate = |values: &[&'static str]| simulate_by("ForAllValues:StringEquals", values);
    assert_eq!(
        [simulate(&["a", "b"]), simulate(&["a", "c"]), simulate(&["b"])],
        ["allowed", "implicitDeny", "allowed"]
    );
    // One value alone is a list too, which no operator without `ForAllValues` or `ForAnyValue` reads.
    assert_eq!(simulate_by("StringEquals", &["b"]), "implicitDeny");
    assert_eq!(simulate_by("ForAnyValue:StringEquals", &["b"]), "allowed");
}

/// The account in an ARN owns the resource, whatever `ResourceOwner` says: across accounts an identity alone allows nothing.
#[test]
fn the_account_in_an_arn_owns_the_resource() {
    let world = World::start();
    let all =
        r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
    let simulate = |account: &str| {
        let table = format!("arn:aws:dynamodb:us-east-1:{account}:table/notes");
        let parameters = [
            ("PolicyInputList.member.1", all),
            ("CallerArn", USER),
            ("ResourceOwner", "arn:aws:iam::111122223333:root"),
            ("ActionNames.member.1", "dynamodb:GetItem"),
            ("ResourceArns.member.1", &table),
        ];
        first(&custom(&world, &parameters), "EvalDecision").to_owned()
    };
    assert_eq!([simulate("111122223333"), simulate("444455556666")], ["allowed", "implicitDeny"]);
}

/// All pages of a principal's simulation are of one revision of the store.
#[test]
fn a_marker_is_not_good_after_a_reload() {
    let folder = Folder::new("iam-marker");
    let store = copied(&folder);
    let world = World::with(|config| config.store.clone_from(&store));
    let page = |marker: &[(&str, &str)]| {
        let own = [
            ("PolicySourceArn", ROLE),
            ("MaxItems", "1"),
            ("ActionNames.member.1", "s3:GetObject"),
            ("ActionNames.member.2", "s3:PutObject"),
        ];
        ask(&world, "SimulatePrincipalPolicy", &[&own, marker].concat())
    };
    let begun = page(&[]);
    let marker = first(&good(&begun), "Marker").to_owned();
    assert_eq!(first(&good(&page(&[("Marker", &marker)])), "EvalActionName"), "s3:PutObject");
    let manifest = store.join("verdikt.toml");
    let text = std::fs::read_to_string(&manifest).unwrap();
    super::world::replace(&manifest, &format!("{text}# again\n"));
    super::world::wait_until("the reload", || {
        page(&[]).header("verdikt-revision") != begun.header("verdikt-revision")
    });
    let (status, code, message) = error(&page(&[("Marker", &marker)]));
    assert_eq!(
        (status, code.as_str(), message.contains("`Marker`")),
        (400, "InvalidInput", true),
        "{message}"
    );
}
