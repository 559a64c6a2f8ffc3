//! W8, the policy that an index helps least. The library's own benches make it; here it is only put into the form that
//! the engines are given.

// Much of what those benches share is for criterion only.
#[allow(dead_code, unused_imports, clippy::all, clippy::pedantic, reason = "another program's shared code")]
#[allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "another program's shared code")]
#[path = "../../common/mod.rs"]
mod common;

use common::workload::Values;

use crate::workload::{Asked, ContextKey, Form, Policy, Workload};

/// The workload with so many statements.
pub(crate) fn workload(statements: usize) -> Workload {
    let made = common::awkward::workload(statements);
    let policies = made.policies.into_iter();
    let asked = made.asked.into_iter().map(|asked| Asked {
        principal: asked.principal,
        action: asked.action,
        resource: asked.resource,
        context: asked.context.into_iter().map(context_key).collect(),
        expect: asked.expect,
    });
    Workload {
        name: "W8".to_owned(),
        policies: policies
            .map(|policy| Policy { kind: policy.kind, name: policy.name, text: policy.text })
            .collect(),
        asked: asked.collect(),
    }
}

fn context_key((name, values): (String, Values)) -> ContextKey {
    match values {
        Values::One(text) => ContextKey { name, texts: vec![text], form: Form::Text },
        Values::Many(texts) => ContextKey { name, texts, form: Form::Many },
    }
}
