use super::{Cell, Column, Holds, SortKey, Table};

const KEP: Column = Column::new("kep", "KEP", Holds::Number, "");
const TITLE: Column = Column::new("title", "Title", Holds::Text, "");
const AUTHORS: Column = Column::new("authors", "Authors", Holds::List, "");
const LINK: Column = Column::new("link", "Link", Holds::Link, "");

fn table() -> Table {
    let mut table = Table::new([KEP, TITLE, AUTHORS, LINK]);
    let authors = Cell::List(vec!["@ida-r".to_owned(), "@jon-b".to_owned()]);
    let link = Cell::Link("https://example.org/keps/12".to_owned());
    table.push(vec![Cell::Number(12), Cell::text("Quiet, \"loud\""), authors, link]);
    table.push(vec![Cell::Number(345), Cell::text("=1+1\n| a |")]);
    table
}

#[test]
fn text_is_aligned_in_columns() {
    let expected = "\
KEP  Title           Authors         Link
12   Quiet, \"loud\"   @ida-r, @jon-b  https://example.org/keps/12
345  =1+1\\u{a}| a |
";
    assert_eq!(table().text(None), expected);
    let mut long = Table::new([TITLE, LINK]);
    let link = format!("https://example.org/{}", "x".repeat(80));
    long.push(vec![Cell::text("y".repeat(61)), Cell::Link(link.clone())]);
    let expected = format!("{}…  {link}", "y".repeat(59));
    assert_eq!(long.text(None).lines().nth(1), Some(expected.as_str()));
}

#[test]
fn text_fits_its_width() {
    let at = |width: usize| table().text(Some(width));
    let natural = table().text(None).lines().map(str::len).max().unwrap();
    assert_eq!(at(natural), table().text(None));
    let without_link = "KEP  Title           Authors\n12   Quiet, \"loud\"   @ida-r, @jon-b\n345  =1+1\\u{a}| a |\n";
    assert_eq!(at(natural - 1), without_link, "a link is useless when cut");
    assert_eq!(table().left_out(Some(natural - 1)), ["Link"]);
    assert_eq!(at(5), "KEP\n12\n345\n");
    assert_eq!(table().left_out(Some(5)), ["Title", "Authors", "Link"]);
    let mut long = Table::new([TITLE, KEP]);
    long.push(vec![Cell::text("a long title that goes on and on"), Cell::Number(7)]);
    assert_eq!(long.text(Some(25)), "Title                 KEP\na long title that g…  7\n");
    assert_eq!(long.text(Some(24)), "Title\na long title that goes…\n", "no title is shorter than 20");
    // Wide characters count as two columns.
    let mut wide = Table::new([TITLE]);
    wide.push(vec![Cell::text("静かな時間")]);
    assert_eq!(wide.text(Some(7)), "Title\n静かな…\n");
}

#[test]
fn nested_tables_are_lines_below_their_row() {
    const INNER: &[Column] = &[KEP, AUTHORS];
    let mut inner = Table::new(INNER);
    let changes = Cell::List(vec!["stage alpha → beta".to_owned(), "milestone v1.35 → v1.36".to_owned()]);
    inner.push(vec![Cell::Reference { number: 7, url: String::new() }, changes]);
    inner.push(vec![Cell::Reference { number: 8, url: String::new() }]);
    let mut table = Table::new([KEP, Column::new("pulls", "Pulls", Holds::Rows(INNER), ""), TITLE]);
    table.push(vec![Cell::Number(12), Cell::Rows(inner), Cell::text("Quiet")]);
    table.push(vec![Cell::Number(345), Cell::Empty, Cell::text("Nap")]);
    let expected = "\
KEP  Title
12   Quiet
     #7 stage alpha → beta, milestone v1.35 → v1.36
     #8
345  Nap
";
    assert_eq!(table.text(None), expected);
    assert_eq!(table.text(Some(30)).lines().nth(2), Some("     #7 stage alpha → beta, m…"));
}

#[test]
fn rows_are_sorted_by_key_or_heading() {
    let columns = [KEP, Column::new("latest-milestone", "Milestone", Holds::Word, "")];
    let mut table = Table::new(columns);
    for (number, milestone) in [(3, "v1.9"), (1, "v1.36"), (2, ""), (4, "v1.9")] {
        table.push(vec![Cell::Number(number), Cell::text(milestone)]);
    }
    let mut numbers = |sort: &[&str]| -> Vec<String> {
        let keys: Vec<_> = sort.iter().map(|key| SortKey::parse(key, &columns).unwrap()).collect();
        table.sort(&keys);
        table.rows().iter().map(|row| row[0].plain()).collect()
    };
    assert_eq!(numbers(&["Milestone", "-kep"]), ["4", "3", "1", "2"]);
    assert_eq!(numbers(&["-latest-milestone", "KEP"]), ["1", "3", "4", "2"]);
    assert_eq!(SortKey::parse("mile", &columns), None);
}

#[test]
fn no_line_of_text_is_a_workflow_command() {
    let mut table = Table::new([TITLE]);
    table.push(vec![Cell::text("::add-mask::x\r\n##[error]y")]);
    assert_eq!(table.text(None), "Title\n\\::add-mask::x\\u{d}\\u{a}##\\[error]y\n");
}

#[test]
fn csv_is_read_by_spreadsheets() {
    let expected = "\"KEP\",\"Title\",\"Authors\",\"Link\"\r\n\
                    12,\"Quiet, \"\"loud\"\"\",\"'@ida-r, @jon-b\",\"https://example.org/keps/12\"\r\n\
                    345,\"'=1+1\\u{a}| a |\",\"\",\"\"\r\n";
    assert_eq!(table().csv().unwrap(), expected);
}

#[test]
fn text_cannot_break_out_of_a_markdown_cell() {
    let expected = "\
| KEP | Title | Authors | Link |
|---|---|---|---|
| 12 | `Quiet, \"loud\"` | `@ida-r`, `@jon-b` | [link](https://example.org/keps/12) |
| 345 | `=1+1\\u{a}\\| a \\|` |  |  |
";
    assert_eq!(table().markdown(), expected);
}

#[test]
fn json_is_a_list_of_objects() {
    let value: serde_json::Value = serde_json::from_str(&table().json()).unwrap();
    let expected = serde_json::json!([
        {"kep": 12, "title": "Quiet, \"loud\"", "authors": ["@ida-r", "@jon-b"], "link": "https://example.org/keps/12"},
        {"kep": 345, "title": "=1+1\n| a |", "authors": null, "link": null},
    ]);
    assert_eq!(value, expected);
    assert_eq!(Table::new([KEP]).json(), "[]\n");
}

#[test]
fn yaml_keeps_every_text_and_nests_tables() {
    let mut inner = Table::new([TITLE]);
    inner.push(vec![Cell::text("yes")]);
    let mut table = Table::new([KEP, AUTHORS, TITLE]);
    table.push(vec![Cell::Number(1), Cell::Rows(inner), Cell::text("null # x")]);
    table.push(vec![Cell::Empty, Cell::Rows(Table::new([TITLE]))]);
    let expected = serde_json::json!([
        {"kep": 1, "authors": [{"title": "yes"}], "title": "null # x"},
        {"kep": null, "authors": [], "title": null},
    ]);
    assert_eq!(serde_yaml::from_str::<serde_json::Value>(&table.yaml().unwrap()).unwrap(), expected);
    assert_eq!(Table::new([KEP]).yaml().unwrap(), "[]\n");
}

#[test]
fn text_in_yaml_is_inert_and_unchanged() {
    let texts = ["a\n::error::b", "##[error]c", "\u{202e}d\u{1b}[31m", "kepgate_escaped_text_0", "::e", "\u{feff}f"];
    let mut table = Table::new([AUTHORS]);
    table.push(vec![Cell::List(texts.map(str::to_owned).into())]);
    let yaml = table.yaml().unwrap();
    for line in yaml.lines() {
        assert!(
            crate::escape::terminal(line) == line && !line.contains("##[") && !line.trim_start().starts_with("::"),
            "{line:?}"
        );
    }
    let expected = serde_json::json!([{"authors": texts}]);
    assert_eq!(serde_yaml::from_str::<serde_json::Value>(&yaml).unwrap(), expected);
}

#[test]
fn paths_are_not_cut() {
    let path = format!("keps/sig-node/{}", "long-".repeat(20));
    let mut table = Table::new([TITLE, Column::new("directory", "Directory", Holds::Link, "")]);
    table.push(vec![Cell::text("x".repeat(50)), Cell::text(&path)]);
    assert_eq!(table.text(None).lines().nth(1).unwrap(), format!("{}  {path}", "x".repeat(50)));
    assert!(table.text(Some(42 + path.len())).contains(&path));
    assert_eq!(table.left_out(Some(41 + path.len())), ["Directory"], "a title of 40 characters is worth more");
}

#[test]
fn words_are_wrapped_with_an_indent() {
    assert_eq!(super::wrap("one two three four", 9, "  "), "one two\n  three\n  four");
    assert_eq!(super::wrap("  one two", 40, "  "), "  one two");
}
