pub(super) fn page(_: crate::cli::Document) -> String {
    String::new()
}
