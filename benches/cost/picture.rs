//! The shares as a picture.

use std::path::Path;

use anyhow::{Result, anyhow};
use plotters::coord::Shift;
use plotters::prelude::*;

use crate::costs::Row;
use crate::way::Kind;

const SIZE: i32 = 14;
const WIDTH: i32 = 760;
const ROW_HEIGHT: i32 = 34;
const BAR_HEIGHT: i32 = 18;
const TOP: i32 = 56;
/// Where the bars begin, and where the longest ends.
const BEGIN: i32 = 220;
const END: i32 = 680;

const OURS: RGBColor = RGBColor(47, 111, 176);
const GRID: RGBColor = RGBColor(150, 150, 150);

/// A bar for each work: what the filter adds to plain gRPC, where Envoy's own transcoder adds 1.
pub fn draw(file: &Path, rows: &[Row]) -> Result<()> {
    let height = TOP + ROW_HEIGHT * i32::try_from(rows.len())? + SIZE;
    let area = SVGBackend::new(file, (WIDTH as u32, height as u32)).into_drawing_area();
    draw_on(&area, rows, height).map_err(|error| anyhow!("{}: {error}", file.display()))
}

fn draw_on(
    area: &DrawingArea<SVGBackend<'_>, Shift>,
    rows: &[Row],
    height: i32,
) -> Result<(), Box<dyn std::error::Error>> {
    let font = ("sans-serif", SIZE).into_font();
    let text = |text: String, x: i32, y: i32| Text::new(text, (x, y), font.clone());
    area.fill(&WHITE)?;
    area.draw(&text(
        "Envoy CPU that JSON adds to plain gRPC; Envoy's own transcoder = 1".to_owned(),
        SIZE,
        SIZE,
    ))?;
    let largest = rows
        .iter()
        .map(|row| row.share(Kind::Filter))
        .fold(1.0, f64::max);
    let place = |share: f64| BEGIN + (f64::from(END - BEGIN) * share / largest) as i32;
    area.draw(&PathElement::new(
        [(place(1.0), TOP - SIZE), (place(1.0), height - SIZE)],
        GRID,
    ))?;
    for (row, top) in rows.iter().zip((TOP..).step_by(ROW_HEIGHT as usize)) {
        let share = row.share(Kind::Filter).max(0.0);
        let end = place(share);
        area.draw(&text(row.name.to_owned(), SIZE, top + 2))?;
        area.draw(&Rectangle::new(
            [(BEGIN, top), (end, top + BAR_HEIGHT)],
            OURS.filled(),
        ))?;
        area.draw(&text(format!("{share:.2}"), end + 6, top + 2))?;
    }
    area.present()?;
    Ok(())
}
