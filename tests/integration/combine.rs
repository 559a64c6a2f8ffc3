//! The truth table of `combine`, walked whole against the rules written as formulas.

use std::collections::HashSet;

use verdikt::Layer;
use verdikt::evaluate::combine::{Account, Allows, Caller, Facts, Grade, Verdict, combine};

const OPTIONAL: [Option<bool>; 3] = [None, Some(false), Some(true)];
const CALLERS: [Caller; 4] = [Caller::Iam, Caller::Federated, Caller::Root, Caller::WithoutIdentity];
const GRADES: [Grade; 4] = [Grade::None, Grade::Account, Grade::Role, Grade::Direct];
const BOTH: [bool; 2] = [false, true];

fn every_row() -> Vec<(Facts, Allows)> {
    let mut rows = Vec::new();
    for caller in CALLERS {
        for account in [Account::Same, Account::Cross, Account::Unknown] {
            for (must_allow, mismatched_provider) in BOTH.iter().flat_map(|a| BOTH.map(|b| (*a, b))) {
                let facts = Facts { caller, account, must_allow, mismatched_provider };
                for row in allows() {
                    rows.push((facts, row));
                }
            }
        }
    }
    rows
}

/// What each layer says: not in use, silent, or allowing; the resource-based policy by its grade.
fn allows() -> Vec<Allows> {
    let others = [
        Layer::Scp,
        Layer::Rcp,
        Layer::Identity,
        Layer::PermissionsBoundary,
        Layer::Session,
        Layer::VpcEndpoint,
    ];
    let grades = GRADES.map(|grade| Allows::NOTHING.with(Layer::Resource, grade));
    let start = [vec![Allows::NOTHING], grades.to_vec()].concat();
    others.into_iter().fold(start, |rows, layer| {
        let with = |allows: &Allows, says: Option<bool>| match says {
            None => *allows,
            Some(true) => allows.with(layer, Grade::Direct),
            Some(false) => allows.with(layer, Grade::None),
        };
        rows.iter().flat_map(|allows| OPTIONAL.map(|says| with(allows, says))).collect()
    })
}

/// "Policy evaluation logic" and "Cross-account policy evaluation logic" of the IAM User Guide, as formulas.
fn expected(facts: Facts, a: Allows) -> bool {
    let root = facts.caller == Caller::Root;
    let identity = a.get(Layer::Identity) == Some(true) || root;
    let boundary = root || a.get(Layer::PermissionsBoundary).unwrap_or(true);
    let session = root || a.get(Layer::Session).unwrap_or(facts.caller != Caller::Federated);
    let own = identity && boundary && session;
    let direct = a.resource() == Grade::Direct;
    let by_role = a.resource() == Grade::Role && boundary && session;
    let named = a.resource() != Grade::None;
    let same = direct || by_role || (own && (named || !facts.must_allow));
    let cross = named && own;
    let core = match (facts.caller, facts.account) {
        _ if facts.mismatched_provider => false,
        (Caller::WithoutIdentity, _) => named,
        (_, Account::Same) => same,
        (_, Account::Cross) => cross,
        (_, Account::Unknown) => same && cross,
    };
    let limits = [Layer::Scp, Layer::Rcp, Layer::VpcEndpoint];
    core && limits.iter().all(|layer| a.get(*layer) != Some(false))
}

/// Who takes part in an allow: a grant of the resource-based policy that is enough by itself, or that the account's own
/// side needs; otherwise the caller's own policies, or being root.
fn expected_verdict(facts: Facts, a: Allows) -> Verdict {
    let own_side_is_enough = facts.account == Account::Same && !facts.must_allow;
    let granted = match a.resource() {
        Grade::None => false,
        Grade::Account => !own_side_is_enough || facts.caller == Caller::WithoutIdentity,
        Grade::Role | Grade::Direct => true,
    };
    match (granted, facts.caller) {
        (true, _) => Verdict::AllowedByResource,
        (false, Caller::Root) => Verdict::AllowedAsRoot,
        (false, _) => Verdict::AllowedByIdentity,
    }
}

#[test]
fn the_whole_truth_table() {
    let rows = every_row();
    // Callers, accounts and two facts; the grades and no resource-based policy; six layers.
    assert_eq!(rows.len(), 4 * 3 * 4 * (4 + 1) * 3_usize.pow(6));
    let distinct: HashSet<_> = rows.iter().collect();
    assert_eq!(distinct.len(), rows.len());
    for (facts, allows) in rows {
        let verdict = combine(facts, allows);
        let allowed = !matches!(verdict, Verdict::Missing(_));
        assert_eq!(allowed, expected(facts, allows), "{facts:?} {allows:?} {verdict:?}");
        if allowed {
            assert_eq!(verdict, expected_verdict(facts, allows), "{facts:?} {allows:?}");
        }
    }
}

/// Giving the layer that a verdict names as missing never leaves the same layer missing, and in the end allows.
#[test]
fn a_missing_layer_is_one_that_would_help() {
    for (facts, mut allows) in every_row() {
        if facts.mismatched_provider {
            continue;
        }
        let mut given = Vec::new();
        let row = allows;
        while let Verdict::Missing(layer) = combine(facts, allows) {
            assert!(!given.contains(&layer), "{facts:?} {allows:?}: {layer:?} is missing though it allows");
            given.push(layer);
            allows = Layer::ALL.into_iter().fold(Allows::NOTHING, |allows, layer| {
                // A layer that is named though it is not in use is one that is needed.
                let grade = match row.get(layer) {
                    _ if given.contains(&layer) => Grade::Account,
                    None => return allows,
                    Some(_) if layer == Layer::Resource => row.resource(),
                    Some(true) => Grade::Direct,
                    Some(false) => Grade::None,
                };
                allows.with(layer, grade)
            });
        }
    }
}

/// A layer has as many levels as there are policies of it: each adds to the others, the same answer twice is that answer.
#[test]
fn levels_add_up() {
    for layer in Layer::ALL {
        for (first, second, allows) in [
            (Grade::Direct, Grade::Direct, true),
            (Grade::None, Grade::None, false),
            (Grade::Direct, Grade::None, false),
            (Grade::None, Grade::Direct, false),
        ] {
            let both = Allows::NOTHING.with(layer, first).with(layer, second);
            assert_eq!(both.get(layer), Some(allows), "{layer:?} {first:?} {second:?}");
            assert_eq!(both.is_silent(layer), !allows, "{layer:?} {first:?} {second:?}");
            for other in Layer::ALL.into_iter().filter(|other| *other != layer) {
                assert_eq!(both.get(other), None, "{layer:?} {other:?}");
            }
        }
    }
    for grade in GRADES {
        let twice = Allows::NOTHING.with(Layer::Resource, grade).with(Layer::Resource, grade);
        assert_eq!(twice.resource(), grade);
    }
}

/// What tests print of a row names the layers in use and the grant.
#[test]
fn a_row_is_printed_by_its_layers() {
    let row = Allows::NOTHING.with(Layer::Scp, Grade::None).with(Layer::Resource, Grade::Role);
    let text = format!("{row:?}");
    assert!(
        text.contains("Scp: false") && text.contains("Resource: true") && text.contains("Role"),
        "{text}"
    );
}
