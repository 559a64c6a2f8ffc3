//! tmp
use std::io::{BufRead, Write};
fn main() {
    let mode = std::env::args().nth(1).unwrap_or_default();
    let mut cases = verdikt::suite::Cases::default();
    let mut out = Vec::new();
    let mut bad = 0;
    for (i, l) in std::io::stdin().lock().split(b'\n').enumerate() {
        let l = l.unwrap_or_default();
        let start = out.len();
        let ok = if mode == "check" {
            verdikt::suite::documents::answer(&l, i + 1, &verdikt::Limits::default(), &mut out)
        } else {
            cases.answer(&l, i + 1, &mut out).is_met()
        };
        if !ok {
            bad += 1;
            let _ = std::io::stderr().write_all(&out[start..]);
        }
    }
    let _ = std::io::stdout().write_all(&out);
    std::process::exit(if bad > 0 { 4 } else { 0 });
}
