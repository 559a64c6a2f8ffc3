//! `decide` does not allocate: a counting allocator watches it over every case of the suite and of the library of policies.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use verdikt::request::RequestBuilder;
#[cfg(feature = "cli")]
use verdikt::request::document::RequestDocument;
use verdikt::request::limits::RequestLimits;
use verdikt::suite::case::{Case, policy_set};
#[cfg(feature = "cli")]
use verdikt::suite::{
    library::EXAMPLES,
    test::TestFile,
    test::run::{Options, run},
};
use verdikt::{
    CompiledPolicy, Document, Kind, Limits, Owner, PolicySet, Principal, Request, RequestBuffers,
    SessionFacts,
};

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
    /// Bytes allocated and not given back by this thread, and the most of them since it was asked last.
    static HELD: Cell<isize> = const { Cell::new(0) };
    static MOST: Cell<isize> = const { Cell::new(0) };
}

/// Counts bytes taken or given back; not while a thread ends.
fn hold(bytes: isize) {
    let _ = HELD.try_with(|held| {
        held.set(held.get() + bytes);
        let _ = MOST.try_with(|most| most.set(most.get().max(held.get())));
    });
}

#[allow(unsafe_code, reason = "a global allocator is an unsafe trait; this one only counts")]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // Not counted while a thread ends.
        let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
        hold(layout.size().cast_signed());
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        hold(-layout.size().cast_signed());
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn during<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let before = ALLOCATIONS.with(Cell::get);
    let result = work();
    (result, ALLOCATIONS.with(Cell::get) - before)
}

/// The most bytes that some work of this thread held at a time.
pub(crate) fn peak<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let before = HELD.get();
    MOST.set(before);
    let result = work();
    (result, (MOST.get() - before).unsigned_abs())
}

#[test]
fn decide_does_not_allocate() {
    let mut decided = 0;
    for (name, file) in crate::suite::load() {
        for entry in file.entries(&name) {
            if let crate::suite::Ask::Decision { line, .. } = entry.ask {
                decided += usize::from(decide(&line));
            }
        }
    }
    assert!(decided > 2_000);
    assert!(during(|| vec![1u8; 100]).1 > 0, "the allocator counts nothing");
}

#[test]
#[cfg(feature = "cli")]
fn decide_does_not_allocate_over_the_library() {
    let files = EXAMPLES.iter().map(|example| format!("policies/{}/policy.test.yaml", example.name));
    let decided: usize = files.map(|name| decide_file(&name)).sum();
    assert!(decided > 600, "{decided} cases of the library");
}

/// How many cases of a case file were decided.
#[cfg(feature = "cli")]
fn decide_file(name: &str) -> usize {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let result =
        run(TestFile::parse(&path, std::fs::read_to_string(&path).unwrap()).unwrap(), &Options::default());
    let decided = result.checks().filter(|(check, one)| {
        let text = check.request.json();
        let Ok(document) = RequestDocument::parse(&text, &RequestLimits::default()) else { return false };
        let Ok(request) = document.request(RequestLimits::default()) else { return false };
        let Some(governing) = &one.governing else { return false };
        assert_eq!(during(|| governing.set.decide(&request)).1, 0, "{name}: {}", check.name);
        true
    });
    decided.count()
}

fn decide(line: &str) -> bool {
    let Ok(case) = Case::parse(line) else { return false };
    let Ok(document) = case.request_document(&RequestLimits::default()) else { return false };
    let Ok(request) = document.request(RequestLimits::default()) else { return false };
    let Ok(set) = policy_set(case.policies, &request, &Limits::default()) else { return false };
    let (_, allocations) = during(|| set.decide(&request));
    assert_eq!(allocations, 0, "{line}");
    true
}

/// A request in memory used before: built, decided and taken apart without an allocation, on a session and without one.
#[test]
fn reused_buffers_do_not_allocate() {
    let json = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::b/${aws:username}/*", "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}}"#;
    let document = Document::parse(Kind::Identity, "p", json, &Limits::default()).unwrap().document;
    let policy = CompiledPolicy::compile(&[document]).unwrap();
    let user = Principal::parse("arn:aws:iam::111122223333:user/u").unwrap();
    let facts = SessionFacts::builder(user.clone()).present("aws:username", "u");
    let facts = facts.absent("aws:UserId").closed("aws:PrincipalTag/").build().unwrap();
    let open = PolicySet::builder().identity(policy.clone()).build().unwrap();
    let bound = PolicySet::builder().identity(policy.bind(&facts)).build().unwrap();
    let (action, resource, owner) = ("s3:GetObject", "arn:aws:s3:::b/u/x", Owner::Account("111122223333"));
    let call = |builder: RequestBuilder<'_>, set: &PolicySet| {
        let builder = builder.one("aws:SourceIp", "10.1.2.3").many("aws:TagKeys", ["a", "b"]);
        let request = builder.build().unwrap();
        assert!(set.decide(&request).is_allowed());
        request.into_buffers()
    };
    let mut buffers = RequestBuffers::default();
    for round in 0..3 {
        let (kept, allocations) = during(|| {
            let builder = Request::builder_in(buffers, &user, action, resource, owner);
            let kept = call(builder.one("aws:username", "u"), &open);
            call(facts.request_in(kept, action, resource, owner), &bound)
        });
        buffers = kept;
        assert!(round == 0 || allocations == 0, "round {round}: {allocations} allocations");
    }
}

/// What `memory` tells is what compiling keeps: but for a fixed part, and the documents.
#[test]
fn memory_is_what_is_held() {
    let statement = |number: usize| {
        format!(
            r#"{{"Effect": "{}", "Action": ["s3:GetObject", "s3:Put*", "a:x{number}"],
            "Resource": ["arn:aws:s3:::b{number}/k?{number}/*", "arn:aws:s3:::c/${{aws:username}}"],
            "Condition": {{"StringEquals": {{"a:k": ["v{number}", "w"]}},
                "StringLike": {{"a:long": ["a*", "b*", "c*", "d*", "e*", "f*", "g*", "h*", "i*"]}},
                "IpAddress": {{"aws:SourceIp": ["10.{number}.0.0/16", "2001:db8::/32"]}}}}}}"#,
            if number.is_multiple_of(3) { "Deny" } else { "Allow" },
        )
    };
    let untold = |statements: usize| {
        let statements: Vec<_> = (0..statements).map(statement).collect();
        let json = format!(r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#, statements.join(","));
        let document = Document::parse(Kind::Identity, "p", &json, &Limits::default()).unwrap().document;
        let documents = [document];
        let before = HELD.get();
        let copies = documents.to_vec();
        let of_documents = HELD.get() - before;
        let before = HELD.get();
        let policy = CompiledPolicy::compile(&documents).unwrap();
        let held = HELD.get() - before;
        drop(copies);
        assert!(policy.memory() > 100 * statements.len(), "{}", policy.memory());
        held - of_documents - policy.memory().cast_signed()
    };
    let fixed = untold(1);
    assert!(fixed < 2_048, "{fixed} bytes");
    for statements in [2, 9, 40, 200] {
        assert_eq!(untold(statements), fixed, "{statements} statements");
    }
}
