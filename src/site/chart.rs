//! What all charts have in common. They are drawn by plotters as SVG and take their text color from the style sheet.

use maud::{Markup, html};
use plotters::style::RGBColor;

use super::page::safe;

/// What a chart is drawn for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Screen {
    /// A screen that is wider than a phone's, and paper.
    Wide,
    /// A phone's.
    Narrow,
}

impl Screen {
    /// The width of a chart, in pixels. Text has the size that it is drawn with.
    pub(super) const fn width(self) -> u32 {
        match self {
            Self::Wide => 720,
            Self::Narrow => 350,
        }
    }

    /// The number of labels on the horizontal axis.
    pub(super) const fn labels(self) -> usize {
        match self {
            Self::Wide => 8,
            Self::Narrow => 6,
        }
    }

    /// The part of a horizontal axis, as a divisor, to leave free for what is written after the end of a bar or line.
    pub(super) const fn room(self) -> usize {
        match self {
            Self::Wide => 8,
            Self::Narrow => 5,
        }
    }

    /// The longest label of a bar, in characters.
    pub(super) const fn label_length(self) -> u32 {
        match self {
            Self::Wide => 24,
            Self::Narrow => 15,
        }
    }

    /// The class of the drawing. The style sheet shows one of the two.
    const fn class(self) -> &'static str {
        match self {
            Self::Wide => "wide",
            Self::Narrow => "narrow",
        }
    }
}

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

/// A chart with its title, drawn for each screen; empty if it could not be drawn.
pub(super) fn figure(title: &str, draw: impl Fn(Screen) -> Result<String, String>) -> Markup {
    let drawn: Result<Vec<_>, String> =
        [Screen::Wide, Screen::Narrow].into_iter().map(|screen| Ok((screen, draw(screen)?))).collect();
    html! {
        @if let Ok(drawn) = drawn {
            figure .chart {
                figcaption { (title) }
                @for (screen, svg) in drawn {
                    div class=(screen.class()) role="img" aria-label={ (title) ". The numbers are in the table below." } {
                        (safe(svg))
                    }
                }
            }
        }
    }
}
