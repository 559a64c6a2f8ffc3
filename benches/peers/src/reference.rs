//! What the figures are held against: what the machine itself takes for small things.

use std::collections::HashMap;
use std::hint::black_box;

use memchr::memmem::Finder;

use crate::measure::Contestant;
use crate::workload::Workload;

/// The engine's name of the row that all others are measured in.
pub(crate) const LOOKUP: &str = "ref siphash lookup";

/// The unit: a hit in a map of 10,000 (action, resource) keys of about 65 bytes under the standard hasher, 16 keys in
/// turn. That is the whole decision of a caller that could list every answer beforehand.
pub(crate) struct Lookup {
    map: HashMap<String, bool>,
    keys: Vec<String>,
}

impl Lookup {
    pub(crate) fn new() -> Self {
        let key = |number: usize| {
            format!("s3:GetObject|arn:aws:s3:::bucket-{number:05}/data/2026/object-{number}.json")
        };
        Self {
            map: (0..10_000).map(|number| (key(number), true)).collect(),
            keys: (0..16).map(|number| key(number * 601)).collect(),
        }
    }

    pub(crate) fn contestant(&self) -> Contestant<'_> {
        Contestant::new(self.keys.len(), || {
            for key in &self.keys {
                black_box(self.map.get(black_box(key.as_str())));
            }
        })
    }
}

/// The loop that every row has around its calls.
pub(crate) fn empty_loop() -> Contestant<'static> {
    const CALLS: usize = 1_024;
    Contestant::new(CALLS, || {
        for call in 0..CALLS {
            black_box(call);
        }
    })
}

/// The search that W6b amounts to: its long literal in its resource.
pub(crate) fn memmem(workload: &Workload) -> Contestant<'static> {
    let policy = workload.policies.first().map_or("", |policy| policy.text.as_str());
    let literal = policy.split('*').nth(1).expect("W6b's pattern has a literal between two stars");
    let finder = Finder::new(literal).into_owned();
    let text = workload.asked.first().expect("W6b asks once").resource.clone();
    assert!(finder.find(text.as_bytes()).is_none(), "W6b nearly matches");
    Contestant::new(1, move || {
        black_box(finder.find(black_box(text.as_bytes())));
    })
}

/// Work that stays in registers: what two threads at once can gain on this machine.
pub(crate) fn control_loop() {
    let mut state = black_box(0x9e37_79b9_7f4a_7c15_u64);
    for _ in 0..1_000 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    }
    black_box(state);
}
