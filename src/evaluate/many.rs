//! Many independent requests at once, on all cores. Each is decided by itself, as [`PolicySet::decide`] decides it:
//! threads change when a decision is made, never which one.

use crate::request::Request;

use super::decision::Decision;
use super::set::PolicySet;

/// Fewer requests than this are not worth waking a thread for; a thread takes no fewer at a time.
#[cfg(feature = "parallel")]
const WORTH: usize = 512;

impl PolicySet {
    /// Decides a batch of independent requests, the answers in the order of the requests: with the feature `parallel`
    /// on all cores (small batches aside), without it one after the other, with the same answers. For the few checks
    /// of one API call [`decide_each`](Self::decide_each) is enough.
    ///
    /// Called inside a rayon thread pool of yours, it uses that pool.
    ///
    /// ```
    /// use verdikt::{CompiledPolicy, Document, Kind, Limits, Owner, PolicySet, Principal, Request};
    /// let json = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject",
    ///     "Resource": "arn:aws:s3:::app/public/*"}}"#;
    /// let role = Document::parse(Kind::Identity, "role", json, &Limits::default())?.document;
    /// let set = PolicySet::builder().identity(CompiledPolicy::compile(&[role])?).build()?;
    ///
    /// let user = Principal::parse("arn:aws:iam::111122223333:user/alice")?;
    /// let keys = ["arn:aws:s3:::app/public/a", "arn:aws:s3:::app/private/b", "arn:aws:s3:::app/public/c"];
    /// let ask = |key| Request::builder(&user, "s3:GetObject", key, Owner::Account("111122223333")).build();
    /// let requests: Vec<_> = keys.into_iter().map(ask).collect::<Result<_, _>>()?;
    ///
    /// let allowed: Vec<bool> = set.decide_many(&requests).iter().map(|decision| decision.is_allowed()).collect();
    /// assert_eq!(allowed, [true, false, true]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn decide_many(&self, requests: &[Request<'_>]) -> Vec<Decision> {
        let mut decisions = Vec::with_capacity(requests.len());
        self.decide_many_into(requests, &mut decisions);
        decisions
    }

    /// [`decide_many`](Self::decide_many) into memory that the caller keeps from batch to batch; what stood in it is
    /// replaced.
    #[cfg(feature = "parallel")]
    pub fn decide_many_into(&self, requests: &[Request<'_>], decisions: &mut Vec<Decision>) {
        use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};

        if requests.len() < WORTH.saturating_mul(2) {
            return self.decide_in_turn(requests, decisions);
        }
        let decided = requests.par_iter().with_min_len(WORTH).map(|request| self.decide(request));
        decided.collect_into_vec(decisions);
    }

    /// [`decide_many`](Self::decide_many) into memory that the caller keeps from batch to batch; what stood in it is
    /// replaced.
    #[cfg(not(feature = "parallel"))]
    pub fn decide_many_into(&self, requests: &[Request<'_>], decisions: &mut Vec<Decision>) {
        self.decide_in_turn(requests, decisions);
    }

    fn decide_in_turn(&self, requests: &[Request<'_>], decisions: &mut Vec<Decision>) {
        decisions.clear();
        decisions.extend(requests.iter().map(|request| self.decide(request)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compile::CompiledPolicy;
    use crate::policy::{Document, Kind, Limits};
    use crate::request::{Owner, Principal};
    use crate::text::count;

    /// Other threads are woken for two parts that are worth one each; every request is answered.
    #[test]
    fn a_few_requests_stay_on_their_thread() {
        let json =
            r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
        let document = Document::parse(Kind::Identity, "p", json, &Limits::default()).unwrap().document;
        let policy = CompiledPolicy::compile(&[document]).unwrap();
        let set = PolicySet::builder().identity(policy).build().unwrap();
        let user = Principal::parse("arn:aws:iam::111122223333:user/u").unwrap();
        let request = Request::builder(&user, "s3:GetObject", "*", Owner::Unknown).build().unwrap();
        for count in [0, 1, 1_023, 1_024, 1_025] {
            let here = if cfg!(feature = "parallel") && count >= 1_024 { 0 } else { count };
            let requests = vec![request.clone(); count];
            let (decisions, asked) = count::asked(|| set.decide_many(&requests));
            assert_eq!((decisions.len(), asked), (count, here));
        }
    }
}
