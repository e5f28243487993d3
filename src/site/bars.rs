//! Stacked bar charts.

use std::fmt::Display;

use maud::{Markup, html};
use plotters::coord::Shift;
use plotters::prelude::{
    ChartBuilder, DrawingArea, DrawingBackend, IntoDrawingArea as _, IntoFont as _, Rectangle, SVGBackend,
};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color as _, TextStyle};

use super::chart::{FONT, GRAY, Screen, color, figure};

/// The height of a bar with the space below it, in pixels.
const BAR: u32 = 26;

/// A bar: its name, and the size of each part.
pub(super) struct Bar {
    pub(super) label: String,
    pub(super) parts: Vec<usize>,
}

/// A chart of horizontal bars, top down, whose parts are called `parts`.
pub(super) fn bars(title: &str, unit: &str, parts: &[&str], bars: &[Bar]) -> Markup {
    let height = BAR * u32::try_from(bars.len()).unwrap_or(1) + 90;
    let svg = |screen: Screen| {
        let mut svg = String::new();
        {
            let area = SVGBackend::with_string(&mut svg, (screen.width(), height)).into_drawing_area();
            draw(&area, (screen, unit), parts, bars)?;
            area.present().map_err(words)?;
        }
        Ok(svg)
    };
    html! { @if !bars.is_empty() { (figure(title, svg)) } }
}

fn draw<B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    (screen, unit): (Screen, &str),
    parts: &[&str],
    bars: &[Bar],
) -> Result<(), String> {
    let total = |bar: &Bar| bar.parts.iter().sum::<usize>();
    let most = bars.iter().map(total).max().unwrap_or(1).max(1);
    let count = bars.len();
    let longest = bars.iter().map(|bar| bar.label.chars().count()).max().unwrap_or_default();
    let label_width = u32::try_from(longest).unwrap_or(10).min(screen.label_length()) * 8 + 16;
    let mut chart = ChartBuilder::on(area)
        .margin(8)
        .margin_top(34)
        .x_label_area_size(42)
        .y_label_area_size(label_width)
        .build_cartesian_2d(0..most + most / screen.room() + 1, 0..count * 10)
        .map_err(words)?;
    chart
        .configure_mesh()
        .disable_y_mesh()
        .disable_y_axis()
        .x_desc(unit)
        .x_labels(screen.labels())
        .label_style((FONT, 15))
        .axis_desc_style((FONT, 15))
        .light_line_style(GRAY.mix(0.0))
        .bold_line_style(GRAY.mix(0.25))
        .axis_style(GRAY.mix(0.6))
        .draw()
        .map_err(words)?;
    let middle = Pos::new(HPos::Left, VPos::Center);
    for (index, bar) in bars.iter().enumerate() {
        let bottom = (count - 1 - index) * 10;
        let mut start = 0;
        for (part, size) in bar.parts.iter().enumerate() {
            let rectangle = Rectangle::new([(start, bottom + 2), (start + size, bottom + 8)], color(part).filled());
            chart.draw_series([rectangle].into_iter().filter(|_| *size > 0)).map_err(words)?;
            start += size;
        }
        let left = TextStyle::from((FONT, 15).into_font()).pos(middle);
        let (x, y) = chart.backend_coord(&(start, bottom + 5));
        area.draw_text(&total(bar).to_string(), &left, (x + 6, y)).map_err(words)?;
        let (x, y) = chart.backend_coord(&(0, bottom + 5));
        let right = TextStyle::from((FONT, 15).into_font()).pos(Pos::new(HPos::Right, VPos::Center));
        area.draw_text(&label(bar, screen), &right, (x - 8, y)).map_err(words)?;
    }
    let start = if screen == Screen::Narrow { 0 } else { label_width };
    legend(area, parts, start)
}

/// The label of a bar, as far as there is room for it.
fn label(bar: &Bar, screen: Screen) -> String {
    let length = screen.label_length() as usize;
    match bar.label.char_indices().nth(length) {
        Some((end, _)) => format!("{}…", bar.label.get(..end).unwrap_or_default()),
        None => bar.label.clone(),
    }
}

/// The names of the parts, above the bars, next to their color.
fn legend<B: DrawingBackend>(area: &DrawingArea<B, Shift>, parts: &[&str], start: u32) -> Result<(), String> {
    let mut x = i32::try_from(start).unwrap_or_default() + 8;
    for (index, part) in parts.iter().enumerate() {
        area.draw(&Rectangle::new([(x, 8), (x + 14, 22)], color(index).filled())).map_err(words)?;
        let style = TextStyle::from((FONT, 15).into_font()).pos(Pos::new(HPos::Left, VPos::Center));
        area.draw_text(part, &style, (x + 20, 15)).map_err(words)?;
        x += 44 + 8 * i32::try_from(part.chars().count()).unwrap_or_default();
    }
    Ok(())
}

fn words(error: impl Display) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::{Bar, bars};

    #[test]
    fn a_bar_has_its_label_its_parts_and_its_total() {
        let all = [Bar { label: "v1.36".to_owned(), parts: vec![2, 3] }];
        let chart = bars("KEPs", "KEPs", &["alpha", "beta"], &all).into_string();
        for part in ["v1.36", "alpha", "beta", ">\n5\n<", "<rect"] {
            assert!(chart.contains(part), "{part}: {chart}");
        }
    }

    #[test]
    fn without_bars_there_is_no_chart() {
        assert_eq!(bars("KEPs", "KEPs", &["alpha"], &[]).into_string(), "");
    }
}
