//! Line charts.

use std::fmt::Display;

use maud::Markup;
use plotters::coord::Shift;
use plotters::prelude::{
    ChartBuilder, DrawingArea, DrawingBackend, IntoDrawingArea as _, IntoFont as _, LineSeries, SVGBackend, Text,
};
use plotters::style::Color as _;

use super::chart::{FONT, GRAY, Screen, color, figure};

const HEIGHT: u32 = 340;

/// A line with its name.
pub(super) struct Line {
    pub(super) label: String,
    pub(super) points: Vec<(i64, usize)>,
}

/// A chart of lines. The first one is the thickest.
pub(super) fn lines(title: &str, horizontal: &str, vertical: &str, lines: &[Line]) -> Markup {
    figure(title, |screen| {
        let mut svg = String::new();
        {
            let area = SVGBackend::with_string(&mut svg, (screen.width(), HEIGHT)).into_drawing_area();
            draw(&area, screen, (horizontal, vertical), lines)?;
            area.present().map_err(words)?;
        }
        Ok(svg)
    })
}

fn draw<B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    screen: Screen,
    (horizontal, vertical): (&str, &str),
    lines: &[Line],
) -> Result<(), String> {
    let days = || lines.iter().flat_map(|line| &line.points).map(|(day, _)| *day);
    let (first, last) = (days().min().unwrap_or(0), days().max().unwrap_or(1));
    let most = lines.iter().flat_map(|line| &line.points).map(|(_, count)| *count).max().unwrap_or(1).max(1);
    // Room for the labels at the ends of the lines.
    let room = (last - first) / i64::try_from(screen.room()).unwrap_or(8) + 2;
    let mut chart = ChartBuilder::on(area)
        .margin(12)
        .x_label_area_size(42)
        .y_label_area_size(if screen == Screen::Narrow { 44 } else { 52 })
        .build_cartesian_2d(first..last + room, 0..most + most / 10 + 1)
        .map_err(words)?;
    chart
        .configure_mesh()
        .x_desc(horizontal)
        .y_desc(vertical)
        .x_labels(screen.labels())
        .y_labels(6)
        .label_style((FONT, 15))
        .axis_desc_style((FONT, 15))
        .light_line_style(GRAY.mix(0.0))
        .bold_line_style(GRAY.mix(0.25))
        .axis_style(GRAY.mix(0.6))
        .draw()
        .map_err(words)?;
    let freeze = LineSeries::new([(0, 0), (0, most + most / 10)], GRAY.mix(0.8).stroke_width(1));
    chart.draw_series(freeze).map_err(words)?;
    // The first line is drawn last, above the others.
    for (index, line) in lines.iter().enumerate().rev() {
        let width = if index == 0 { 4 } else { 2 };
        let series = LineSeries::new(line.points.iter().copied(), color(index).stroke_width(width));
        chart.draw_series(series).map_err(words)?;
    }
    for (index, (line, height)) in lines.iter().zip(label_heights(lines, most)).enumerate() {
        let Some((day, _)) = line.points.last() else { continue };
        let style = (FONT, 15).into_font().color(&color(index));
        let label = Text::new(line.label.clone(), (*day + 2, height), style);
        chart.draw_series([label]).map_err(words)?;
    }
    Ok(())
}

/// Where the label of each line goes, so that no two are on top of each other.
fn label_heights(lines: &[Line], most: usize) -> Vec<usize> {
    let step = most / 14 + 1;
    let end = |line: &Line| line.points.last().copied().unwrap_or_default();
    let mut order: Vec<usize> = (0..lines.len()).collect();
    order.sort_by_key(|index| lines.get(*index).map(|line| end(line).1));
    let mut heights = vec![0; lines.len()];
    let mut lowest = 0;
    for index in order {
        let Some((line, height)) = lines.get(index).zip(heights.get_mut(index)) else { continue };
        *height = (end(line).1 + step / 2).max(lowest);
        lowest = *height + step;
    }
    heights
}

fn words(error: impl Display) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::{Line, label_heights, lines};

    fn line(label: &str, points: &[(i64, usize)]) -> Line {
        Line { label: label.to_owned(), points: points.to_vec() }
    }

    #[test]
    fn labels_do_not_cover_each_other() {
        let all = [line("a", &[(0, 10)]), line("b", &[(0, 10)]), line("c", &[(0, 100)])];
        let heights = label_heights(&all, 100);
        assert!(heights[0].abs_diff(heights[1]) >= 8, "{heights:?}");
    }

    #[test]
    fn a_chart_has_its_title_its_units_and_its_labels() {
        let chart = lines("Naps <taken>", "days", "naps", &[line("v1.36", &[(-7, 1), (0, 5)])]).into_string();
        for part in ["Naps &lt;taken&gt;", "days", "naps", "v1.36", "<svg", "<polyline"] {
            assert!(chart.contains(part), "{part}: {chart}");
        }
        assert!(!chart.contains("style="), "{chart}");
    }

    #[test]
    fn a_chart_of_one_point_does_not_fail() {
        assert!(lines("One", "days", "KEPs", &[line("v1.36", &[(0, 0)])]).into_string().contains("<svg"));
    }
}
