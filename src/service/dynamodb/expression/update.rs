//! The grammar of updates: `SET`, `REMOVE`, `ADD`, `DELETE`, in any order.

use super::parse::{Read, arguments, called, keyword, list, path, plain, spaces, symbol};
use super::syntax::{Function, Operand, Path, Place, Stop, SyntaxError, whole};
use super::walk::limited;
use super::{MOST_BYTES, MOST_DEPTH, Update};

impl<'a> Update<'a> {
    /// Reads an update.
    ///
    /// ```
    /// use verdikt::service::dynamodb::expression::Update;
    /// let update = Update::parse("SET a = if_not_exists(b, :z) + :n, #c.d = :d REMOVE e[2] add f :f")?;
    /// assert_eq!((update.set.len(), update.remove.len(), update.add.len()), (2, 1, 1));
    /// # Ok::<(), verdikt::service::dynamodb::expression::SyntaxError>(())
    /// ```
    ///
    /// # Errors
    /// The place where reading stopped, or the limit that the text is over.
    pub fn parse(text: &'a str) -> Result<Self, SyntaxError> {
        let read = whole(text, MOST_BYTES, clauses)?;
        limited(&read).map(|()| read)
    }
}

fn clauses(input: &str) -> Read<'_, Update<'_>> {
    let mut update = Update::default();
    let mut rest = input;
    loop {
        let start = spaces(rest);
        if start.is_empty() && start.len() < input.len() && !update.is_empty() {
            return Ok((start, update));
        }
        if let (Ok((after, ())), true) = (keyword(start, "SET"), update.set.is_empty()) {
            (rest, update.set) = list(after, assignment)?;
        } else if let (Ok((after, ())), true) = (keyword(start, "REMOVE"), update.remove.is_empty()) {
            (rest, update.remove) = list(after, path)?;
        } else if let (Ok((after, ())), true) = (keyword(start, "ADD"), update.add.is_empty()) {
            (rest, update.add) = list(after, pair)?;
        } else if let (Ok((after, ())), true) = (keyword(start, "DELETE"), update.delete.is_empty()) {
            (rest, update.delete) = list(after, pair)?;
        } else {
            return Err(Stop::at(start, "SET, REMOVE, ADD or DELETE, each once"));
        }
    }
}

impl Update<'_> {
    fn is_empty(&self) -> bool {
        self.set.is_empty() && self.remove.is_empty() && self.add.is_empty() && self.delete.is_empty()
    }
}

fn pair(input: &str) -> Read<'_, (Path<'_>, Operand<'_>)> {
    let (after, path) = path(input)?;
    match plain(after)? {
        (rest, value @ Operand::Value(_)) => Ok((rest, (path, value))),
        _ => Err(Stop::at(spaces(after), "a value such as `:v`")),
    }
}

fn assignment(input: &str) -> Read<'_, (Path<'_>, Operand<'_>)> {
    let (after, path) = path(input)?;
    let (after, ()) = symbol(after, "=")?;
    let (rest, value) = sum(after, MOST_DEPTH)?;
    Ok((rest, (path, value)))
}

/// One operand, or two with a sign between.
fn sum(input: &str, depth: usize) -> Read<'_, Operand<'_>> {
    let (rest, left) = operand(input, depth)?;
    if let Ok((after, ())) = symbol(rest, "+") {
        let (rest, right) = operand(after, depth)?;
        return Ok((rest, Operand::Plus(Box::new(left), Box::new(right))));
    }
    if let Ok((after, ())) = symbol(rest, "-") {
        let (rest, right) = operand(after, depth)?;
        return Ok((rest, Operand::Minus(Box::new(left), Box::new(right))));
    }
    Ok((rest, left))
}

fn operand(input: &str, depth: usize) -> Read<'_, Operand<'_>> {
    let Some(depth) = depth.checked_sub(1) else { return Err(Stop::at(input, "fewer parentheses")) };
    if let Ok((after, ())) = symbol(input, "(") {
        let (after, inner) = sum(after, depth)?;
        let (rest, ()) = symbol(after, ")")?;
        return Ok((rest, inner));
    }
    let Some((after, name)) = called(input) else { return plain(input) };
    let at = spaces(input);
    if !matches!(Function::read(name), Some((_, Place::UpdateOperand, ..))) {
        return Err(Stop::at(at, "`if_not_exists` or `list_append`"));
    }
    let (rest, (function, all)) = arguments(after, at, name, depth, operand)?;
    Ok((rest, Operand::Call(function, all)))
}
