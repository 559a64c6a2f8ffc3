//! A pasted curl line as the HTTP request that curl would send. An option that is not known is refused: it could change
//! what is sent.

use super::{CallError, OwnedRequest};

/// Options without an argument that change nothing of what is sent.
const IGNORED: [&str; 21] = [
    "-s",
    "--silent",
    "-S",
    "--show-error",
    "-v",
    "--verbose",
    "-i",
    "--include",
    "-k",
    "--insecure",
    "-f",
    "--fail",
    "--compressed",
    "-L",
    "--location",
    "-N",
    "--no-buffer",
    "--http1.1",
    "--http2",
    "-#",
    "--progress-bar",
];

/// Options with an argument that change nothing of what is sent.
const IGNORED_WITH: [&str; 8] =
    ["-o", "--output", "--max-time", "-m", "--connect-timeout", "--retry", "--cacert", "-w"];

/// What a line says, as it is read.
#[derive(Default)]
struct Line {
    method: Option<String>,
    url: Option<String>,
    headers: Vec<(String, String)>,
    data: Option<String>,
    is_query: bool,
    is_head: bool,
    uploads: bool,
    keeps: Keeps,
}

/// Reads a line that begins with `curl`.
pub(super) fn read(text: &str) -> Result<OwnedRequest, CallError> {
    // A pasted line goes on after a backslash at its end; shell words join it.
    let words = shell_words::split(text).map_err(|_| CallError::curl("a quote is not closed"))?;
    let mut words = words.into_iter();
    if words.next().as_deref() != Some("curl") {
        return Err(CallError::curl("it does not begin with `curl`"));
    }
    let mut line = Line::default();
    while let Some(word) = words.next() {
        let (option, joined) = parts(&word);
        line.take(&option, joined, &mut words)?;
    }
    line.request()
}

/// An option, and the argument that is written in the same word: `-XPUT`.
fn parts(word: &str) -> (String, Option<String>) {
    let short = word.strip_prefix('-').filter(|rest| !rest.starts_with('-') && rest.chars().count() > 1);
    match short.and_then(|rest| rest.char_indices().nth(1).map(|(at, _)| rest.split_at(at))) {
        Some((letter, rest)) => (format!("-{letter}"), Some(rest.to_owned())),
        None => (word.to_owned(), None),
    }
}

impl Line {
    fn take(
        &mut self,
        option: &str,
        joined: Option<String>,
        words: &mut impl Iterator<Item = String>,
    ) -> Result<(), CallError> {
        let is_switch = self.switch(option);
        if is_switch || IGNORED.contains(&option) {
            // Letters without arguments stand together: `-sSX PUT`.
            return match joined {
                Some(rest) => {
                    let (option, joined) = parts(&format!("-{rest}"));
                    self.take(&option, joined, words)
                }
                None => Ok(()),
            };
        }
        let mut argument = || {
            let missing = || CallError::Curl(format!("`{option}` lacks its argument"));
            joined.clone().or_else(|| words.next()).ok_or_else(missing)
        };
        match option {
            "-X" | "--request" => self.method = Some(argument()?),
            "--url" => self.address(argument()?)?,
            "-H" | "--header" => self.header(&argument()?)?,
            "-A" | "--user-agent" => self.headers.push(("User-Agent".to_owned(), argument()?)),
            "-e" | "--referer" => self.headers.push(("Referer".to_owned(), argument()?)),
            "-d" | "--data" | "--data-ascii" | "--data-binary" | "--data-raw" => {
                self.add(option, &argument()?)?;
            }
            "--json" => {
                self.add(option, &argument()?)?;
                self.headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
            }
            "-T" | "--upload-file" => {
                argument()?;
                self.uploads = true;
            }
            _ if IGNORED_WITH.contains(&option) => drop(argument()?),
            _ if option.starts_with('-') => {
                return Err(CallError::Curl(format!("the option `{option}` is not read here")));
            }
            _ => self.address(option.to_owned())?,
        }
        Ok(())
    }

    /// Options without an argument that change what is sent.
    fn switch(&mut self, option: &str) -> bool {
        let switch = match option {
            "-G" | "--get" => &mut self.is_query,
            "-I" | "--head" => &mut self.is_head,
            "-g" | "--globoff" => &mut self.keeps.globs,
            "--path-as-is" => &mut self.keeps.dots,
            _ => return false,
        };
        *switch = true;
        true
    }

    fn address(&mut self, url: String) -> Result<(), CallError> {
        match self.url.replace(url) {
            Some(_) => Err(CallError::curl("it names two addresses")),
            None => Ok(()),
        }
    }

    /// `name: value`; `name;` is sent without a value, and `name:` is not sent at all.
    fn header(&mut self, text: &str) -> Result<(), CallError> {
        let (name, value) = match (text.split_once(':'), text.strip_suffix(';')) {
            (Some((_, value)), _) if value.trim().is_empty() => return Ok(()),
            (Some(header), _) => header,
            (None, Some(name)) => (name, ""),
            (None, None) => return Err(CallError::Curl(format!("the header `{text}` has no colon"))),
        };
        self.headers.push((name.trim().to_owned(), value.trim().to_owned()));
        Ok(())
    }

    fn add(&mut self, option: &str, text: &str) -> Result<(), CallError> {
        if text.starts_with('@') && option != "--data-raw" {
            return Err(CallError::Curl(format!(
                "`{option} {text}` reads a file: paste its text, or give the request as HTTP"
            )));
        }
        match &mut self.data {
            Some(data) => {
                data.push('&');
                data.push_str(text);
            }
            None => self.data = Some(text.to_owned()),
        }
        Ok(())
    }

    fn request(self) -> Result<OwnedRequest, CallError> {
        let url = self.url.ok_or_else(|| CallError::curl("it names no address"))?;
        self.keeps.check(&url, self.uploads)?;
        let mut body = self.data;
        let mut url = url;
        if self.is_query
            && let Some(data) = body.take()
        {
            url.push(if url.contains('?') { '&' } else { '?' });
            url.push_str(&data);
        }
        let default = match (&body, self.uploads) {
            _ if self.is_head => "HEAD",
            (_, true) => "PUT",
            (Some(_), _) => "POST",
            _ => "GET",
        };
        let method = self.method.unwrap_or_else(|| default.to_owned());
        to(method, &url, self.headers, body.map(String::into_bytes))
    }
}

/// What curl leaves as it is in an address. Where it would change what it sends, the line is refused.
#[derive(Default)]
struct Keeps {
    /// `--path-as-is`: the path's dot segments.
    dots: bool,
    /// `--globoff`: braces and brackets.
    globs: bool,
}

impl Keeps {
    fn check(&self, url: &str, uploads: bool) -> Result<(), CallError> {
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        let target = rest.find(['/', '?', '#']).and_then(|at| rest.get(at..)).unwrap_or_default();
        let path = target.split(['?', '#']).next().unwrap_or_default();
        let is_dots = |segment: &str| matches!(&*segment.replace("%2e", ".").replace("%2E", "."), "." | "..");
        if !self.dots && path.split('/').any(is_dots) {
            return Err(CallError::curl(
                "curl takes `.` and `..` out of a path: give `--path-as-is`, or the path without them",
            ));
        }
        if !self.globs && target.contains(['{', '}', '[', ']']) {
            return Err(CallError::curl(
                "curl sends a request for each part of braces and brackets: give `--globoff`",
            ));
        }
        if uploads && (path.is_empty() || path.ends_with('/')) {
            return Err(CallError::curl(
                "curl adds the name of the file to a path that ends with `/`: write it out",
            ));
        }
        Ok(())
    }
}

/// A request to an address.
pub(super) fn to(
    method: String,
    url: &str,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
) -> Result<OwnedRequest, CallError> {
    let (secure, rest) = match url.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => (Some(true), rest),
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => (Some(false), rest),
        Some(_) => return Err(CallError::Address(format!("`{url}` is neither http nor https"))),
        None => return Err(CallError::Address(format!("`{url}` does not begin with https:// or http://"))),
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, target) = rest.split_at(end);
    if authority.contains('@') {
        return Err(CallError::Address("it names a user".to_owned()));
    }
    let target = if target.starts_with('/') { target.to_owned() } else { format!("/{target}") };
    // A header `Host` takes the place of the address's.
    let is_told = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host"));
    let authority = (!is_told).then(|| authority.to_owned());
    Ok(OwnedRequest { method, authority, target, headers, body, secure })
}
