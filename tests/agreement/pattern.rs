//! Patterns made from the text that they are to meet: wildcards, variables and specials in its place.

use crate::world::World;

/// What a text may hold.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// `*` and `?` are live.
    pub wildcards: bool,
    /// `${…}` is a variable.
    pub variables: bool,
}

impl World {
    /// A policy's text that matches the given one, as far as its variables have their values.
    pub fn pattern(&mut self, text: &str, style: Style) -> String {
        let text: Vec<char> = text.chars().collect();
        let weights = self.dice.pick(&[[100, 0, 0, 0], [80, 8, 8, 4], [60, 16, 12, 12], [45, 30, 20, 5]]);
        let mut out = String::new();
        let mut at = 0;
        while at < text.len() {
            let left = text.len() - at;
            match self.dice.weighted(&weights) {
                1 if style.wildcards => {
                    out.push('*');
                    at += if self.dice.chance(40) {
                        self.dice.below(left + 1)
                    } else {
                        self.dice.below(left.min(2) + 1)
                    };
                }
                2 if style.wildcards => {
                    out.push('?');
                    at += 1;
                }
                3 if style.variables && self.context.len() < 24 => {
                    let end = at + 1 + self.dice.below(left);
                    let replaced: String = text[at..end].iter().collect();
                    out.push_str(&self.variable(&replaced));
                    at = end;
                }
                _ => {
                    self.push_literal(&mut out, text[at], text.get(at + 1), style);
                    at += 1;
                }
            }
        }
        if style.wildcards && self.dice.chance(8) {
            out.push_str(self.dice.pick(&["*", "**"]));
        }
        out
    }

    /// A character that stands for itself, unless it is a wildcard that is left live.
    fn push_literal(&mut self, out: &mut String, c: char, next: Option<&char>, style: Style) {
        let opens = c == '$' && next == Some(&'{');
        let special = matches!(c, '*' | '?' | '$') && self.dice.chance(50);
        if style.variables && (opens || special) {
            out.push_str(&format!("${{{c}}}"));
        } else {
            out.push(c);
        }
    }

    /// A pattern of ARNs for this one.
    pub fn arn_pattern(&mut self, arn: &str, variables: bool) -> String {
        let fields: Vec<&str> = arn.splitn(6, ':').collect();
        let mut patterns = Vec::new();
        for (index, field) in fields.iter().enumerate() {
            patterns.push(match (index, self.dice.weighted(&[72, 14, 5, 4, 5])) {
                (0, _) => (*field).to_owned(),
                (5, _) => self.pattern(field, Style { wildcards: true, variables }),
                (_, 1) => "*".to_owned(),
                (_, 2) => format!("{}*", field.get(..1).unwrap_or_default()),
                (_, 3) if !field.is_empty() => format!("?{}", field.get(1..).unwrap_or_default()),
                (3 | 4, 4) if variables => self.variable(field),
                _ => (*field).to_owned(),
            });
        }
        patterns.join(":")
    }

    /// A pattern of which a star at a field's end would have to run past colons to match; at least six fields.
    pub fn crossing_pattern(&mut self, arn: &str) -> Option<String> {
        let parts: Vec<&str> = arn.split(':').collect();
        let spare = parts.len().checked_sub(6).filter(|spare| *spare > 0)?;
        let star = 1 + self.dice.below(4);
        let behind = star + 1 + 1 + self.dice.below(spare);
        let mut pattern = parts[..star].to_vec();
        pattern.push("*");
        pattern.extend(parts.get(behind..)?);
        Some(pattern.join(":"))
    }

    /// An ARN that leaves fields out: at its end, or in its middle behind a star.
    pub fn incomplete_arn(&mut self, arn: &str) -> String {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let kept = (2 + self.dice.below(4)).min(parts.len());
        let head = parts[..kept].join(":");
        match self.dice.weighted(&[4, 3, 2]) {
            0 => head,
            1 => format!("{head}:*"),
            _ => format!("{}:*:{}", parts[..kept.min(3)].join(":"), parts.last().unwrap_or(&"")),
        }
    }

    /// An entry of `Resource` that surely matches.
    pub fn sure_resource(&mut self) -> String {
        let resource = &self.target.resource;
        let plain = resource != "*" && !resource.contains("${") && self.dice.chance(50);
        if plain { resource.clone() } else { "*".to_owned() }
    }

    /// An entry of `Resource` or `NotResource`; `pads` where ARNs may be incomplete.
    pub fn resource_entry(&mut self, aimed: bool, pads: bool, variables: bool) -> String {
        let resource = self.target.resource.clone();
        if resource == "*" || !aimed {
            let others = [
                "*",
                "arn:aws:s3:::*",
                "arn:aws:s3:::other/*",
                "arn:aws:sqs:*:*:q",
                "arn:*:*:*:*:*",
                "arn:aws:s3:::${aws:missing}",
            ];
            let index = self.dice.weighted(if aimed { &[9, 1, 0, 0, 1, 0] } else { &[2, 3, 3, 2, 1, 1] });
            return others[index].to_owned();
        }
        match self.dice.weighted(&[18, 60, 12, 10]) {
            0 => "*".to_owned(),
            2 if pads => self.incomplete_arn(&resource),
            3 => self.crossing_pattern(&resource).unwrap_or_else(|| self.arn_pattern(&resource, variables)),
            _ => self.arn_pattern(&resource, variables),
        }
    }
}
