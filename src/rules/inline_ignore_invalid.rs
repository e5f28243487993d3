use super::wording::quote;
use super::{Context, Findings};
use crate::finding::Finding;
use crate::kep::comment::IgnoreComment;
use crate::rule::{Family, Level, Renewal, Rule};
use crate::syntax::yaml::Comment;
use crate::text::FileId;
use crate::text::nearest::nearest;

pub(super) static RULE: Rule = Rule {
    id: "inline-ignore-invalid",
    family: Family::Repository,
    level: Level::Warning,
    enabled: true,
    needs: &[],
    renewal: Renewal::Never,
    summary: "A comment that should ignore findings has no reason, or no effect",
    what: "Checks comments such as `# kepgate: ignore[status-invalid] kept as a record` if `inline-ignore` is true in the \
           configuration. It reports comments without a reason, with an unknown rule or in another form, and those \
           that are not at the end of a line with content.",
    why: "A comment without a reason leaves readers guessing, and one with a typo ignores nothing.",
    source: "https://github.com/kepgate/kepgate/blob/main/docs/configuration.md#inline-ignore",
};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    if !context.policy.inline_ignore {
        return;
    }
    let kep = context.kep().map(|kep| (kep.file, &kep.comments));
    let prr = context.prr_file().map(|prr| (prr.file, &prr.comments));
    for (file, comments) in kep.into_iter().chain(prr) {
        findings.extend(comments.iter().filter_map(|comment| finding(file, comment)));
    }
}

fn finding(file: FileId, comment: &Comment) -> Option<Finding> {
    let (message, help) = fault(comment, &IgnoreComment::parse(&comment.text)?)?;
    Some(Finding::new(&RULE, file, Some(comment.span), message).on("comment", &comment.text).help(help))
}

/// What is wrong with the comment, and what to write.
fn fault(comment: &Comment, ignore: &IgnoreComment<'_>) -> Option<(String, String)> {
    if ignore.rules.is_empty() {
        let help = "write `# kepgate: ignore[rule] reason`; `kepgate rules` lists the rules";
        return Some(("this comment does not say which rule it ignores".to_owned(), help.to_owned()));
    }
    if let Some(unknown) = ignore.rules.iter().find(|rule| super::find(rule).is_none()) {
        let near = nearest(unknown, super::ALL.iter().map(|rule| rule.id));
        let help =
            near.map_or_else(|| "`kepgate rules` lists the rules".to_owned(), |near| format!("did you mean `{near}`?"));
        return Some((format!("this comment ignores {}, which is not a rule", quote(unknown)), help));
    }
    let rules = ignore.rules.join(", ");
    if ignore.reason.is_empty() {
        let message = format!("this comment ignores {} without a reason, so it has no effect", quote(&rules));
        return Some((message, format!("say why: `# kepgate: ignore[{rules}] reason`")));
    }
    (!comment.trailing).then(|| {
        let message = "this comment is on a line of its own, so it ignores nothing".to_owned();
        (message, "move it to the end of the line whose findings it should ignore".to_owned())
    })
}
