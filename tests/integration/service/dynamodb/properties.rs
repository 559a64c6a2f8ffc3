//! Properties: an expression printed and read again is the same; names in placeholders change nothing; no value changes
//! what is checked.

use proptest::prelude::*;
use verdikt::service::dynamodb::expression::{Condition, Projection, Update};
use verdikt::service::{Check, Value};

use super::{dynamodb, target};

fn path() -> impl Strategy<Value = String> {
    "[a-c_#][a-z0-9]{1,3}(\\.[a-z]{2,3}|\\[[0-9]{1,2}\\]){0,2}".prop_filter("a keyword", |text| {
        let words = ["and", "or", "not", "in", "set", "add"];
        !text.split(['.', '[']).any(|word| words.contains(&word))
    })
}

fn operand() -> impl Strategy<Value = String> {
    prop_oneof![path(), ":[a-z0-9]{1,3}", path().prop_map(|path| format!("size({path})"))]
}

fn condition() -> impl Strategy<Value = String> {
    let comparison = (operand(), prop_oneof!["=", "<>", "<", "<=", ">", ">="], operand());
    let leaf = prop_oneof![
        comparison.prop_map(|(a, sign, b)| format!("{a}{sign}{b}")),
        (operand(), operand(), operand()).prop_map(|(a, b, c)| format!("{a} between {b} And {c}")),
        (operand(), operand()).prop_map(|(a, b)| format!("{a} in ({b},{a})")),
        path().prop_map(|a| format!("attribute_exists ({a})")),
        (path(), operand()).prop_map(|(a, b)| format!("begins_with({a},{b})")),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} AND {b}")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) or {b}")),
            inner.prop_map(|a| format!("NOT ( {a} )")),
        ]
    })
}

fn update() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        operand().prop_filter("no size", |text| !text.starts_with("size")),
        (path(), path()).prop_map(|(a, b)| format!("if_not_exists({a}, {b})")),
        (path(), path()).prop_map(|(a, b)| format!("{a} + list_append(({b}), :v)")),
    ];
    (path(), value, path(), path()).prop_map(|(a, b, c, d)| format!("remove {c} SET {a}={b} add {d} :w"))
}

/// Values of PartiQL, some of them operators of no concern.
fn value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("?".to_owned()),
        "[-+]?[0-9]{1,3}(\\.[0-9])?",
        "[a-z'?]{0,4}".prop_map(|text| format!("'{}'", text.replace('\'', "''"))),
        Just("missing".to_owned()),
        "(u|n|b|\"a b\"|notes|\"q\"\"q\")(\\.c|\\.\"d e\"|\\[0\\]){0,3}",
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(|all| format!("[{}]", all.join(", "))),
            prop::collection::vec(inner.clone(), 1..3).prop_map(|all| format!("<<{}>>", all.join(","))),
            inner.clone().prop_map(|one| format!("{{'a': {one}}}")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("list_append({a}, {b})")),
            (inner.clone(), inner).prop_map(|(a, b)| format!("{a} + {b}")),
        ]
    })
}

/// What follows `WHERE`.
fn filter() -> impl Strategy<Value = String> {
    let key =
        prop_oneof![Just("u".to_owned()), Just("\"u\"".to_owned()), Just("notes.u".to_owned()), value()];
    let leaf = prop_oneof![
        (key.clone(), value()).prop_map(|(a, b)| format!("{a} = {b}")),
        (key.clone(), value(), value()).prop_map(|(a, b, c)| format!("{a} IN [{b}, {c}]")),
        (key.clone(), value()).prop_map(|(a, b)| format!("{a} not in ({b})")),
        (key.clone(), value()).prop_map(|(a, b)| format!("{a} <= {b}")),
        (key, value(), value()).prop_map(|(a, b, c)| format!("{a} between {b} and {c}")),
        value().prop_map(|a| format!("{a} IS NOT MISSING")),
        value().prop_map(|a| format!("begins_with({a}, 'x')")),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} AND {b}")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} or ({b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} OR {b}) and {a}")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} AND {b}) and {b}")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} OR {b}) or {b}")),
            inner.prop_map(|a| format!("NOT ({a})")),
        ]
    })
}

fn statement() -> impl Strategy<Value = String> {
    prop_oneof![
        (prop::collection::vec(value(), 1..3), filter()).prop_map(|(list, filter)| format!(
            "SELECT {} FROM \"posts\".\"by-game\" WHERE {filter} ORDER BY u desc, b.c",
            list.join(", ")
        )),
        filter().prop_map(|filter| format!("select * from notes where {filter}")),
        filter().prop_map(|filter| format!("EXISTS(SELECT * FROM notes WHERE {filter})")),
        value().prop_map(|value| format!("INSERT INTO notes value {{'u': ?, 'it''s': {value}}}")),
        (value(), filter()).prop_map(|(value, filter)| format!(
            "UPDATE notes SET b = {value}, n.x = 1 REMOVE \"a b\"[2] WHERE {filter} RETURNING MODIFIED OLD *"
        )),
        filter().prop_map(|filter| format!("DELETE FROM notes WHERE {filter} returning all old *")),
    ]
}

fn checks(body: &str, operation: &str) -> Vec<Check> {
    dynamodb().translate(&target(operation), body.as_bytes()).unwrap().checks
}

proptest! {
    #[test]
    fn what_is_printed_reads_back_the_same(condition in condition(), update in update(), path in path()) {
        let read = Condition::parse(&condition).unwrap();
        let printed = read.to_string();
        let again = Condition::parse(&printed).unwrap();
        prop_assert_eq!(super::expressions::heads(&read), super::expressions::heads(&again));
        prop_assert_eq!(read, again);
        let read = Update::parse(&update).unwrap();
        let printed = read.to_string();
        prop_assert_eq!(&read, &Update::parse(&printed).unwrap());
        let read = Projection::parse(&path).unwrap();
        prop_assert_eq!(read.to_string(), path);
    }

    /// A statement is printed as one that reads back the same, and makes the same checks or is refused alike.
    #[test]
    fn a_statement_that_is_printed_reads_back_the_same(text in statement()) {
        use verdikt::service::dynamodb::partiql::Statement;
        let (read, parameters) = Statement::parse(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let printed = read.to_string();
        let again = Statement::parse(&printed).unwrap_or_else(|error| panic!("{printed}: {error}"));
        prop_assert_eq!((&read, parameters), (&again.0, again.1), "{}", printed);
        prop_assert_eq!(again.0.to_string(), printed.clone());
        let body = |text: &str| {
            let parameters: Vec<_> = (0..parameters).map(|at| serde_json::json!({"S": format!("v{at}")})).collect();
            let mut body = serde_json::json!({"Statement": text});
            if !parameters.is_empty() {
                body["Parameters"] = parameters.into();
            }
            body.to_string()
        };
        let made = |text: &str| dynamodb().translate(&target("ExecuteStatement"), body(text).as_bytes()).ok();
        prop_assert_eq!(made(&text), made(&printed), "{}", printed);
    }

    #[test]
    fn no_text_is_read_twice_or_breaks_the_reader(text in "\\PC{0,60}") {
        let read = |text: &str| Condition::parse(text).map(|read| read.to_string());
        prop_assert_eq!(read(&text), read(&text));
        let _ = verdikt::service::dynamodb::partiql::Statement::parse(&text);
    }

    /// A hostile value is a value: it stands in the leading keys as it is, and the table is what it was.
    #[test]
    fn a_value_changes_nothing_but_its_key(value in "\\PC{1,40}|.*[:/*?${}'\"#|,].*") {
        prop_assume!(!value.is_empty());
        let text = serde_json::to_string(&value).unwrap();
        let quoted = serde_json::to_string(&format!("SELECT * FROM notes WHERE u = '{}'", value.replace('\'', "''"))).unwrap();
        for (operation, body) in [
            ("GetItem", format!(r#"{{"TableName":"notes","Key":{{"u":{{"S":{text}}}}}}}"#)),
            ("PutItem", format!(r#"{{"TableName":"notes","Item":{{"u":{{"S":{text}}}}}}}"#)),
            ("Query", format!(r#"{{"TableName":"notes","KeyConditionExpression":"u=:v","ExpressionAttributeValues":{{":v":{{"S":{text}}}}}}}"#)),
            ("ExecuteStatement", format!(r#"{{"Statement":"SELECT * FROM notes WHERE u = ?","Parameters":[{{"S":{text}}}]}}"#)),
            ("ExecuteStatement", format!(r#"{{"Statement":{quoted}}}"#)),
        ] {
            let checks = checks(&body, operation);
            prop_assert_eq!(checks.len(), 1);
            prop_assert_eq!(&checks[0].resource, &format!("{}table/notes", super::HOME));
            let leading = &checks[0].context[0];
            prop_assert_eq!(leading, &("dynamodb:LeadingKeys".into(), Value::Many(vec![value.clone()])));
        }
    }

    /// `#p` is the name that it stands for, whatever that is.
    #[test]
    fn a_placeholder_is_the_name_it_stands_for(name in "[a-z]{4,8}") {
        prop_assume!(!["between", "remove", "delete"].contains(&name.as_str()));
        let plain = format!(r#"{{"TableName":"notes","FilterExpression":"{name}.x = {name}"}}"#);
        let named = format!(r##"{{"TableName":"notes","FilterExpression":"#p.x = #p","ExpressionAttributeNames":{{"#p":"{name}"}}}}"##);
        prop_assert_eq!(checks(&plain, "Scan"), checks(&named, "Scan"));
    }
}
