//! The Atom feed of what changed: new KEPs, promotions and approvals.

use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event as Xml};

use super::events::{self, Event};
use super::model::Site;
use super::page::text;
use crate::escape::{xml_document, xml_text};
use crate::source::git::BlobId;

/// The number of events in the feed.
const EVENTS: usize = 50;

/// The feed of a site at `base_url`.
pub(super) fn render(site: &Site<'_>, base_url: &str) -> String {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    // Writing to memory cannot fail, and all that is written is text.
    let _ = feed(site, base_url, &mut writer);
    let mut text = String::from_utf8(writer.into_inner()).unwrap_or_default();
    text.push('\n');
    xml_document(&text)
}

fn feed(site: &Site<'_>, base_url: &str, writer: &mut Writer<Vec<u8>>) -> io::Result<()> {
    let events = events::newest(site, EVENTS);
    let updated = events.first().map_or(site.sources.history.end, |event| event.version.time);
    writer.write_event(Xml::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let root = writer.create_element("feed").with_attribute(("xmlns", "http://www.w3.org/2005/Atom"));
    root.write_inner_content(|writer| {
        element(writer, "title", "Changes of KEPs")?;
        element(writer, "id", &format!("{base_url}/"))?;
        let own = format!("{base_url}/feed.atom");
        writer.create_element("link").with_attributes([("rel", "self"), ("href", own.as_str())]).write_empty()?;
        let home = format!("{base_url}/index.html");
        writer.create_element("link").with_attribute(("href", home.as_str())).write_empty()?;
        element(writer, "updated", &updated.to_string())?;
        writer.create_element("author").write_inner_content(|writer| element(writer, "name", "kepgate"))?;
        events.iter().try_for_each(|event| entry(base_url, event, writer))
    })?;
    Ok(())
}

fn entry(base_url: &str, event: &Event<'_>, writer: &mut Writer<Vec<u8>>) -> io::Result<()> {
    let dir = &event.version.dir;
    let (label, page) = match event.entry {
        Some(entry) => (format!("{} {}", text(&entry.label()), text(entry.title())), entry.path()),
        None => (text(&dir.to_string()), "index.html".to_owned()),
    };
    let url = format!("{base_url}/{page}");
    // One commit can change several KEPs. The page is not part of the id, because it goes when the KEP is removed.
    let of_dir = BlobId::of(dir.as_bytes()).map(|id| id.to_string()).unwrap_or_default();
    let id = format!("{base_url}/#{}-{of_dir}", event.version.commit);
    writer.create_element("entry").write_inner_content(|writer| {
        element(writer, "title", &format!("{label}: {}", event.words().replace('`', "")))?;
        element(writer, "id", &id)?;
        writer.create_element("link").with_attribute(("href", url.as_str())).write_empty()?;
        element(writer, "updated", &event.version.time.to_string())
    })?;
    Ok(())
}

fn element(writer: &mut Writer<Vec<u8>>, name: &str, content: &str) -> io::Result<()> {
    writer.create_element(name).write_text_content(BytesText::new(&xml_text(&crate::escape::one_line(content))))?;
    Ok(())
}
