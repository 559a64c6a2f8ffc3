//! A run as the XML of `JUnit`, which CI systems read.

use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::super::file::Check;
use super::super::run::{CheckResult, FileResult};
use super::Refused;

/// The report of a run; a file that was refused is a suite with an error.
pub fn junit(results: &[FileResult], refused: &[Refused]) -> String {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    // Writing to memory does not fail.
    let _ = suites(&mut writer, results, refused);
    let mut text = String::from_utf8(writer.into_inner()).unwrap_or_default();
    text.push('\n');
    text
}

type Xml = Writer<Vec<u8>>;

fn suites(writer: &mut Xml, results: &[FileResult], refused: &[Refused]) -> io::Result<()> {
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let ran: usize = results.iter().map(|result| result.results.len()).sum();
    let (all, errors) = (ran.saturating_add(refused.len()), refused.len().to_string());
    let failed: usize = results.iter().map(FileResult::failed).sum();
    let counts = [("tests", all.to_string()), ("failures", failed.to_string()), ("errors", errors)];
    let counts: Vec<(&str, &str)> = counts.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let element = writer.create_element("testsuites").with_attribute(("name", "verdikt test"));
    element.with_attributes(counts).write_inner_content(|writer| {
        results.iter().try_for_each(|result| suite(writer, result))?;
        refused.iter().try_for_each(|one| refusal(writer, one))
    })?;
    Ok(())
}

fn suite(writer: &mut Xml, result: &FileResult) -> io::Result<()> {
    let name = allowed(&result.file.path.display().to_string());
    let (all, failed) = (result.results.len().to_string(), result.failed().to_string());
    let counts = [("tests", all.as_str()), ("failures", failed.as_str()), ("errors", "0"), ("skipped", "0")];
    let element =
        writer.create_element("testsuite").with_attribute(("name", name.as_str())).with_attributes(counts);
    element.write_inner_content(|writer| {
        result.checks().try_for_each(|(check, one)| case(writer, &name, check, one))
    })?;
    Ok(())
}

fn refusal(writer: &mut Xml, one: &Refused) -> io::Result<()> {
    let (file, message) = (allowed(&one.file), allowed(&one.error));
    let counts = [("tests", "1"), ("failures", "0"), ("errors", "1"), ("skipped", "0")];
    let element = writer.create_element("testsuite").with_attribute(("name", file.as_str()));
    element.with_attributes(counts).write_inner_content(|writer| {
        let attributes =
            [("name", "the case file is read"), ("classname", file.as_str()), ("file", file.as_str())];
        writer.create_element("testcase").with_attributes(attributes).write_inner_content(|writer| {
            let error = writer.create_element("error").with_attribute(("message", message.as_str()));
            error.with_attribute(("type", "refused")).write_empty()?;
            Ok(())
        })?;
        Ok(())
    })?;
    Ok(())
}

fn case(writer: &mut Xml, file: &str, check: &Check, one: &CheckResult) -> io::Result<()> {
    let (name, line) = (allowed(&check.name), check.line.to_string());
    let attributes = [("name", name.as_str()), ("classname", file), ("file", file), ("line", line.as_str())];
    let element = writer.create_element("testcase").with_attributes(attributes);
    if one.passed() {
        element.write_empty()?;
        return Ok(());
    }
    let message = allowed(&one.mismatches.join("; "));
    let told = one.explanation.as_ref().map(ToString::to_string).unwrap_or_default();
    element.write_inner_content(|writer| {
        let failure = writer.create_element("failure").with_attribute(("message", message.as_str()));
        failure.with_attribute(("type", one.word())).write_text_content(BytesText::new(&allowed(&told)))?;
        Ok(())
    })?;
    Ok(())
}

/// XML has no way to say most control characters.
fn allowed(text: &str) -> String {
    let is_allowed = |c: char| matches!(c, '\t' | '\n' | ' '..='\u{fffd}' | '\u{10000}'..);
    text.chars().map(|c| if is_allowed(c) { c } else { '\u{fffd}' }).collect()
}
