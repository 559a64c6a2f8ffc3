//! regorus runs a translation into Rego, once by its interpreter and once by its virtual machine. `translate.rs` says
//! what becomes of a statement.

mod translate;

use std::num::{NonZeroU32, NonZeroUsize};

use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::vm::RegoVM;
use regorus::{CompiledPolicy, Engine, PolicyLengthConfig, Value};
use serde_json::{Map, json};

use crate::workload::{Asked, Form, Workload};

use super::{Answer, Decide, Loaded};

/// The rule that holds the decision.
const ENTRY: &str = "data.iam.decision";

struct Interpreter {
    policy: CompiledPolicy,
    inputs: Vec<Value>,
}

struct Machine {
    machine: RegoVM,
    inputs: Vec<Value>,
}

pub(super) fn load_interpreter(workload: &Workload) -> Loaded<'_> {
    Ok(Box::new(Interpreter { policy: compile(workload)?, inputs: inputs(workload)? }))
}

pub(super) fn load_machine(workload: &Workload) -> Loaded<'_> {
    let policy = compile(workload)?;
    let program =
        Compiler::compile_from_policy(&policy, &[ENTRY]).map_err(|error| first_line(&error.to_string()))?;
    let mut machine = RegoVM::new_with_policy(policy);
    machine.set_max_instructions(usize::MAX);
    machine.load_program(program);
    machine.set_data(Value::new_object()).map_err(|error| error.to_string())?;
    Ok(Box::new(Machine { machine, inputs: inputs(workload)? }))
}

impl Decide for Interpreter {
    fn decide(&mut self, request: usize) -> Answer {
        let Some(input) = self.inputs.get(request) else { return Answer::Failed };
        self.policy.eval_with_input(input.clone()).map_or(Answer::Failed, |value| answer(&value))
    }
}

impl Decide for Machine {
    fn decide(&mut self, request: usize) -> Answer {
        let Some(input) = self.inputs.get(request) else { return Answer::Failed };
        self.machine.set_input(input.clone());
        self.machine.execute().map_or(Answer::Failed, |value| answer(&value))
    }
}

fn answer(value: &Value) -> Answer {
    match value.as_string().map(AsRef::as_ref) {
        Ok("allow") => Answer::Allowed,
        Ok("implicit_deny") => Answer::ImplicitDeny,
        Ok("explicit_deny") => Answer::ExplicitDeny,
        _ => Answer::Failed,
    }
}

fn compile(workload: &Workload) -> Result<CompiledPolicy, String> {
    let mut engine = Engine::new();
    // A translation is longer than what it takes for a policy written by hand.
    engine.set_policy_length_config(PolicyLengthConfig {
        max_col: NonZeroU32::MAX,
        max_file_bytes: NonZeroUsize::MAX,
        max_lines: NonZeroUsize::MAX,
    });
    let text = translate::program(workload)?;
    engine.add_policy("iam.rego".to_owned(), text).map_err(|error| first_line(&error.to_string()))?;
    engine.compile_with_entrypoint(&ENTRY.into()).map_err(|error| first_line(&error.to_string()))
}

fn inputs(workload: &Workload) -> Result<Vec<Value>, String> {
    workload.asked.iter().map(input).collect()
}

fn input(asked: &Asked) -> Result<Value, String> {
    let context = asked.context.iter().map(|key| {
        let value = if key.form == Form::Many { json!(key.texts) } else { json!(key.text()) };
        (key.name.clone(), value)
    });
    let input = json!({
        "principal": asked.role(),
        "action": asked.action,
        "resource": asked.resource,
        "context": context.collect::<Map<_, _>>(),
    });
    Value::from_json_str(&input.to_string()).map_err(|error| error.to_string())
}

fn first_line(text: &str) -> String {
    text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim().to_owned()
}
