//! Expressions as text. Every part of a compound condition stands in parentheses, so the text reads back as the same
//! tree.

use std::fmt::{Display, Formatter, Result};

use super::{Condition, Name, Operand, Path, Projection, Step, Update};

impl Display for Condition<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        match self {
            Self::Or(all) => joined(out, all, " OR "),
            Self::And(all) => joined(out, all, " AND "),
            Self::Not(one) => write!(out, "NOT ({one})"),
            Self::Compare(left, comparator, right) => {
                write!(out, "{left} {} {right}", comparator.as_str())
            }
            Self::Between(value, low, high) => write!(out, "{value} BETWEEN {low} AND {high}"),
            Self::In(value, all) => {
                write!(out, "{value} IN (")?;
                listed(out, all)?;
                out.write_str(")")
            }
            Self::Call(function, all) => call(out, function.as_str(), all),
        }
    }
}

impl Display for Operand<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        match self {
            Self::Path(path) => path.fmt(out),
            Self::Value(name) => out.write_str(name),
            Self::Call(function, all) => call(out, function.as_str(), all),
            Self::Plus(left, right) => write!(out, "({left} + {right})"),
            Self::Minus(left, right) => write!(out, "({left} - {right})"),
        }
    }
}

impl Display for Path<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        self.head.fmt(out)?;
        for step in &self.steps {
            match step {
                Step::Member(name) => write!(out, ".{name}")?,
                Step::Element(digits) => write!(out, "[{digits}]")?,
            }
        }
        Ok(())
    }
}

impl Display for Name<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        match self {
            Self::Plain(text) | Self::Placeholder(text) => out.write_str(text),
        }
    }
}

impl Display for Projection<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        listed(out, &self.0)
    }
}

impl Display for Update<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        let mut space = "";
        for (word, pairs, between) in
            [("SET ", &self.set, " = "), ("ADD ", &self.add, " "), ("DELETE ", &self.delete, " ")]
        {
            if pairs.is_empty() {
                continue;
            }
            write!(out, "{space}{word}")?;
            space = " ";
            for (index, (path, value)) in pairs.iter().enumerate() {
                let comma = if index == 0 { "" } else { ", " };
                write!(out, "{comma}{path}{between}{value}")?;
            }
        }
        if self.remove.is_empty() {
            return Ok(());
        }
        write!(out, "{space}REMOVE ")?;
        listed(out, &self.remove)
    }
}

fn call(out: &mut Formatter<'_>, name: &str, all: &[Operand<'_>]) -> Result {
    write!(out, "{name}(")?;
    listed(out, all)?;
    out.write_str(")")
}

fn listed<T: Display>(out: &mut Formatter<'_>, all: &[T]) -> Result {
    for (index, one) in all.iter().enumerate() {
        out.write_str(if index == 0 { "" } else { ", " })?;
        one.fmt(out)?;
    }
    Ok(())
}

fn joined(out: &mut Formatter<'_>, all: &[Condition<'_>], word: &str) -> Result {
    for (index, one) in all.iter().enumerate() {
        out.write_str(if index == 0 { "" } else { word })?;
        write!(out, "({one})")?;
    }
    Ok(())
}
