//! Lines of output on their way to a person or a program.

use super::output::{errln, inert, paint};
use crate::domain::log::{Line, Stream};
use crate::logs::BUILD_STEPS;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::time::Duration;

/// How lines are shown.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Show {
    pub(super) json: bool,
    pub(super) timestamps: bool,
    /// Only what the script says.
    pub(super) quiet: bool,
    /// The build as a progress bar instead of lines, on a terminal.
    pub(super) bar: bool,
}

/// Prints lines. An error means that nobody reads any more.
pub(super) struct Printer {
    show: Show,
    bar: Option<ProgressBar>,
    /// Steps of the build that have begun.
    pub(super) build_step: u64,
    /// An unfinished line stands on the terminal.
    partial: bool,
}

impl Printer {
    pub(super) fn new(show: Show) -> Self {
        Self {
            show,
            bar: None,
            build_step: 0,
            partial: false,
        }
    }

    pub(super) fn lines(&mut self, lines: &[Line]) -> io::Result<()> {
        self.end_partial()?;
        let mut out = BufWriter::new(io::stdout().lock());
        for line in lines {
            if self.show.json {
                let event = serde_json::json!({ "event": "line", "line": line });
                writeln!(out, "{event}")?;
            } else {
                self.line(&mut out, line)?;
            }
        }
        out.flush()
    }

    fn line(&mut self, out: &mut impl Write, line: &Line) -> io::Result<()> {
        let mut time = String::new();
        if self.show.timestamps {
            time = line.at.format("%Y-%m-%d %H:%M:%S%.3f ").to_string();
        }
        match line.stream {
            Stream::Stdout => {
                self.hide_bar();
                // What goes into a file or another program stays as it is.
                if io::stdout().is_terminal() {
                    writeln!(out, "{time}{}", inert(&line.text))
                } else {
                    writeln!(out, "{time}{}", line.text)
                }
            }
            Stream::Build => {
                self.build(&line.text);
                Ok(())
            }
            Stream::System if self.show.quiet => Ok(()),
            Stream::Stderr | Stream::System => {
                out.flush()?;
                self.hide_bar();
                let text = format!("{time}{}", inert(&line.text));
                let ours = line.stream == Stream::System;
                errln!("{}", if ours { paint(&text, "2") } else { text });
                Ok(())
            }
        }
    }

    fn build(&mut self, text: &str) {
        if self.show.quiet {
            return;
        }
        if !self.show.bar || !io::stderr().is_terminal() {
            errln!("{}", paint(&inert(text), "2"));
            return;
        }
        let bar = self.bar.get_or_insert_with(|| {
            let bar = ProgressBar::new(BUILD_STEPS);
            let look = "{spinner} {bar:16.cyan/dim} {wide_msg} {elapsed}";
            if let Ok(style) = ProgressStyle::with_template(look) {
                bar.set_style(style.progress_chars("━╸─"));
            }
            bar.enable_steady_tick(Duration::from_millis(100));
            bar
        });
        bar.set_position(self.build_step.saturating_sub(1));
        bar.set_message(inert(text));
    }

    fn hide_bar(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }

    /// An unfinished line, to be drawn over by what follows.
    pub(super) fn partial(&mut self, text: &str) -> io::Result<()> {
        if self.show.json || !io::stdout().is_terminal() {
            return Ok(());
        }
        self.hide_bar();
        self.partial = true;
        let mut out = io::stdout().lock();
        write!(out, "\r\x1b[2K{}", inert(text))?;
        out.flush()
    }

    fn end_partial(&mut self) -> io::Result<()> {
        if !std::mem::take(&mut self.partial) {
            return Ok(());
        }
        let mut out = io::stdout().lock();
        write!(out, "\r\x1b[2K")?;
        out.flush()
    }

    pub(super) fn done(&mut self) {
        drop(self.end_partial());
        self.hide_bar();
    }
}
