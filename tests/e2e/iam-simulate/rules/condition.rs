//! Conditions: operators, absent keys, values.

use super::Rule;
use crate::clause::{Condition, say_conditions};
use crate::oracle::context::Entry;
use crate::oracle::dates;
use crate::oracle::ip;
use crate::oracle::operator::{Family, Set};
use crate::oracle::template;
use crate::oracle::values::{boolean, bytes, number};

const OPERATORS: &str = "IAM User Guide, \"IAM JSON policy elements: Condition operators\"";

pub const IF_ANY_VALUE_EXISTS: Rule = Rule {
    name: "ForAnyValue with IfExists on an absent key",
    peer: "False: it looks at the set operator and not at `IfExists`.",
    law: "True: `IfExists` makes a condition on an absent key true, whatever the operator.",
    source: OPERATORS,
    documented: false,
    rewrite: |case| {
        say_conditions(case, |one| {
            one.operator.set == Set::Any && one.operator.if_exists && one.entry.is_none()
        });
    },
};

pub const PLAIN_ON_MANY: Rule = Rule {
    name: "a plain operator on a multivalued key",
    peer: "False, which disables a Deny.",
    law: "Indeterminate: an Allow does not apply, a Deny does. Multivalued keys need a set operator.",
    source: "IAM User Guide, \"Single-valued vs. multivalued context keys\"",
    documented: false,
    rewrite: |case| {
        say_conditions(case, |one| {
            one.operator.set == Set::Plain && matches!(one.entry, Some(Entry::Many(_)))
        });
    },
};

pub const EMPTY_TEXTS: Rule = Rule {
    name: "a set operator on nothing but empty texts",
    peer: "Compares the empty text like any other.",
    law: "Such a set counts as empty: `ForAllValues` is true, `ForAnyValue` false.",
    source: "IAM User Guide, \"Single-valued vs. multivalued context keys\" and \"Condition operators\"",
    documented: true,
    rewrite: |case| {
        say_conditions(case, |one| {
            one.operator.set != Set::Plain
                && one.values().iter().all(|value| value.is_empty())
                && one.entry.is_some()
        });
    },
};

pub const NULL_OF_EMPTY_TEXT: Rule = Rule {
    name: "Null on an empty text",
    peer: "The key is there, so `Null` is false.",
    law: "Indeterminate: one page calls an empty value null, another compares it as a value.",
    source: "IAM User Guide, \"IAM JSON policy elements: Condition\"",
    documented: false,
    rewrite: |case| {
        say_conditions(case, |one| {
            one.operator.family == Family::Null
                && one.entry.is_some()
                && one.values().iter().all(|value| value.is_empty())
        });
    },
};

pub const NEGATED_WITHOUT_VALUE: Rule = Rule {
    name: "a negated operator and a variable without a value",
    peer: "False: the whole condition does not match, which disables a Deny.",
    law: "The operand equals nothing, so that the negated operator holds of it.",
    source: "IAM User Guide, \"IAM policy elements: Variables and tags\"",
    documented: true,
    rewrite: |case| {
        say_conditions(case, |one| one.operator.negated && one.takes_variables() && one.has_unresolved());
    },
};

pub const SPECIALS: Rule = Rule {
    name: "`${*}`, `${?}`, `${$}` without wildcards",
    peer: "Leaves them as they are written under an operator that takes no wildcards.",
    law: "Each is the character, wherever variables are.",
    source: "IAM User Guide, \"IAM policy elements: Variables and tags\"",
    documented: true,
    rewrite: |case| {
        say_conditions(case, |one| {
            let specials = ["${*}", "${?}", "${$}"];
            one.variables
                && matches!(one.operator.family, Family::String | Family::StringIgnoreCase | Family::Bool)
                && one.operands.iter().any(|operand| specials.iter().any(|special| operand.contains(special)))
        });
    },
};

pub const UNREADABLE_VALUE: Rule = Rule {
    name: "a value of the wrong type in the request",
    peer: "False, which disables a Deny; of a number it reads as far as there are digits.",
    law: "Indeterminate: an Allow does not apply, a Deny does.",
    source: OPERATORS,
    documented: false,
    rewrite: |case| say_conditions(case, |one| one.values().iter().any(|value| !one.can_read(value))),
};

pub const UNREADABLE_OPERAND: Rule = Rule {
    name: "an operand of Bool that comes to no truth value",
    peer: "False, which disables a Deny; of a default as for all variables.",
    law: "Indeterminate: an Allow does not apply, a Deny does.",
    source: OPERATORS,
    documented: false,
    rewrite: |case| {
        say_conditions(case, |one| {
            one.operator.family == Family::Bool
                && one.operands.iter().any(|operand| boolean(operand).is_none())
        });
    },
};

pub const LONG_NUMBERS: Rule = Rule {
    name: "numbers of more than fifteen digits",
    peer: "Reads a number into 64-bit floating point, or its digits before the point.",
    law: "Numbers are decimals and compared exactly.",
    source: OPERATORS,
    documented: false,
    rewrite: |case| {
        say_conditions(case, |one| {
            matches!(one.operator.family, Family::Numeric(_))
                && one.texts().any(|text| text.chars().filter(char::is_ascii_digit).count() > 15)
        });
    },
};

pub const DATES: Rule = Rule {
    name: "dates of both forms, or finer than milliseconds",
    peer: "Compares seconds since 1970 with the milliseconds of a date, reads no fraction of a second of the former, and \
           no more than three digits of the latter.",
    law: "Both forms are instants on one scale.",
    source: OPERATORS,
    documented: true,
    rewrite: |case| {
        say_conditions(case, |one| matches!(one.operator.family, Family::Date(_)) && !one.is_of_one_scale());
    },
};

pub const ADDRESSES: Rule = Rule {
    name: "addresses that text does not tell",
    peer: "Compares single addresses as texts, a prefix of length 0 as that of one address, and an IPv4-mapped address \
           as one of IPv6; `NotIpAddress` with a single IPv4 address is false of an IPv6 one.",
    law: "Addresses are compared as numbers; an IPv4-mapped address is the IPv4 address; families never match.",
    source: OPERATORS,
    documented: false,
    rewrite: |case| {
        say_conditions(case, |one| {
            let single = |text: &String| !text.contains('/');
            one.operator.family == Family::Ip
                && (one.texts().any(|text| text.contains(':'))
                    && (one.operands.iter().any(single) || one.texts().any(is_mapped))
                    || one.operands.iter().any(|operand| operand.ends_with("/0")))
        });
    },
};

pub const FOLDED_TEXTS: Rule = Rule {
    name: "letters beyond ASCII where case is ignored",
    peer: "Folds as JavaScript's regular expressions do, which keep ASCII letters apart from all others.",
    law: "AWS names no fold. Each character is folded by itself: to upper case, then to lower case, where that is one \
          character.",
    source: OPERATORS,
    documented: false,
    rewrite: |case| {
        say_conditions(case, |one| {
            let is_ascii =
                one.texts().all(str::is_ascii) && one.resolved().iter().all(|text| text.is_ascii());
            one.operator.family == Family::StringIgnoreCase && !is_ascii
        });
    },
};

pub const NO_ARN: Rule = Rule {
    name: "a text that is no ARN under an ARN operator",
    peer: "False of a text with fewer than six parts, negated or not; the first part is not looked at.",
    law: "It matches no pattern: false, and true of a negated operator.",
    source: OPERATORS,
    documented: false,
    rewrite: |case| {
        say_conditions(case, |one| {
            let is_arn = |value: &&str| value.starts_with("arn:") && value.matches(':').count() > 4;
            one.operator.family == Family::Arn && !one.values().iter().all(is_arn)
        });
    },
};

pub const VARIABLE_IN_ARN_FIELD: Rule = Rule {
    name: "a variable before the sixth part of an ARN operand",
    peer: "Splits at every colon, that of the variable's name too, before it replaces the variable.",
    law: "A variable is read first, and its value stays in the part where it stands.",
    source: "IAM User Guide, \"IAM policy elements: Variables and tags\"",
    documented: false,
    rewrite: |case| {
        say_conditions(case, |one| {
            let early = |operand: &String| {
                operand.find("${").is_some_and(|at| operand[..at].matches(':').count() < 5)
            };
            one.operator.family == Family::Arn && one.variables && one.operands.iter().any(early)
        });
    },
};

fn is_mapped(text: &str) -> bool {
    let base = text.split('/').next().unwrap_or_default();
    base.contains(':') && (base.contains('.') || base.to_ascii_lowercase().contains("::ffff"))
}

impl Condition<'_> {
    /// The values of the request.
    fn values(&self) -> Vec<&str> {
        match self.entry {
            None => Vec::new(),
            Some(Entry::One(value)) => vec![value],
            Some(Entry::Many(values)) => values.iter().map(String::as_str).collect(),
        }
    }

    /// The values of both sides.
    fn texts(&self) -> impl Iterator<Item = &str> {
        self.values().into_iter().chain(self.operands.iter().map(String::as_str))
    }

    fn takes_variables(&self) -> bool {
        let family = self.operator.family;
        self.variables
            && matches!(family, Family::String | Family::StringIgnoreCase | Family::StringLike | Family::Arn)
    }

    fn has_unresolved(&self) -> bool {
        self.entry.is_some()
            && self.operands.iter().any(|operand| {
                template::parse(operand, true)
                    .is_ok_and(|pieces| template::resolve(&pieces, self.context).is_none())
            })
    }

    /// The operands with the values of their variables, where all of these are known.
    fn resolved(&self) -> Vec<String> {
        let resolved = |operand: &String| {
            let pieces = template::parse(operand, self.variables).ok()?;
            template::resolve(&pieces, self.context).map(|tokens| template::plain(&tokens))
        };
        self.operands.iter().filter_map(resolved).collect()
    }

    fn can_read(&self, value: &str) -> bool {
        match self.operator.family {
            Family::Numeric(_) => number(value).is_some(),
            Family::Date(_) => dates::instant(value).is_some(),
            Family::Bool => boolean(value).is_some(),
            Family::Binary => bytes(value).is_some(),
            Family::Ip => ip::address(value).is_some(),
            Family::String | Family::StringIgnoreCase | Family::StringLike | Family::Arn | Family::Null => {
                true
            }
        }
    }

    /// Whether all dates are calendar dates of at most milliseconds, or all of them whole seconds.
    fn is_of_one_scale(&self) -> bool {
        let seconds = |text: &str| text.parse::<i64>().is_ok_and(|number| number.to_string() == text);
        let calendar = |text: &str| {
            let fraction = text.split_once('.').map_or("", |(_, rest)| rest);
            text.find('-') == Some(4) && fraction.chars().take_while(char::is_ascii_digit).count() < 4
        };
        self.texts().all(seconds) || self.texts().all(calendar)
    }
}
