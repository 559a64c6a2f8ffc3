//! The XML of a body as a small tree. Document types, processing instructions, prefixes and entities beyond XML's five
//! are refused; depth, elements and size are bounded.

use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesRef, BytesStart, Event};

/// More than DeleteObjects with a thousand longest keys, each character escaped.
const MOST_BYTES: usize = 8 << 20;
const MOST_ELEMENTS: usize = 20_000;
const MOST_DEPTH: usize = 12;

/// An element with its children in order.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) text: String,
    pub(super) children: Vec<Self>,
}

impl Element {
    /// The root of a document; an error says what is wrong, as a predicate.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, String> {
        if bytes.len() > MOST_BYTES {
            return Err(format!("has more than {MOST_BYTES} bytes"));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| "is not UTF-8".to_owned())?;
        let mut reader = Reader::from_str(text.strip_prefix('\u{feff}').unwrap_or(text));
        reader.config_mut().expand_empty_elements = true;
        let mut builder = Builder::default();
        loop {
            match reader.read_event().map_err(|error| format!("is not XML: {error}"))? {
                Event::Eof => return builder.finish(),
                event => builder.take(event)?,
            }
        }
    }

    /// The child of a name, which must not stand twice.
    pub(super) fn child(&self, name: &str) -> Result<Option<&Self>, String> {
        let mut found = self.children.iter().filter(|child| child.name == name);
        let first = found.next();
        if found.next().is_some() { Err(format!("has two elements `{name}` in one")) } else { Ok(first) }
    }

    /// The text of a child without children.
    pub(super) fn text_of(&self, name: &str) -> Result<Option<&str>, String> {
        match self.child(name)? {
            Some(child) if !child.children.is_empty() => Err(format!("has elements in `{name}`")),
            child => Ok(child.map(|child| child.text.as_str())),
        }
    }

    /// The same, which must stand.
    pub(super) fn needed(&self, name: &str) -> Result<&str, String> {
        self.text_of(name)?.ok_or_else(|| format!("has no `{name}` in `{}`", self.name))
    }
}

#[derive(Default)]
struct Builder {
    open: Vec<Element>,
    root: Option<Element>,
    elements: usize,
}

impl Builder {
    fn take(&mut self, event: Event<'_>) -> Result<(), String> {
        match event {
            Event::Start(start) => self.start(&start),
            Event::End(_) => self.end(),
            Event::Text(text) => self.text(&text.xml_content(XmlVersion::Implicit1_0)),
            Event::CData(data) => self.text(&data.xml_content(XmlVersion::Implicit1_0)),
            Event::GeneralRef(reference) => self.text(&resolved(&reference)?),
            Event::Decl(decl) => match decl.encoding() {
                Some(Ok(name)) if !name.eq_ignore_ascii_case("utf-8") => Err("is not UTF-8".to_owned()),
                Some(Err(error)) => Err(format!("is not XML: {error}")),
                _ => Ok(()),
            },
            Event::DocType(_) => Err("has a document type, which is refused".to_owned()),
            Event::PI(_) => Err("has a processing instruction, which is refused".to_owned()),
            Event::Comment(_) | Event::Empty(_) | Event::Eof => Ok(()),
        }
    }

    fn start(&mut self, start: &BytesStart<'_>) -> Result<(), String> {
        self.elements = self.elements.saturating_add(1);
        if self.elements > MOST_ELEMENTS || self.open.len() >= MOST_DEPTH || self.root.is_some() {
            return Err("has too many elements, too many levels or two roots".to_owned());
        }
        let name = start.name();
        let name: &str = name.as_ref();
        if name.contains(':') {
            return Err(format!("has the prefixed element `{name}`"));
        }
        self.open.push(Element { name: name.to_owned(), ..Element::default() });
        Ok(())
    }

    fn end(&mut self) -> Result<(), String> {
        let Some(done) = self.open.pop() else { return Ok(()) };
        if !done.children.is_empty() && !done.text.trim().is_empty() {
            return Err(format!("has text between the elements of `{}`", done.name));
        }
        match self.open.last_mut() {
            Some(parent) => parent.children.push(done),
            None => self.root = Some(done),
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), String> {
        match self.open.last_mut() {
            Some(element) => {
                element.text.push_str(text);
                Ok(())
            }
            None if text.trim().is_empty() => Ok(()),
            None => Err("has text outside of its root".to_owned()),
        }
    }

    fn finish(self) -> Result<Element, String> {
        if self.open.is_empty() { self.root } else { None }.ok_or_else(|| "is not whole".to_owned())
    }
}

/// One of XML's five entities, or a character by its number.
fn resolved(reference: &BytesRef<'_>) -> Result<String, String> {
    if reference.is_char_ref() {
        let character = reference.resolve_char_ref().map_err(|error| format!("is not XML: {error}"))?;
        return character.map(String::from).ok_or_else(|| "is not XML".to_owned());
    }
    let name = reference.xml_content(XmlVersion::Implicit1_0);
    match quick_xml::escape::resolve_predefined_entity(&name) {
        Some(text) => Ok(text.to_owned()),
        None => Err(format!("has the entity `{name}`, which is refused")),
    }
}
