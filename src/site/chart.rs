//! What all charts have in common. They are drawn by plotters as SVG and take their text color from the style sheet.

use maud::{Markup, html};
use plotters::style::RGBColor;

use super::page::safe;

/// The width of a chart, in pixels.
pub(super) const WIDTH: u32 = 720;

/// Colors that color-blind readers tell apart and that have contrast on white and on black, after Okabe and Ito.
pub(super) const COLORS: [RGBColor; 4] =
    [RGBColor(0, 114, 178), RGBColor(213, 94, 0), RGBColor(0, 158, 115), RGBColor(150, 100, 160)];

/// The color of lines in the background.
pub(super) const GRAY: RGBColor = RGBColor(128, 128, 128);

/// The font of all text; the style sheet replaces its color.
pub(super) const FONT: &str = "sans-serif";

/// The color at this place in a list.
pub(super) fn color(index: usize) -> RGBColor {
    COLORS.get(index % COLORS.len()).copied().unwrap_or(GRAY)
}

/// A chart with its title.
pub(super) fn figure(title: &str, svg: String) -> Markup {
    html! {
        figure .chart {
            figcaption { (title) }
            section .scroll tabindex="0" aria-label={ "Chart: " (title) } {
                div role="img" aria-label={ (title) ". The numbers are in the table below." } { (safe(svg)) }
            }
        }
    }
}
