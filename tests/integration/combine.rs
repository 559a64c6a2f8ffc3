//! The truth table of `combine`, walked whole against the rules written as formulas.

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

fn allows() -> Vec<Allows> {
    let mut all = Vec::new();
    for scps in OPTIONAL {
        for rcps in OPTIONAL {
            for resource in GRADES {
                for identity in BOTH {
                    for permissions_boundary in OPTIONAL {
                        for session in OPTIONAL {
                            for vpc_endpoint in OPTIONAL {
                                let row = [
                                    (Layer::Scp, scps),
                                    (Layer::Rcp, rcps),
                                    (Layer::Identity, Some(identity)),
                                    (Layer::PermissionsBoundary, permissions_boundary),
                                    (Layer::Session, session),
                                    (Layer::VpcEndpoint, vpc_endpoint),
                                ];
                                all.push(row.into_iter().fold(
                                    Allows::NOTHING.with(Layer::Resource, resource),
                                    |allows, (layer, says)| match says {
                                        None => allows,
                                        Some(true) => allows.with(layer, Grade::Direct),
                                        Some(false) => allows.with(layer, Grade::None),
                                    },
                                ));
                            }
                        }
                    }
                }
            }
        }
    }
    all
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

#[test]
fn the_whole_truth_table() {
    let rows = every_row();
    assert_eq!(rows.len(), 4 * 3 * 4 * 3 * 3 * 4 * 2 * 3 * 3 * 3);
    for (facts, allows) in rows {
        let verdict = combine(facts, allows);
        let allowed = !matches!(verdict, Verdict::Missing(_));
        assert_eq!(allowed, expected(facts, allows), "{facts:?} {allows:?} {verdict:?}");
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
