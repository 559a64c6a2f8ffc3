//! `Action` and `Resource`, and their negations.

use super::Rule;
use crate::clause::{Pattern, say_actions, say_resources};
use crate::oracle::template;
use crate::oracle::truth::Truth;

const RESOURCE: &str = "IAM User Guide, \"IAM JSON policy elements: Resource\"";

pub const WILDCARD_IN_PREFIX: Rule = Rule {
    name: "a wildcard in the prefix of an action",
    peer: "Compares the service as it is written, so that `*:*` matches nothing.",
    law: "Accepted and matched; AWS advises against it.",
    source: "IAM User Guide, \"IAM Access Analyzer policy check reference\"",
    documented: true,
    rewrite: |case| {
        say_actions(case, |text| text.split_once(':').is_some_and(|(prefix, _)| prefix.contains(['*', '?'])));
    },
};

pub const CASE_OF_FIELDS: Rule = Rule {
    name: "case of an ARN's first five fields",
    peer: "Ignores case in partition, service, Region and account.",
    law: "Every field is compared with its case.",
    source: RESOURCE,
    documented: false,
    rewrite: |case| {
        say_resources(case, |one| {
            one.truth() != one.truth_of(&lower_fields(one.text), &lower_fields(&one.asked.resource))
        });
    },
};

pub const CROSSING: Rule = Rule {
    name: "a star that would have to run past a colon",
    peer: "Does not match: each field is matched by itself.",
    law: "Indeterminate: an Allow does not apply, a Deny does. The page says that a star which ends a field can expand \
          past it.",
    source: RESOURCE,
    documented: false,
    rewrite: |case| say_resources(case, |one| !one.has_unresolved() && one.truth() == Truth::Indeterminate),
};

pub const STAR_IN_REQUEST: Rule = Rule {
    name: "a star in the request's resource",
    peer: "Takes it for \"some resource\" and asks whether the patterns overlap.",
    law: "A request is on one resource, whose name may hold a star.",
    source: RESOURCE,
    documented: false,
    rewrite: |case| {
        say_resources(case, |one| one.asked.resource.len() > 1 && one.asked.resource.contains('*'));
    },
};

pub const WILDCARD_IN_TYPE: Rule = Rule {
    name: "a wildcard or a variable in the type of a resource",
    peer: "Compares the sixth field up to its first slash or colon as it is written.",
    law: "Accepted and matched; AWS advises against it.",
    source: "IAM User Guide, \"Identify AWS resources with ARNs\"",
    documented: false,
    rewrite: |case| say_resources(case, |one| one.type_part().contains(['*', '?', '$'])),
};

pub const VARIABLE_IN_FIELD: Rule = Rule {
    name: "a variable or special character in the Region or account",
    peer: "Splits at every colon, that of the variable's name too, and replaces nothing before the sixth field.",
    law: "One literal text in its field, as AWS's own managed policies have it.",
    source: "IAM User Guide, \"IAM policy elements: Variables and tags\"",
    documented: false,
    rewrite: |case| {
        say_resources(case, |one| {
            one.place.variables
                && one.text.find("${").is_some_and(|at| one.text[..at].matches(':').count() < 5)
        });
    },
};

pub const SHORT_NOT_RESOURCE: Rule = Rule {
    name: "NotResource and an incomplete ARN",
    peer: "The statement matches nothing, which disables a Deny.",
    law: "An incomplete ARN is filled up with stars, in NotResource as in Resource.",
    source: "IAM User Guide, \"Identify AWS resources with ARNs\"",
    documented: true,
    rewrite: |case| {
        say_resources(case, |one| one.negated && one.text != "*" && one.text.matches(':').count() < 5);
    },
};

pub const NOT_RESOURCE_WITHOUT_VALUE: Rule = Rule {
    name: "NotResource and a variable without a value",
    peer: "The statement does not match, which disables a Deny.",
    law: "Indeterminate: an Allow does not apply, a Deny does.",
    source: "IAM User Guide, \"IAM policy elements: Variables and tags\"",
    documented: false,
    rewrite: |case| say_resources(case, |one| one.negated && one.has_unresolved()),
};

fn lower_fields(arn: &str) -> String {
    let mut fields: Vec<String> = arn.splitn(6, ':').map(str::to_owned).collect();
    fields.iter_mut().take(5).for_each(|field| field.make_ascii_lowercase());
    fields.join(":")
}

impl Pattern<'_> {
    fn has_unresolved(&self) -> bool {
        self.place.variables
            && template::parse(self.text, true)
                .is_ok_and(|pieces| template::resolve(&pieces, &self.asked.context).is_none())
    }

    /// What the package takes for the type of the resource: nothing of a bucket or an object.
    fn type_part(&self) -> &str {
        let fields: Vec<&str> = self.text.splitn(6, ':').collect();
        let [_, _, service, region, account, sixth] = fields.as_slice() else { return "" };
        if *service == "s3" && region.is_empty() && account.is_empty() {
            return "";
        }
        sixth.find(['/', ':']).map_or("", |end| &sixth[..end])
    }
}
