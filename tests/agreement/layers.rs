//! The seven layers of a case. One of them holds the statement with the cell that is to be filled; the others mostly
//! let it decide.

use serde_json::{Map, Value, json};
use verdikt::evaluate::Layer;
use verdikt::policy::{Effect, Kind};

use crate::caller::CallerKind;
use crate::cell::Cell;
use crate::statement::{SURE, Wanted};
use crate::world::World;

/// Where the cell stands.
#[derive(Clone, Copy, Debug)]
struct Focus {
    layer: Layer,
    effect: Effect,
    cell: Cell,
}

impl World {
    /// The member `policies` of the case.
    pub fn policies(&mut self, cell: Cell) -> Value {
        let layer = self.focus_layer();
        let denies = layer == Layer::Rcp || self.dice.chance(42);
        let effect = if denies { Effect::Deny } else { Effect::Allow };
        let focus = Focus { layer, effect, cell };
        let mut policies = Map::new();
        for layer in Layer::ALL {
            let value = if layer == focus.layer || self.is_in_use(layer) {
                self.layer(layer, focus)
            } else if layer == Layer::Identity {
                json!([])
            } else {
                Value::Null
            };
            policies.insert(layer_name(layer).to_owned(), value);
        }
        Value::Object(policies)
    }

    /// A layer that concerns the caller, mostly.
    fn focus_layer(&mut self) -> Layer {
        let weights: [u32; 7] = match (self.caller.has_identity(), self.caller.kind) {
            (true, _) => [10, 8, 18, 40, 9, 8, 7],
            (false, CallerKind::Root) => [20, 20, 40, 0, 0, 0, 20],
            (false, _) => [1, 20, 60, 1, 0, 0, 18],
        };
        Layer::ALL[self.dice.weighted(&weights)]
    }

    fn is_in_use(&mut self, layer: Layer) -> bool {
        let percent = match layer {
            Layer::Resource if self.target.needs_resource_policy(&self.caller) => 94,
            Layer::Resource => 35,
            Layer::Identity if self.caller.has_identity() => 96,
            Layer::Identity => 20,
            Layer::Session if self.caller.kind == CallerKind::FederatedUser => 90,
            Layer::Scp | Layer::Rcp | Layer::PermissionsBoundary | Layer::Session | Layer::VpcEndpoint => 22,
        };
        self.dice.chance(percent)
    }

    fn layer(&mut self, layer: Layer, focus: Focus) -> Value {
        let kind = self.kind(layer);
        let here = Some(focus).filter(|focus| focus.layer == layer);
        match layer {
            Layer::Resource => {
                let statements = self.statements(kind, here);
                self.documents(kind, statements, false).remove(0)
            }
            Layer::Scp | Layer::Rcp => {
                let count = 1 + self.dice.weighted(&[5, 3, 1]);
                let at = self.dice.below(count);
                let mut levels: Vec<Value> = Vec::new();
                for level in 0..count {
                    levels.push(self.list(kind, here.filter(|_| level == at)));
                }
                Value::Array(levels)
            }
            _ => self.list(kind, here),
        }
    }

    fn kind(&self, layer: Layer) -> Kind {
        match layer {
            Layer::Scp => Kind::Scp,
            Layer::Rcp => Kind::Rcp,
            Layer::Resource if self.target.is_assumption() => Kind::TrustInUse,
            Layer::Resource => Kind::Resource,
            Layer::Identity => Kind::Identity,
            Layer::PermissionsBoundary => Kind::PermissionsBoundary,
            Layer::Session => Kind::Session,
            Layer::VpcEndpoint => Kind::VpcEndpoint,
        }
    }

    /// Documents with their names; none at all is an attachment that allows nothing.
    fn list(&mut self, kind: Kind, here: Option<Focus>) -> Value {
        if here.is_none() && self.dice.chance(4) {
            return json!([]);
        }
        let statements = self.statements(kind, here);
        let split = self.dice.chance(30);
        let documents = self.documents(kind, statements, split).into_iter();
        let named = documents
            .enumerate()
            .map(|(number, policy)| json!({"name": format!("p{number}"), "policy": policy}));
        Value::Array(named.collect())
    }

    /// What the statements of an attachment are to be.
    fn statements(&mut self, kind: Kind, here: Option<Focus>) -> Vec<Wanted> {
        let mut wanted = Vec::new();
        if let Some(Focus { effect, cell, .. }) = here {
            let conditions = self.dice.weighted(&[7, 2, 1]);
            let aim = if self.dice.chance(55) { SURE } else { 95 };
            wanted.push(Wanted { effect, aim, focus: Some(cell), conditions });
        }
        // Where an Allow holds the cell, another Allow would hide what it says.
        let allows = match here {
            Some(Focus { effect: Effect::Allow, .. }) => 8,
            Some(_) => 94,
            None => 91,
        };
        if kind != Kind::Rcp && self.dice.chance(allows) {
            let conditions = usize::from(self.dice.chance(5));
            let aim = if self.dice.chance(70) { SURE } else { 96 };
            wanted.push(Wanted { effect: Effect::Allow, aim, focus: None, conditions });
        }
        self.noise(kind, &mut wanted);
        self.dice.shuffle(&mut wanted);
        wanted
    }

    /// Statements that are there by chance; rarely many, most of them about the action, so that an index has to choose.
    fn noise(&mut self, kind: Kind, wanted: &mut Vec<Wanted>) {
        let is_long = self.dice.one_in(200);
        let count = if is_long { 24 } else { self.dice.weighted(&[74, 20, 5, 1]) };
        let denying = if is_long { self.dice.pick(&[5, 50, 95]) } else { 50 };
        let aim = if is_long { 70 } else { 45 };
        for _ in 0..count {
            let denies = kind == Kind::Rcp || self.dice.chance(denying);
            let effect = if denies { Effect::Deny } else { Effect::Allow };
            let conditions = self.dice.weighted(&[4, 4, 2]);
            wanted.push(Wanted { effect, aim, focus: None, conditions });
        }
    }

    /// The statements in one document or, where `split`, in one each.
    fn documents(&mut self, kind: Kind, wanted: Vec<Wanted>, split: bool) -> Vec<Value> {
        let mut documents = Vec::new();
        if kind == Kind::Rcp && self.dice.chance(95) {
            let full = json!({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"});
            documents.push(json!({"Version": "2012-10-17", "Statement": full}));
        }
        let mut rest = wanted.as_slice();
        while !rest.is_empty() {
            let (now, later) = rest.split_at(if split { 1 } else { rest.len() });
            let version = self.version(kind);
            let statements = now.iter().map(|wanted| self.statement(kind, *wanted, version)).collect();
            documents.push(self.document(statements, version));
            rest = later;
        }
        if documents.is_empty() {
            let version = self.version(kind);
            let wanted = Wanted { effect: Effect::Deny, aim: 10, focus: None, conditions: 1 };
            let statement = self.statement(kind, wanted, version);
            documents.push(self.document(vec![statement], version));
        }
        documents
    }
}

fn layer_name(layer: Layer) -> &'static str {
    match layer {
        Layer::Scp => "scps",
        Layer::Rcp => "rcps",
        other => other.as_str(),
    }
}
