//! The grammar of expressions: what is read, how it is printed, where a fault is.

use verdikt::service::dynamodb::expression::{
    Condition, Leaf, Leaves, MOST_BYTES, MOST_DEPTH, MOST_OPERATORS, Name, Projection, Update,
};

/// The top-level names of an expression, placeholders as they are.
pub(crate) fn heads<'a>(expression: &impl Leaves<'a>) -> Vec<&'a str> {
    let mut heads = Vec::new();
    expression.leaves(&mut |leaf| {
        if let Leaf::Path(path) = leaf {
            heads.push(match path.head {
                Name::Plain(text) | Name::Placeholder(text) => text,
            });
        }
    });
    heads
}

#[test]
fn conditions_are_read_whole() {
    for (text, printed, names) in [
        ("a=:v", "a = :v", &["a"][..]),
        ("a <> b.c[12].#d", "a <> b.c[12].#d", &["a", "b"]),
        ("(a) = (:v)", "a = :v", &["a"]),
        ("not NOT a < :v", "NOT (NOT (a < :v))", &["a"]),
        ("a = :v AnD b >= :v oR c <= :v", "((a = :v) AND (b >= :v)) OR (c <= :v)", &["a", "b", "c"]),
        ("a = :v AND (b = :v OR c = :v)", "(a = :v) AND ((b = :v) OR (c = :v))", &["a", "b", "c"]),
        ("a between :v and b and c = :v", "(a BETWEEN :v AND b) AND (c = :v)", &["a", "b", "c"]),
        ("a IN (:v, b, size(c))", "a IN (:v, b, size(c))", &["a", "b", "c"]),
        ("attribute_type ( #a , :v )", "attribute_type(#a, :v)", &["#a"]),
        (
            "contains(a, size(b)) AND begins_with(:v, c)",
            "(contains(a, size(b))) AND (begins_with(:v, c))",
            &["a", "b", "c"],
        ),
        ("and_ = :v AND ORDER = :v", "(and_ = :v) AND (ORDER = :v)", &["and_", "ORDER"]),
    ] {
        let condition = Condition::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(condition.to_string(), printed, "{text}");
        assert_eq!(heads(&condition), names, "{text}");
    }
}

#[test]
fn updates_and_projections_are_read_whole() {
    for (text, printed, names) in [
        ("set a=:v", "SET a = :v", &["a"][..]),
        (
            "SET a = a - :v, b[0] = if_not_exists(c, list_append(:v, d))",
            "SET a = (a - :v), b[0] = if_not_exists(c, list_append(:v, d))",
            &["a", "a", "b", "c", "d"],
        ),
        (
            "ADD a :v REMOVE b, c.d DELETE e :v SET f = (:v + g)",
            "SET f = (:v + g) ADD a :v DELETE e :v REMOVE b, c.d",
            &["f", "g", "a", "e", "b", "c"],
        ),
    ] {
        let update = Update::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!((update.to_string().as_str(), heads(&update).as_slice()), (printed, names), "{text}");
    }
    let projection = Projection::parse("a , #b.c[0], d").unwrap();
    assert_eq!(
        (projection.to_string().as_str(), heads(&projection)),
        ("a, #b.c[0], d", vec!["a", "#b", "d"])
    );
}

#[test]
fn faults_are_told_with_their_place() {
    let mut wrong = Vec::new();
    for (text, at) in [
        ("", 0),
        ("a", 1),
        ("a =", 3),
        ("a = :", 4),
        ("a = # ", 4),
        ("a == :v", 3),
        ("a = :v b", 7),
        ("(a = :v", 7),
        ("a = :v)", 6),
        ("a = (b = :v)", 4),
        ("a IN ()", 6),
        ("a BETWEEN :v", 12),
        ("NOT a", 5),
        ("Size(a) = :v", 0),
        ("size(a)", 7),
        ("size(a, b) = :v", 0),
        ("attribute_exists(:v)", 0),
        ("attribute_exists(a) = :v", 20),
        ("if_not_exists(a, :v) = :v", 0),
        ("a.b. = :v", 5),
        ("a[x] = :v", 2),
        ("a[-1] = :v", 2),
        ("1a = :v", 0),
        ("a-b = :v", 1),
        ("é = :v", 0),
        ("a = 'x'", 4),
        ("a = 1", 4),
        ("a = :v -- b", 7),
        ("a.b.c.AND = :v", 6),
    ] {
        match Condition::parse(text) {
            Err(error) if error.at == at => {}
            other => wrong.push(format!("{text}, {at}: {other:?}")),
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    for text in [
        "",
        "SET",
        "SET a",
        "SET a = ",
        "SET a = size(b)",
        "SET a = :v SET b = :v",
        "REMOVE a, REMOVE b",
        "ADD a b",
        "ADD a :v, DELETE b :v",
        "SET a = :v + :v + :v",
        "a = :v",
        "SET a = :v,",
        "SET set = :v",
    ] {
        assert!(Update::parse(text).is_err(), "{text}");
    }
    for text in ["", ",", "a,", "a b", "*", "size(a)", ":v", "a.*"] {
        assert!(Projection::parse(text).is_err(), "{text}");
    }
}

#[test]
fn limits_are_met_exactly() {
    let padded = |length: usize| format!("{:length$}", "a=:v");
    assert!(Condition::parse(&padded(MOST_BYTES)).is_ok());
    assert!(Condition::parse(&padded(MOST_BYTES + 1)).is_err());
    // Each comparison is an operator, and so is each `AND` between two.
    let chain = |count: usize| vec!["a=:v"; count].join(" AND ");
    assert!(Condition::parse(&chain(MOST_OPERATORS / 2)).is_ok());
    assert!(Condition::parse(&chain(MOST_OPERATORS / 2 + 1)).is_err());
    let deep = |count: usize| format!("{}a=:v{}", "(".repeat(count), ")".repeat(count));
    assert!(Condition::parse(&deep(MOST_DEPTH - 1)).is_ok());
    assert!(Condition::parse(&deep(MOST_DEPTH)).is_err());
    assert!(Condition::parse(&deep(2_000)).is_err());
    assert!(Condition::parse(&"NOT ".repeat(1_000)).is_err());
    assert!(Update::parse(&format!("SET a = {}:v{}", "(".repeat(2_000), ")".repeat(2_000))).is_err());
}
