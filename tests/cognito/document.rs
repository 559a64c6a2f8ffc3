//! The guide to identity pools: its files are written and its calls made in their order, with the output shown.
//! `UPDATE_DOCS=1` writes the output anew.

use std::fs;
use std::path::Path;

use serde_json::json;

use crate::command::Folder;
use crate::signer::trusted;
use crate::world::{POOL, USER_POOL, changed, claims};

const ALICE: &str = "us-east-1:7b0e4f6a-2c1d-4e8f-9a3b-5d6c7e8f9a0b";

#[test]
fn the_guide_to_identity_pools_works() {
    let folder = Folder::new("guide");
    folder.write("jwks.json", &trusted().jwks_text());
    let own = json!({"aud": "1example23456789", "custom:team": "blue"});
    folder.write("token", &trusted().token(&changed(claims("alice"), &own)));
    // The id that the guide shows.
    let login = json!({"provider": USER_POOL, "user_id": "alice"});
    let made = json!([{"create": {"pool": POOL, "id": ALICE}}, {"link": {"id": ALICE, "login": login}}]);
    folder.write("identities", &format!("{made}\n"));

    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/identity-pools.md");
    let text = fs::read_to_string(&path).unwrap();
    let mut anew = text.clone();
    let (mut before, mut called, mut written) = ("", 0, 0);
    for (number, part) in text.split("```").enumerate() {
        if number % 2 == 0 {
            before = part;
            continue;
        }
        let (language, body) = part.split_once('\n').unwrap();
        match language {
            "json" | "toml" => {
                let paragraph = before.trim_end().rsplit("\n\n").next().unwrap();
                let names = paragraph.split('`').skip(1).step_by(2);
                let mut files = names.filter(|name| Path::new(name).extension().is_some());
                folder.write(files.next().unwrap(), body);
                written += 1;
            }
            "console" => {
                let (count, shown) = calls(&folder, body);
                called += count;
                anew = anew.replace(body, &shown);
            }
            _ => {}
        }
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(path, &anew).unwrap();
    } else {
        assert!(anew == text, "the output is another; UPDATE_DOCS=1 writes it anew:\n{anew}");
    }
    assert_eq!((called, written), (10, 6));
}

/// Makes the calls of a block, and says what the block is to be; a text after `>` is the file that gets the output.
fn calls(folder: &Folder, block: &str) -> (usize, String) {
    let (mut count, mut shown) = (0, String::new());
    let mut lines = block.lines();
    while let Some(line) = lines.next() {
        let Some(mut call) = line.strip_prefix("$ verdikt ").map(str::to_owned) else { continue };
        shown.extend([line, "\n"]);
        while let Some(begun) = call.strip_suffix('\\').map(str::to_owned) {
            let next = lines.next().unwrap();
            shown.extend([next, "\n"]);
            call = begun + next;
        }
        let (line, file) =
            call.split_once(" > ").map_or((call.as_str(), None), |(line, file)| (line, Some(file)));
        let ended = folder.run(line);
        assert!([0, 3].contains(&ended.code) && ended.err.is_empty(), "{line}\n{}{}", ended.out, ended.err);
        match file {
            Some(file) => folder.write(file, &ended.out),
            None => shown.push_str(&ended.out),
        }
        count += 1;
    }
    (count, shown)
}
