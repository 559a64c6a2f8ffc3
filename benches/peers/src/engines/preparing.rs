//! verdikt with the request built within the timed call: from all its typed parts, or upon a part that its session has
//! prepared once. Memory is handed from one request to the next.

use std::hint::black_box;
use std::mem::take;
use std::sync::Arc;

use verdikt::request::{RequestBuffers, SessionFacts};
use verdikt::{CompiledPolicy, Owner, PolicySet, Request};

use crate::workload::{Asked, ContextKey, Workload};

use super::verdikt::{ACCOUNT, add_keys, set, told};
use super::{Answer, Decide, Loaded};

/// How the names of keys begin that say who asks: the same in every request of a session.
const OF_SESSION: [&str; 3] = ["cognito-identity.amazonaws.com:", "aws:user", "aws:Principal"];

struct Preparing<'w> {
    set: PolicySet,
    session: Option<SessionFacts>,
    calls: Vec<Call<'w>>,
    buffers: RequestBuffers,
}

/// A request, and those of its keys that are given anew.
struct Call<'w> {
    asked: &'w Asked,
    keys: Vec<&'w ContextKey>,
}

/// Each request is built from all its parts; its principal is parsed before.
pub(crate) fn load_whole(workload: &Workload) -> Loaded<'_> {
    let calls = workload.asked.iter().map(|asked| Call { asked, keys: asked.context.iter().collect() });
    Ok(Box::new(Preparing {
        set: set(workload)?,
        session: None,
        calls: calls.collect(),
        buffers: RequestBuffers::default(),
    }))
}

/// Each request is built upon the facts of one session, which all requests of the workload belong to.
pub(crate) fn load_session(workload: &Workload) -> Loaded<'_> {
    let calls = workload.asked.iter().map(|asked| {
        let keys = asked.context.iter().filter(|key| !is_of_session(key));
        Call { asked, keys: keys.collect() }
    });
    Ok(Box::new(Preparing {
        set: set(workload)?,
        session: workload.asked.first().map(facts).transpose()?,
        calls: calls.collect(),
        buffers: RequestBuffers::default(),
    }))
}

/// The policies bound to the session anew at each call, and the request then decided.
struct Binding<'w> {
    policy: Arc<CompiledPolicy>,
    session: SessionFacts,
    bound: PolicySet,
    requests: Vec<Request<'w>>,
    rebinds: bool,
}

/// Each call binds the policy; what it decides is checked by a set bound beforehand.
pub(crate) fn load_binding(workload: &Workload) -> Loaded<'_> {
    Ok(Box::new(binding(workload, true)?))
}

/// Each request is decided by the policy bound beforehand.
pub(crate) fn load_bound(workload: &Workload) -> Loaded<'_> {
    Ok(Box::new(binding(workload, false)?))
}

fn binding(workload: &Workload, rebinds: bool) -> Result<Binding<'_>, String> {
    let first = workload.asked.first().ok_or("no requests")?;
    let session = facts(first)?;
    let set = set(workload)?;
    let [attachment] = set.attachments() else { return Err("more than one attachment".to_owned()) };
    let policy = Arc::clone(&attachment.policy);
    let bound =
        PolicySet::builder().identity(policy.bind(&session)).build().map_err(|error| error.to_string())?;
    // Requests hold the session for as long as the program runs.
    let kept: &'static SessionFacts = Box::leak(Box::new(session.clone()));
    let requests = workload.asked.iter().map(|asked| {
        let mut builder = kept.request(&asked.action, &asked.resource, Owner::Account(ACCOUNT));
        let keys = asked.context.iter().filter(|key| !is_of_session(key));
        add_keys(&mut builder, keys);
        builder.build().map_err(|error| error.to_string())
    });
    let requests = requests.collect::<Result<_, _>>()?;
    Ok(Binding { policy, session, bound, requests, rebinds })
}

impl Decide for Binding<'_> {
    fn decide(&mut self, request: usize) -> Answer {
        let Some(request) = self.requests.get(request) else { return Answer::Failed };
        told(self.bound.decide(request).outcome)
    }

    fn pass(&mut self, requests: usize) {
        for number in 0..requests {
            if self.rebinds {
                black_box(self.policy.bind(black_box(&self.session)));
            } else {
                black_box(self.decide(black_box(number)));
            }
        }
    }
}

impl Decide for Preparing<'_> {
    fn decide(&mut self, request: usize) -> Answer {
        let Self { set, session, calls, buffers } = self;
        let Some(Call { asked, keys }) = calls.get(request) else { return Answer::Failed };
        let (action, resource, owner) = (&asked.action, &asked.resource, Owner::Account(ACCOUNT));
        let mut builder = match session {
            Some(session) => session.request_in(take(buffers), action, resource, owner),
            None => Request::builder_in(take(buffers), &asked.principal, action, resource, owner),
        };
        add_keys(&mut builder, keys.iter().copied());
        let Ok(request) = builder.build() else { return Answer::Failed };
        let answer = told(set.decide(&request).outcome);
        *buffers = request.into_buffers();
        answer
    }
}

fn is_of_session(key: &ContextKey) -> bool {
    OF_SESSION.iter().any(|beginning| key.name.starts_with(beginning))
}

fn facts(asked: &Asked) -> Result<SessionFacts, String> {
    let keys = asked.context.iter().filter(|key| is_of_session(key));
    let builder = keys.fold(SessionFacts::builder(asked.principal.clone()), |builder, key| {
        builder.present(key.name.as_str(), key.text())
    });
    builder.build().map_err(|error| error.to_string())
}
