//! Typed calls make the checks that their JSON makes.

use verdikt::service::dynamodb::call::{
    DeleteItem, GetItem, PutItem, Query, ReturnValues, TransactWriteItem, TransactWriteItems, UpdateItem,
};
use verdikt::service::dynamodb::wire::{AttributeValue, Item};
use verdikt::service::dynamodb::{Call, ControlCall, DynamoDb, Schemas};

use super::{dynamodb, target};

fn text(value: &str) -> AttributeValue<'_> {
    AttributeValue::S(value.into())
}

fn key(user: &str) -> Item<'_> {
    Item::from([("u", text(user))])
}

fn agree<S: Schemas>(dynamodb: &DynamoDb<S>, operation: &str, call: &Call<'_>, json: &str) {
    let typed = dynamodb.translate_call(call);
    assert_eq!(typed, dynamodb.translate(&target(operation), json.as_bytes()), "{json}");
    assert_eq!(typed.unwrap().operation, operation);
}

#[test]
fn a_typed_call_makes_the_checks_of_its_json() {
    let dynamodb = dynamodb();
    let get = GetItem { table_name: "notes".into(), key: key("alice"), ..GetItem::default() };
    let json = serde_json::to_string(&get).unwrap();
    agree(&dynamodb, "GetItem", &Call::GetItem(get), &json);
    let put = PutItem {
        table_name: "notes".into(),
        item: Item::from([("u", text("alice")), ("n", AttributeValue::N("1".into()))]),
        condition_expression: Some("attribute_not_exists(#n)".into()),
        expression_attribute_names: Some([("#n", "x".into())].into()),
        return_values: Some(ReturnValues::AllOld),
        ..PutItem::default()
    };
    let json = serde_json::to_string(&put).unwrap();
    agree(&dynamodb, "PutItem", &Call::PutItem(put), &json);
    let update = UpdateItem {
        table_name: "notes".into(),
        key: key("alice"),
        update_expression: Some("SET a = :v".into()),
        expression_attribute_values: Some([(":v", text("x"))].into()),
        ..UpdateItem::default()
    };
    let json = serde_json::to_string(&update).unwrap();
    agree(&dynamodb, "UpdateItem", &Call::UpdateItem(update), &json);
    let query = Query {
        table_name: "posts".into(),
        index_name: Some("by-game".into()),
        key_condition_expression: Some("g = :g".into()),
        expression_attribute_values: Some([(":g", text("chess"))].into()),
        ..Query::default()
    };
    let json = serde_json::to_string(&query).unwrap();
    agree(&dynamodb, "Query", &Call::Query(query), &json);
}

#[test]
fn so_do_transactions_and_the_control_plane() {
    let dynamodb = dynamodb();
    let delete = verdikt::service::dynamodb::call::Delete {
        table_name: "notes".into(),
        key: key("alice"),
        ..Default::default()
    };
    let member = TransactWriteItem { delete: Some(delete), ..TransactWriteItem::default() };
    let write = TransactWriteItems { transact_items: vec![member], ..TransactWriteItems::default() };
    let json = serde_json::to_string(&write).unwrap();
    agree(&dynamodb, "TransactWriteItems", &Call::TransactWriteItems(write), &json);
    let drop = ControlCall {
        operation: "DeleteTable".into(),
        table_name: Some("orders".into()),
        ..ControlCall::default()
    };
    agree(&dynamodb, "DeleteTable", &Call::Control(drop), r#"{"TableName":"orders"}"#);
    for operation in ["GetItem", "DropTable", ""] {
        let call = Call::Control(ControlCall { operation: operation.into(), ..ControlCall::default() });
        assert!(dynamodb.translate_call(&call).is_err(), "{operation}: no operation of the control plane");
    }
}

#[test]
fn a_typed_call_is_refused_as_its_json_is() {
    let delete = DeleteItem {
        table_name: "notes".into(),
        key: key("alice"),
        return_values: Some(ReturnValues::UpdatedNew),
        ..DeleteItem::default()
    };
    let json = serde_json::to_string(&delete).unwrap();
    let refused = dynamodb().translate(&target("DeleteItem"), json.as_bytes());
    assert!(refused.is_err());
    assert_eq!(dynamodb().translate_call(&Call::DeleteItem(delete)), refused);
}

/// A member of a typed call, as likely to be given as not, whether it fits the others or not.
fn given<T: Clone + std::fmt::Debug + 'static>(
    all: Vec<T>,
) -> impl proptest::strategy::Strategy<Value = Option<T>> {
    proptest::option::of(proptest::sample::select(all))
}

proptest::proptest! {
    #![proptest_config(crate::properties::config())]

    /// Whatever a typed call says, it makes the checks of its JSON, or is refused as it is.
    #[test]
    fn any_typed_call_makes_the_checks_of_its_json(
        table in proptest::sample::select(vec!["notes", "posts", "orders", "unheard-of", "x"]),
        user in "[a-z*?$:/]{0,6}",
        number in proptest::option::of("-?[0-9]{1,4}(\\.[0-9])?"),
        condition in given(vec!["attribute_exists(a)", "a.b = :v AND #n > :v", "a =", "size(#n) < :v"]),
        name in proptest::option::of("[a-z]{1,4}"),
        update in given(vec!["SET a = :v", "REMOVE #n", "ADD a :v", "SET", "SET a = if_not_exists(b.c, :v)"]),
        projection in given(vec!["a, b.c", "#n", "a,,b"]),
        returned in given(vec![ReturnValues::None, ReturnValues::AllOld, ReturnValues::UpdatedNew]),
        index in given(vec!["by-game", "unheard-of"]),
        key_condition in given(vec!["u = :v", "g = :v", "u = :v AND #n > :v", "u > :v"]),
    ) {
        let dynamodb = dynamodb();
        let mut item = key(&user);
        if let Some(number) = &number {
            item = Item::from([("u", text(&user)), ("n", AttributeValue::N(number.as_str().into()))]);
        }
        let names = || name.as_deref().map(|name| [("#n", name.into())].into());
        let values = || Some([(":v", text(&user))].into());
        let get = GetItem {
            table_name: table.into(),
            key: item.clone(),
            projection_expression: projection.map(Into::into),
            expression_attribute_names: names(),
            ..GetItem::default()
        };
        let put = PutItem {
            table_name: table.into(),
            item: item.clone(),
            condition_expression: condition.map(Into::into),
            expression_attribute_names: names(),
            expression_attribute_values: values().filter(|_| condition.is_some()),
            return_values: returned,
            ..PutItem::default()
        };
        let update = UpdateItem {
            table_name: table.into(),
            key: item,
            update_expression: update.map(Into::into),
            condition_expression: condition.map(Into::into),
            expression_attribute_names: names(),
            expression_attribute_values: values(),
            return_values: returned,
            ..UpdateItem::default()
        };
        let query = Query {
            table_name: table.into(),
            index_name: index.map(Into::into),
            key_condition_expression: key_condition.map(Into::into),
            projection_expression: projection.map(Into::into),
            expression_attribute_names: names(),
            expression_attribute_values: values(),
            ..Query::default()
        };
        let calls = [
            ("GetItem", serde_json::to_string(&get).unwrap(), Call::GetItem(get)),
            ("PutItem", serde_json::to_string(&put).unwrap(), Call::PutItem(put)),
            ("UpdateItem", serde_json::to_string(&update).unwrap(), Call::UpdateItem(update)),
            ("Query", serde_json::to_string(&query).unwrap(), Call::Query(query)),
        ];
        for (operation, json, call) in calls {
            let typed = dynamodb.translate_call(&call);
            proptest::prop_assert_eq!(&typed, &dynamodb.translate(&target(operation), json.as_bytes()), "{}", json);
        }
    }
}
