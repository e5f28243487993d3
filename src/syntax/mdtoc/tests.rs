use super::headings;

/// The headings as (level, source, HTML, text).
fn read(text: &str) -> Vec<(u8, &str, String, String)> {
    headings(text, 0).into_iter().map(|it| (it.level, &text[it.span], it.html, it.text)).collect()
}

fn html(text: &str) -> Vec<String> {
    read(text).into_iter().map(|(_, _, html, _)| html).collect()
}

fn text(markdown: &str) -> Vec<String> {
    read(markdown).into_iter().map(|(_, _, _, text)| text).collect()
}

#[test]
fn headings_have_their_level_and_place() {
    let heading = |level, source, text: &str| (level, source, text.to_owned(), text.to_owned());
    let markdown = "# A #\n\n> ## B\n\n- x\n\n    ### C\n\nD\n===\n\n###### E\n####### F\n.# G\n";
    let expected = [
        heading(1, "# A", "A"),
        heading(2, "## B", "B"),
        heading(3, "### C", "C"),
        heading(1, "D", "D"),
        heading(6, "###### E", "E"),
        heading(1, ".# G", "G"),
    ];
    assert_eq!(read(markdown), expected);
}

#[test]
fn of_an_underlined_heading_the_last_line_counts() {
    assert_eq!(text("Two\nlines\n---\n"), ["lines"]);
    assert_eq!(text("a\n\nOne\n=\n\nb\n-- \n"), ["One", "b"]);
    assert_eq!(text("a\n- - -\nb\n===x\nc\n---"), Vec::<String>::new(), "an underline ends its line");
}

#[test]
fn what_is_not_followed_by_a_space_is_not_a_heading() {
    for markdown in ["##", "##\n", "##\ttab\n", "#x\n", "## \n", "## ##\n", " ## x\n", "    ## x\n", "\u{feff}## x\n"] {
        assert_eq!(text(markdown), Vec::<String>::new(), "{markdown:?}");
    }
}

#[test]
fn trailing_number_signs_and_ids_go() {
    assert_eq!(text("## C#\n## #y#\n## z ##\n## z \\#\n"), ["C", "#y", "z", "z #"]);
    assert_eq!(text("## x {#id}\n## y {#id} more\n## z {id}\n## {#id}\n"), ["x", "y", "z {id}"]);
    assert_eq!(text("## x {#id}## y\n"), ["x", "y"], "after an id another block begins");
    assert_eq!(text("## x {#id}\n\n## `a` {#b}\n"), ["x", "a"]);
}

#[test]
fn headings_in_closed_html_are_hidden() {
    for markdown in [
        "<details>\n## a\n</details>\n\n# B\n",
        "<details>\n\n## a\n\n</details>\n\n# B\n",
        "<div>\n## a\n</div>\n\n# B\n",
        "<!--\n## a\n-->\n\n# B\n",
        "<!-- x\n\n## a\n\ny -->\n# B\n",
        "<table><tr>\n## a\n</tr></table>\n\n# B\n",
    ] {
        assert_eq!(text(markdown), ["B"], "{markdown:?}");
    }
    for markdown in [
        "<details>\n## a\n</details>\n# B\n",
        "<details>\n## a\n</details> x\n\n# B\n",
        "<div>\n## a\n\n# B\n",
        "<span>\n## a\n</span>\n\n# B\n",
        "<!--\n## a\n--> x\n\n# B\n",
        "x <!--\n## a\n-->\n\n# B\n",
        "<ins>\n## a\n</ins>\n\n# B\n",
    ] {
        assert_eq!(text(markdown), ["a", "B"], "{markdown:?}");
    }
}

#[test]
fn headings_in_code_and_front_matter_are_hidden() {
    for markdown in [
        "```\n## a\n```\n# B\n",
        "~~~ x\n## a\n~~~\n# B\n",
        "x\n```go\n## a\n```\n# B\n",
        "---\ntitle: a\n---\n# B\n",
        "---\na\n---\n\n## B\n",
        "$$\n## a\n$$\n# B\n",
        "\t## a\n\n# B\n",
        "> ```\n> ## a\n> ```\n\n# B\n",
        "1. x\n```\n## a\n```\n# B\n",
        "| a | b |\n|---|---|\n## c | d\n\n# B\n",
    ] {
        assert_eq!(text(markdown), ["B"], "{markdown:?}");
    }
    for markdown in ["```\n## a\n\n# B\n", "``` x y\n## a\n```\n# B\n", "```\n## a\n````\n# B\n"] {
        assert_eq!(text(markdown), ["a", "B"], "{markdown:?}");
    }
}

#[test]
fn headings_in_lists_and_quotes_count_where_mdtoc_reads_blocks() {
    assert_eq!(text("- ## a\n\n# B\n"), ["B"], "an entry of one line is text");
    assert_eq!(text("- ## a\n\n- b\n\n# B\n"), ["a", "B"], "entries with blank lines hold blocks");
    assert_eq!(text("1. x\n\n    ## a\n\n# B\n"), ["a", "B"]);
    assert_eq!(text("1. x\n\n   ## a\n\n# B\n"), ["B"], "three spaces are too few");
    assert_eq!(text("- x\n## A\n# B\n"), ["A", "B"]);
    assert_eq!(text("> x\n> ## a\n\n# B\n"), ["a", "B"]);
    assert_eq!(text("> > ## a\nlazy\n\n# B\n"), ["a", "B"]);
    assert_eq!(text("term\n: ## a\n\n# B\n"), ["B"]);
}

#[test]
fn labels_are_those_of_mdtoc() {
    for (markdown, expected) in [
        ("## `a<b` & \"c\"\n", "<code>a&lt;b</code> &amp; &quot;c&quot;"),
        ("## *a* __b__ ~~c~~ ***d***\n", "<em>a</em> <strong>b</strong> <del>c</del> <strong><em>d</em></strong>"),
        ("## a_b_c d*e*f\n", "a_b_c d*e*f"),
        ("## _a_b_ c\n", "_a<em>b</em> c"),
        ("## a\\_b \\# \\q\n", "a_b # \\q"),
        ("## $x$ and $y\n", "<span class=\"math inline\">\\(x\\)</span> and $y"),
        ("## <!-- c --> x\n", "<!-- c --> x"),
        ("## <a name=\"b\"></a>x\n", "<a name=\"b\"></a>x"),
        ("## ![img](x.png \"t\") y\n", "<img src=\"x.png\" alt=\"img\" title=\"t\" /> y"),
        ("## [a](http://x \"t\") [b][c]\n", "<a href=\"http://x\" title=\"t\">a</a> [b][c]"),
        ("## [b][C] [c]\n\n[c]: http://y\n", "<a href=\"http://y\">b</a> <a href=\"http://y\">c</a>"),
        ("## see (https://x.y/a_b), z\n", "see (<a href=\"https://x.y/a_b\">https://x.y/a_b</a>), z"),
        ("## <https://x.y> <a@b.c>\n", "<a href=\"https://x.y\">https://x.y</a> <a href=\"mailto:a@b.c\">a@b.c</a>"),
        ("## <a href=\"https://x\">https://x</a>\n", "<a href=\"https://x\">https://x</a>"),
        ("## &amp; &copy; &#65; &x\n", "&amp; &amp;copy; A &amp;x"),
        ("## `a *b\n", "`a *b"),
        ("## a|b 100%\n", "a|b 100%"),
    ] {
        assert_eq!(html(markdown), [expected], "{markdown:?}");
    }
}

#[test]
fn texts_leave_out_html_and_mathematics() {
    assert_eq!(text("## <b>a</b> $x$ ![i](j) `k` [l](m)\n"), ["a  i k l"]);
    let heading = headings("## `a` b\n", 0).remove(0);
    assert_eq!((heading.text.as_str(), heading.text_without_code.as_deref()), ("a b", Some(" b")));
}

#[test]
fn only_what_is_from_the_given_byte_on_is_read() {
    let markdown = "```\n# a\n# b\n";
    let found = headings(markdown, 4);
    assert_eq!(found.iter().map(|it| &markdown[it.span]).collect::<Vec<_>>(), ["# a", "# b"]);
}

#[test]
fn hostile_text_takes_no_long_time() {
    let repeated = |text: &str| text.repeat(200_000 / text.len());
    for text in [
        "```\n",
        "~~~a\n",
        "<div>\n",
        "<!--\n",
        "$$\n\n",
        "---a\n",
        "> ",
        "- ",
        "> - ",
        "`",
        "``` {a\n\n",
        "[",
        "| a |\n",
        ": ",
        "*a ",
    ] {
        let _ = headings(&repeated(text), 0);
        let _ = headings(&format!("# {}", repeated(text)), 0);
    }
    let fences: String = (3..1_400).map(|length| "`".repeat(length) + "\n").collect();
    assert!(headings(&fences, 0).is_empty());
}
