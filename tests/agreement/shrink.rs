//! Makes a case smaller as long as it keeps what is wrong with it.

use serde_json::Value;

/// The smallest case that dropping one part after the other leads to.
pub fn shrink(case: &Value, mut still: impl FnMut(&Value) -> bool) -> Value {
    let mut smallest = case.clone();
    while let Some(smaller) = smaller(&smallest, &mut still) {
        smallest = smaller;
    }
    smallest
}

/// The first case with one part dropped or made plainer that still shows it; the largest parts first.
fn smaller(case: &Value, still: &mut impl FnMut(&Value) -> bool) -> Option<Value> {
    let mut paths = Vec::new();
    for part in ["/policies", "/request"] {
        if let Some(value) = case.pointer(part) {
            walk(value, part, &mut paths);
        }
    }
    paths.into_iter().find_map(|path| {
        let plainer =
            plainer(case.pointer(&path)).into_iter().filter_map(|plainer| with(case, &path, plainer));
        plainer.chain(without(case, &path)).find(|smaller| still(smaller))
    })
}

/// The case with another value at a path.
fn with(case: &Value, path: &str, value: Value) -> Option<Value> {
    let mut smaller = case.clone();
    *smaller.pointer_mut(path)? = value;
    (smaller != *case).then_some(smaller)
}

/// The paths of all values below, outer ones first.
fn walk(value: &Value, path: &str, paths: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let below = format!("{path}/{}", name.replace('~', "~0").replace('/', "~1"));
                paths.push(below.clone());
                walk(member, &below, paths);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                let below = format!("{path}/{index}");
                paths.push(below.clone());
                walk(item, &below, paths);
            }
        }
        _ => {}
    }
}

/// The case without what stands at a path.
fn without(case: &Value, path: &str) -> Option<Value> {
    let (parent, name) = path.rsplit_once('/')?;
    let mut smaller = case.clone();
    match smaller.pointer_mut(parent)? {
        Value::Object(members) => {
            members.remove(&name.replace("~1", "/").replace("~0", "~"))?;
        }
        Value::Array(items) => {
            let index: usize = name.parse().ok()?;
            items.remove(index);
        }
        _ => return None,
    }
    Some(smaller)
}

/// Plainer values in place of one: nothing, its only item, half of a text.
fn plainer(value: Option<&Value>) -> Vec<Value> {
    match value {
        Some(Value::Array(items)) if items.len() == 1 => vec![Value::Null, items[0].clone()],
        Some(Value::Array(_) | Value::Object(_)) => vec![Value::Null],
        Some(Value::String(text)) if text.len() > 1 => {
            let middle = (text.len() / 2..text.len()).find(|at| text.is_char_boundary(*at));
            let (left, right) = text.split_at(middle.unwrap_or(text.len()));
            let mut last = text.chars();
            last.next_back();
            vec![Value::from("*"), Value::from(left), Value::from(right), Value::from(last.as_str())]
        }
        _ => Vec::new(),
    }
}
