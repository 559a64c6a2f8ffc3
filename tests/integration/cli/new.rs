//! `verdikt new`: policies of the library, written into folders.

use std::fs;

use super::{Folder, verdikt};

#[test]
fn every_policy_is_listed_and_written_with_the_names_given() {
    let list = verdikt(["new", "--list"]).out(0);
    let names: Vec<&str> = list.lines().map(|line| line.split(':').next().unwrap()).collect();
    let mut folders: Vec<String> = fs::read_dir("policies")
        .unwrap()
        .map(|entry| entry.unwrap().path())
        // An application with a manifest is a store, and no policy to start from.
        .filter(|path| path.is_dir() && !path.join("verdikt.toml").exists())
        .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    folders.sort();
    let mut sorted = names.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, folders);
    assert!(names.len() >= 20);
    let folder = Folder::new();
    for line in list.lines() {
        let name = line.split(':').next().unwrap();
        let mut call = vec!["new", name];
        let path = folder.path(name);
        call.extend(["--dir", &path]);
        for (option, value) in [
            ("--account", "555566667777"),
            ("--bucket", "my-photos"),
            ("--table", "customers"),
            ("--pool", "eu-west-1:00000000-1111-2222-3333-444444444444"),
            ("--organization", "o-0123456789"),
        ] {
            if line.contains(option) {
                call.extend([option, value]);
            }
        }
        let out = verdikt(&call).out(0);
        assert!(out.contains("written"), "{out}");
        let files =
            fs::read_dir(&path).unwrap().map(|file| fs::read_to_string(file.unwrap().path()).unwrap());
        let text: String = files.collect();
        assert!(!text.contains("111122223333") && !text.contains("app-data"), "{name}");
    }
    let out = verdikt(["test", &folder.path("")]).out(0);
    let files = verdikt::suite::library::EXAMPLES.iter().flat_map(|example| example.files);
    let files = files.filter(|(name, _)| name.ends_with(".test.yaml")).count();
    assert!(files > names.len() && out.ends_with(&format!(" 0 failed, in {files} files\n")), "{out}");
}

#[test]
fn what_cannot_be_written_is_refused_and_leaves_nothing() {
    let folder = Folder::new().with("there/x", "");
    let (there, new) = (folder.path("there"), folder.path("new"));
    for (call, said) in [
        (vec!["no-such-policy"], "no policy has this name"),
        (vec!["s3-shared-folders", "--dir", &there], "exists; name another folder"),
        (vec!["s3-shared-folders", "--dir", &new, "--bucket", "a\"b"], "is no bucket"),
        (vec!["s3-shared-folders", "--dir", &new, "--account", "12"], "is no account: twelve digits"),
        (vec!["s3-shared-folders", "--dir", &new, "--organization", "o-0123456789"], "names no organization"),
        // The case of another account's caller is about the account itself then.
        (
            vec!["bucket-deny-plaintext-transport", "--dir", &new, "--account", "444455556666"],
            "the names are too alike",
        ),
    ] {
        let err = verdikt(["new"].iter().chain(&call)).err(1);
        assert!(err.contains(said), "{err}");
    }
    assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 1);
}
