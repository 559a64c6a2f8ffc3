//! Identities: stable for a login, linked, merged, in conflict; in memory and in a file.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use verdikt::cognito::identity::IdentityError;
use verdikt::cognito::web_identity::is_identity_id;
use verdikt::cognito::{FileIdentities, IdentityStore, LoginKey, MemoryIdentities};

use crate::world::{GOOGLE, POOL};

fn key(provider: &str, user: &str) -> LoginKey {
    LoginKey { provider: provider.to_owned(), user_id: user.to_owned(), developer: false }
}

fn developer(user: &str) -> LoginKey {
    LoginKey { developer: true, ..key("dev", user) }
}

/// A file of its own, removed when the test ends.
struct TempFile(PathBuf);

impl TempFile {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("verdikt-identities-{}-{name}", std::process::id()));
        let _ = fs::remove_file(&path);
        Self(path)
    }

    fn open(&self) -> Result<FileIdentities, IdentityError> {
        FileIdentities::open(&self.0)
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// Runs a test over both stores.
fn both(name: &str, test: impl Fn(&dyn IdentityStore)) {
    test(&MemoryIdentities::default());
    let file = TempFile::new(name);
    test(&file.open().unwrap());
}

#[test]
fn a_login_has_one_identity_in_cognitos_form() {
    both("form", |store| {
        let alice = store.id(POOL, &[key("a", "alice")]).unwrap();
        assert!(is_identity_id(&alice), "{alice}");
        assert_eq!((&alice[..10], alice.len()), ("us-east-1:", 46));
        assert_eq!(store.id(POOL, &[key("a", "alice")]).unwrap(), alice);
        assert_ne!(store.id(POOL, &[key("a", "bob")]).unwrap(), alice);
        assert_ne!(store.id(POOL, &[key("b", "alice")]).unwrap(), alice);
        assert_ne!(store.id("us-east-1:00000000", &[key("a", "alice")]).unwrap(), alice);
    });
}

#[test]
fn each_guest_is_new() {
    both("guests", |store| assert_ne!(store.id(POOL, &[]).unwrap(), store.id(POOL, &[]).unwrap()));
}

/// Whoever may ask for a guest may ask for many.
#[test]
fn guests_are_bounded_and_users_are_not() {
    let store = MemoryIdentities::with_guests(2);
    let first = store.id(POOL, &[]).unwrap();
    let second = store.id(POOL, &[]).unwrap();
    let full = store.id(POOL, &[]).unwrap_err();
    assert!(full.to_string().contains("2 guests"), "{full}");
    assert!(store.id(POOL, &[key(GOOGLE, "bob")]).is_ok());
    // A guest who signs in is none any more, whether the identity stays or is merged.
    store.admit(POOL, &first, &[key(GOOGLE, "alice")]).unwrap();
    let third = store.id(POOL, &[]).unwrap();
    assert!(store.id(POOL, &[]).is_err());
    store.admit(POOL, &second, &[key(GOOGLE, "alice")]).unwrap();
    assert!(store.admit(POOL, &third, &[]).is_ok());
    assert!(store.id(POOL, &[]).is_ok() && store.id(POOL, &[]).is_err());
}

#[test]
fn a_login_beside_a_known_one_is_linked() {
    both("linked", |store| {
        let id = store.id(POOL, &[key("a", "alice")]).unwrap();
        assert_eq!(store.id(POOL, &[key("a", "alice"), key("b", "al")]).unwrap(), id);
        assert_eq!(store.id(POOL, &[key("b", "al")]).unwrap(), id);
    });
}

#[test]
fn two_identities_that_are_one_are_merged_and_the_younger_is_disabled() {
    both("merged", |store| {
        let first = store.id(POOL, &[key("a", "alice")]).unwrap();
        let second = store.id(POOL, &[key("b", "al")]).unwrap();
        assert_eq!(store.id(POOL, &[key("b", "al"), key("a", "alice")]).unwrap(), first);
        assert_eq!(store.id(POOL, &[key("b", "al")]).unwrap(), first);
        let disabled = store.admit(POOL, &second, &[key("b", "al")]);
        assert_eq!(disabled, Err(IdentityError::Disabled(second)));
    });
}

#[test]
fn two_logins_that_conflict_are_refused_and_change_nothing() {
    both("conflict", |store| {
        let alice = store.id(POOL, &[key("a", "alice"), key("b", "al")]).unwrap();
        let bob = store.id(POOL, &[key("a", "bob")]).unwrap();
        // Bob's login with Alice's second one: an identity with two users of one provider.
        let error = store.id(POOL, &[key("a", "bob"), key("b", "al")]).unwrap_err();
        assert_eq!(error, IdentityError::Conflict("a".to_owned()));
        assert_eq!(store.id(POOL, &[key("a", "bob")]).unwrap(), bob);
        assert_eq!(store.id(POOL, &[key("b", "al")]).unwrap(), alice);
        // A second user of a provider that the identity has one of.
        assert!(store.id(POOL, &[key("b", "al"), key("a", "carol")]).is_err());
        assert_ne!(store.id(POOL, &[key("a", "carol")]).unwrap(), alice);
    });
}

#[test]
fn a_developers_identity_may_have_several_users() {
    both("developer", |store| {
        let id = store.id(POOL, &[developer("one")]).unwrap();
        assert_eq!(store.id(POOL, &[developer("one"), developer("two")]).unwrap(), id);
        assert_eq!(store.id(POOL, &[developer("two")]).unwrap(), id);
    });
}

#[test]
fn an_identity_admits_its_own_logins_alone() {
    both("admits", |store| {
        let alice = store.id(POOL, &[key("a", "alice")]).unwrap();
        let bob = store.id(POOL, &[key("a", "bob")]).unwrap();
        assert_eq!(store.admit(POOL, &alice, &[key("a", "alice")]), Ok(alice.clone()));
        let no_match = Err(IdentityError::NoMatch(alice.clone()));
        assert_eq!(store.admit(POOL, &alice, &[key("a", "bob")]), no_match);
        assert_eq!(
            store.admit(POOL, &alice, &[key("b", "new")]),
            no_match,
            "nobody links to another's identity"
        );
        assert_eq!(store.admit(POOL, &alice, &[]), no_match, "no guest's token for who is signed in");
        assert_eq!(store.admit("us-east-1:0", &bob, &[key("a", "bob")]), Err(IdentityError::NotFound(bob)));
    });
}

#[test]
fn a_guest_who_signs_in_keeps_the_identity_or_becomes_the_one_that_exists() {
    both("guest", |store| {
        let guest = store.id(POOL, &[]).unwrap();
        assert_eq!(store.admit(POOL, &guest, &[]), Ok(guest.clone()));
        assert_eq!(store.admit(POOL, &guest, &[key("a", "alice")]), Ok(guest.clone()));
        assert_eq!(store.id(POOL, &[key("a", "alice")]), Ok(guest.clone()));
        // Later, as a guest on another machine.
        let second = store.id(POOL, &[]).unwrap();
        assert_eq!(store.admit(POOL, &second, &[key("a", "alice")]), Ok(guest));
        assert_eq!(store.admit(POOL, &second, &[]), Err(IdentityError::Disabled(second)));
    });
}

#[test]
fn a_file_keeps_identities_over_a_restart() {
    let file = TempFile::new("restart");
    let (alice, merged) = {
        let store = file.open().unwrap();
        let alice = store.id(POOL, &[key("a", "alice")]).unwrap();
        let merged = store.id(POOL, &[key("b", "al")]).unwrap();
        store.id(POOL, &[key("a", "alice"), key("b", "al")]).unwrap();
        (alice, merged)
    };
    let store = file.open().unwrap();
    assert_eq!(store.id(POOL, &[key("b", "al")]).unwrap(), alice);
    assert_eq!(store.admit(POOL, &merged, &[]), Err(IdentityError::Disabled(merged)));
}

#[test]
fn a_line_that_was_not_finished_is_dropped() {
    let file = TempFile::new("unfinished");
    let alice = file.open().unwrap().id(POOL, &[key("a", "alice")]).unwrap();
    let whole = fs::read_to_string(&file.0).unwrap();
    for cut in 1..40 {
        fs::write(&file.0, format!("{whole}{}", &whole[..cut])).unwrap();
        let store = file.open().unwrap();
        assert_eq!(store.id(POOL, &[key("a", "alice")]).unwrap(), alice);
        let bob = store.id(POOL, &[key("a", "bob")]).unwrap();
        drop(store);
        assert_eq!(file.open().unwrap().id(POOL, &[key("a", "bob")]).unwrap(), bob);
    }
}

#[test]
fn a_damaged_file_is_an_error_that_names_the_line() {
    let file = TempFile::new("damaged");
    file.open().unwrap().id(POOL, &[key("a", "alice")]).unwrap();
    let good = fs::read_to_string(&file.0).unwrap();
    let link = r#"[{"link": {"id": "us-east-1:none", "login": {"provider": "a", "user_id": "x"}}}]"#;
    for bad in
        ["nonsense", "{}", "[{\"drop\": {}}]", link, "[{\"create\": {\"pool\": \"p\"}}]", good.trim_end()]
    {
        fs::write(&file.0, format!("{good}{bad}\n")).unwrap();
        let error = file.open().unwrap_err().to_string();
        assert!(error.contains("is damaged: line 2"), "{error}");
    }
}

#[test]
fn a_file_is_one_processs_at_a_time() {
    let file = TempFile::new("locked");
    let store = file.open().unwrap();
    let error = file.open().unwrap_err().to_string();
    assert!(error.contains("in use by another process"), "{error}");
    drop(store);
    file.open().unwrap();
}

#[test]
fn a_file_that_cannot_be_opened_is_an_error() {
    assert!(FileIdentities::open(&std::env::temp_dir()).is_err());
    let file = TempFile::new("binary");
    fs::File::create(&file.0).unwrap().write_all(&[0xff, b'\n']).unwrap();
    assert!(file.open().is_err());
}
