//! Wildcard matching by a table over characters: slow, and easy to believe.

/// One piece of a pattern whose variables are already replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token {
    /// This character and no other.
    Char(char),
    /// `?`: any one character.
    One,
    /// `*`: any run of characters, the empty one too.
    Run,
}

/// The tokens of a text in which `*` and `?` are live and everything else is literal.
pub fn tokens(text: &str) -> Vec<Token> {
    let token = |c| match c {
        '*' => Token::Run,
        '?' => Token::One,
        other => Token::Char(other),
    };
    text.chars().map(token).collect()
}

/// Whether the pattern matches the whole text. Every character counts: no separator, no line end is special.
pub fn matches(pattern: &[Token], text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    // row[i]: the tokens read so far can consume exactly the first i characters.
    let mut row = vec![false; text.len() + 1];
    row[0] = true;
    for token in pattern {
        row = next_row(*token, &row, &text);
    }
    row[text.len()]
}

fn next_row(token: Token, row: &[bool], text: &[char]) -> Vec<bool> {
    let mut next = vec![false; row.len()];
    for i in 0..row.len() {
        next[i] = match token {
            Token::Run => row[..=i].contains(&true),
            Token::One => i > 0 && row[i - 1],
            Token::Char(c) => i > 0 && row[i - 1] && text[i - 1] == c,
        };
    }
    next
}
