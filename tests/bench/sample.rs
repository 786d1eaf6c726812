//! Readings in pairs, and what may be concluded from them.

use comfy_table::{CellAlignment, Table, presets};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Readings taken though the machine was not quiet.
static RESTLESS: AtomicUsize = AtomicUsize::new(0);

/// What a ratio must be.
#[derive(Clone, Copy)]
pub(crate) enum Limit {
    AtMost(f64),
    AtLeast(f64),
}

/// One line of the table.
pub(crate) struct Row {
    pub(crate) measure: String,
    pub(crate) unit: &'static str,
    pub(crate) limit: Limit,
    pub(crate) pairs: Vec<Pair>,
}

/// Two readings taken one right after the other.
#[derive(Clone, Copy)]
pub(crate) struct Pair {
    pub(crate) ours: f64,
    pub(crate) reference: f64,
}

/// What the ratio of so few pairs that they say nothing about their own spread
/// may be off by.
const NOISE_OF_FEW: f64 = 0.1;

impl Row {
    fn ratio(&self) -> f64 {
        median(self.pairs.iter().map(|pair| pair.ours / pair.reference))
    }

    /// Twice the standard error of the median of the ratios, by their
    /// quartiles: one reading that went wrong does not count.
    fn noise(&self) -> f64 {
        let mut ratios: Vec<f64> = self.pairs.iter().map(|p| p.ours / p.reference).collect();
        // Both sides counted or allowed, not timed.
        if ratios.iter().all(|ratio| *ratio == 1.0) {
            return 0.0;
        }
        if ratios.len() < 5 {
            return NOISE_OF_FEW;
        }
        ratios.sort_by(f64::total_cmp);
        let at = |part: f64| ratios[((ratios.len() - 1) as f64 * part).round() as usize];
        let sigma = (at(0.75) - at(0.25)) / 1.349;
        2.0 * 1.2533 * sigma / (ratios.len() as f64).sqrt()
    }

    /// Whether the limit holds, but for the noise.
    pub(crate) fn holds(&self) -> bool {
        match self.limit {
            Limit::AtMost(limit) => self.ratio() - self.noise() <= limit,
            Limit::AtLeast(limit) => self.ratio() + self.noise() >= limit,
        }
    }
}

/// Takes `n` pairs after one that is not counted. Which side goes first
/// changes from pair to pair, and each waits for the machine to be quiet.
pub(crate) fn pairs(
    n: usize,
    mut ours: impl FnMut() -> anyhow::Result<f64>,
    mut reference: impl FnMut() -> anyhow::Result<f64>,
) -> anyhow::Result<Vec<Pair>> {
    let mut pairs = Vec::with_capacity(n);
    for round in 0..=n {
        let mut take = |ours_now: bool| {
            quiet();
            if ours_now { ours() } else { reference() }
        };
        let first = take(round % 2 == 0)?;
        let second = take(round % 2 != 0)?;
        let (ours, reference) = if round % 2 == 0 {
            (first, second)
        } else {
            (second, first)
        };
        if round > 0 {
            pairs.push(Pair { ours, reference });
        }
    }
    Ok(pairs)
}

/// Waits until the processors have been idle for a moment, so that what the
/// engine does after a run is not counted for the next; not for long, since
/// somebody else may be busy.
pub(crate) fn quiet() {
    let begun = Instant::now();
    let mut before = ticks();
    while begun.elapsed() < Duration::from_secs(2) {
        std::thread::sleep(Duration::from_millis(60));
        let now = ticks();
        let (Some((idle0, all0)), Some((idle, all))) = (before, now) else {
            return;
        };
        if (idle - idle0) * 100 >= (all - all0) * 85 {
            return;
        }
        before = now;
    }
    RESTLESS.fetch_add(1, Ordering::Relaxed);
}

/// How far the readings may be trusted, if something else was going on.
pub(crate) fn caution() -> Option<String> {
    let restless = RESTLESS.load(Ordering::Relaxed);
    (restless > 0).then(|| {
        format!(
            "{restless} readings were taken while something else kept this machine busy: ratios hold, single times do not"
        )
    })
}

/// Ticks of all processors since boot: idle ones, and all (`proc(5)`).
fn ticks() -> Option<(u64, u64)> {
    let text = std::fs::read_to_string("/proc/stat").ok()?;
    let line = text.lines().next()?.strip_prefix("cpu ")?;
    let fields: Vec<u64> = line
        .split_whitespace()
        .map_while(|field| field.parse().ok())
        .collect();
    Some((*fields.get(3)?, fields.iter().take(8).sum()))
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => values[n / 2],
        n => f64::midpoint(values[n / 2 - 1], values[n / 2]),
    }
}

/// All rows as people read them.
pub(crate) fn table(rows: &[Row]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN);
    table.set_header([
        "measure",
        "n",
        "ours",
        "reference",
        "ratio",
        "noise",
        "limit",
        "",
    ]);
    for row in rows {
        let value = |value: f64| {
            let digits = if value < 20.0 { 1 } else { 0 };
            format!("{value:.digits$} {}", row.unit)
        };
        let limit = match row.limit {
            Limit::AtMost(limit) => format!("≤ {limit:.2}"),
            Limit::AtLeast(limit) => format!("≥ {limit:.2}"),
        };
        table.add_row([
            row.measure.clone(),
            row.pairs.len().to_string(),
            value(median(row.pairs.iter().map(|p| p.ours))),
            value(median(row.pairs.iter().map(|p| p.reference))),
            format!("{:.2}", row.ratio()),
            format!("±{:.2}", row.noise()),
            limit,
            if row.holds() { "ok" } else { "over" }.to_owned(),
        ]);
    }
    for column in table.column_iter_mut().skip(1).take(6) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}
