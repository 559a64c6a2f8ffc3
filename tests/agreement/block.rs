//! Blocks of cases. The cases of a block come from one seed; some have the policies of the case before them, asked by
//! another request, as a file of cases has.

use serde_json::{Value, json};

use crate::caller::Caller;
use crate::cell::{ARITIES, Cell};
use crate::dice::Dice;
use crate::fault;
use crate::target::Target;
use crate::world::{Entry, World};

/// Cases of one block.
pub const CASES: u64 = 4;

/// The cases of a block; the cells take turns.
pub fn block(seed: u64, number: u64, cells: &[Cell]) -> Vec<Value> {
    let mut world = World::new(Dice::new(seed, number));
    let mut cases: Vec<Value> = Vec::new();
    for index in 0..CASES {
        let turn = usize::try_from(number * CASES + index).unwrap_or_default();
        let policies = match cases.last() {
            Some(last) if world.dice.chance(25) => {
                world.ask_again();
                last["policies"].clone()
            }
            _ => {
                world = World::new(world.dice);
                world.policies(cells[turn % cells.len()])
            }
        };
        let request = world.request();
        let mut case = json!({"id": format!("{number}-{index}"), "request": request, "policies": policies});
        if world.dice.chance(4) {
            fault::spoil(&mut world.dice, &mut case);
        }
        cases.push(case);
    }
    cases
}

impl World {
    /// Another request for the same policies.
    fn ask_again(&mut self) {
        match self.dice.weighted(&[5, 2, 2, 1]) {
            0 => {}
            1 => self.caller = Caller::any(&mut self.dice),
            2 => self.target = Target::any(&mut self.dice, &self.caller),
            _ => {
                let length = self.context.len();
                self.context.truncate(length / 2);
            }
        }
        for index in 0..self.context.len() {
            if self.dice.chance(40) {
                let held = self.context[index].entry.texts();
                self.context[index].entry = self.changed(held);
            }
        }
    }

    /// Other values, or the same ones under another arity.
    fn changed(&mut self, mut held: Vec<String>) -> Entry {
        if held.is_empty() || self.dice.chance(30) {
            let other = self.dice.below(self.context.len());
            held.extend(self.context[other].entry.texts());
        }
        match (ARITIES[self.dice.weighted(&[2, 5, 3])], held.first()) {
            (crate::cell::Arity::Absent, _) | (_, None) => Entry::Absent,
            (crate::cell::Arity::One, Some(first)) => Entry::One(first.clone()),
            (crate::cell::Arity::Many, Some(_)) => Entry::Many(held),
        }
    }
}
