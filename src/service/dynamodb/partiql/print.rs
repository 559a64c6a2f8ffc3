//! Statements as text. What a statement does not keep (which comparison, which function, which constant) is not in it: the
//! text names and fixes the same, and reads back as the same statement.

use std::fmt::{self, Display, Formatter};

use super::{Change, Expression, Path, Rest, Returning, Select, Statement, Target};

impl Display for Statement<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Select(select) => select.fmt(f),
            Self::Exists(select) => write!(f, "EXISTS({select})"),
            Self::Insert(target, members) => {
                write!(f, "INSERT INTO {target} VALUE {{")?;
                each(f, members, |f, (name, value)| write!(f, "{}: {}", Quoted(name, '\''), Element(value)))?;
                f.write_str("}")
            }
            Self::Update(target, changes, filter, returning) => {
                write!(f, "UPDATE {target}")?;
                changes.iter().try_for_each(|change| write_change(f, change))?;
                write!(f, " WHERE {filter}{returning}")
            }
            Self::Delete(target, filter, returning) => {
                write!(f, "DELETE FROM {target} WHERE {filter}{returning}")
            }
        }
    }
}

fn write_change(f: &mut Formatter<'_>, (path, value): &Change<'_>) -> fmt::Result {
    match value {
        Some(value) => write!(f, " SET {path} = {}", Element(value)),
        None => write!(f, " REMOVE {path}"),
    }
}

impl Display for Select<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("SELECT ")?;
        match &self.list {
            None => f.write_str("*")?,
            Some(all) => each(f, all, |f, one| Element(one).fmt(f))?,
        }
        write!(f, " FROM {}", self.from)?;
        if let Some(filter) = &self.filter {
            write!(f, " WHERE {filter}")?;
        }
        if !self.order.is_empty() {
            f.write_str(" ORDER BY ")?;
            each(f, &self.order, |f, path| path.fmt(f))?;
        }
        Ok(())
    }
}

impl Display for Target<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Quoted(&self.table, '"').fmt(f)?;
        match &self.index {
            Some(index) => write!(f, ".{}", Quoted(index, '"')),
            None => Ok(()),
        }
    }
}

impl Display for Returning {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "",
            Self::AllOld => " RETURNING ALL OLD *",
            Self::AllNew => " RETURNING ALL NEW *",
            Self::ModifiedOld => " RETURNING MODIFIED OLD *",
            Self::ModifiedNew => " RETURNING MODIFIED NEW *",
        })
    }
}

impl Display for Path<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Quoted(&self.head, '"').fmt(f)?;
        match &self.rest {
            Rest::Nothing => Ok(()),
            Rest::Member(name) => write!(f, ".{}", Quoted(name, '"')),
            Rest::Members(name) => write!(f, ".{}[0]", Quoted(name, '"')),
            Rest::Element => f.write_str("[0]"),
        }
    }
}

impl Display for Expression<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::String(text) => Quoted(text, '\'').fmt(f),
            Self::Number(text) => f.write_str(text),
            Self::Constant => f.write_str("NULL"),
            Self::Parameter(_) => f.write_str("?"),
            Self::Path(path) => path.fmt(f),
            Self::All(all) => {
                f.write_str("[")?;
                each(f, all, |f, one| Element(one).fmt(f))?;
                f.write_str("]")
            }
            Self::Equal(left, right) => write!(f, "{} = {}", Element(left), Element(right)),
            Self::In(one, all) => {
                write!(f, "{} IN [", Element(one))?;
                each(f, all, |f, one| Element(one).fmt(f))?;
                f.write_str("]")
            }
            Self::And(all) => joined(f, all, " AND "),
            Self::Or(all) => joined(f, all, " OR "),
        }
    }
}

/// An expression where a value stands: what is no value is in parentheses.
struct Element<'e, 'a>(&'e Expression<'a>);

impl Display for Element<'_, '_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            Expression::Equal(..) | Expression::In(..) | Expression::And(_) | Expression::Or(_) => {
                write!(f, "({})", self.0)
            }
            value => value.fmt(f),
        }
    }
}

/// A text in quotes, a quote in it doubled.
struct Quoted<'t>(&'t str, char);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (quote, twice) = (self.1, format!("{0}{0}", self.1));
        write!(f, "{quote}{}{quote}", self.0.replace(quote, &twice))
    }
}

/// Operands of `AND` and `OR`: those that were in parentheses are again.
fn joined(f: &mut Formatter<'_>, all: &[Expression<'_>], word: &str) -> fmt::Result {
    for (place, one) in all.iter().enumerate() {
        f.write_str(if place == 0 { "" } else { word })?;
        match one {
            Expression::And(_) | Expression::Or(_) => write!(f, "({one})")?,
            other => other.fmt(f)?,
        }
    }
    Ok(())
}

fn each<T>(
    f: &mut Formatter<'_>,
    all: &[T],
    mut one: impl FnMut(&mut Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    for (place, item) in all.iter().enumerate() {
        f.write_str(if place == 0 { "" } else { ", " })?;
        one(f, item)?;
    }
    Ok(())
}
