//! The workflow commands that the runner of GitHub Actions finds in a log.

/// A workflow command as the runner of GitHub Actions parses it: name, properties and data, unescaped.
#[derive(Debug)]
pub(crate) struct Annotation {
    pub(crate) name: String,
    pub(crate) properties: Vec<(String, String)>,
    pub(crate) data: String,
}

/// Every workflow command in the log of a step. Commands with unknown names count too, because the runner may support
/// them one day.
pub(crate) fn commands(log: &str) -> Vec<Annotation> {
    let mut stopped_until = None;
    let mut found = Vec::new();
    for command in log.split(['\n', '\r']).filter_map(|line| new_command(line).or_else(|| old_command(line))) {
        match &stopped_until {
            Some(token) if *token == command.name => stopped_until = None,
            Some(_) => {}
            None if command.name == "stop-commands" => stopped_until = Some(command.data),
            None => found.push(command),
        }
    }
    assert_eq!(stopped_until, None, "workflow commands stay disabled for later steps");
    found
}

/// `::name key=value,key=value::data` after optional white space.
fn new_command(line: &str) -> Option<Annotation> {
    let (head, data) = line.trim().strip_prefix("::")?.split_once("::")?;
    let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
    let properties = properties.split(',').filter_map(|property| property.split_once('='));
    let unescaped = |text: &str| text.replace("%3A", ":").replace("%2C", ",");
    let properties = properties.map(|(key, value)| (key.to_owned(), unescaped_data(&unescaped(value))));
    Some(Annotation { name: name.to_owned(), properties: properties.collect(), data: unescaped_data(data) })
}

/// `##[name key=value;key=value]data`, anywhere in the line.
fn old_command(line: &str) -> Option<Annotation> {
    let (_, rest) = line.split_once("##[")?;
    let (head, data) = rest.split_once(']')?;
    let name = head.split(' ').next().unwrap_or_default();
    Some(Annotation { name: name.to_owned(), properties: Vec::new(), data: data.to_owned() })
}

fn unescaped_data(text: &str) -> String {
    text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")
}
