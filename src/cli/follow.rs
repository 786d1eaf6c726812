//! Shows the output of a run, from its file, at the viewer's own pace.

use super::args::LogsArgs;
use super::output::{errln, inert, paint};
use crate::domain::ids::AttemptId;
use crate::domain::log::{Line, Stream};
use crate::domain::run::RunState;
use crate::logs::{BUILD_STEPS, LogError, Progress, Reader, path_of};
use crate::service::{App, Error, runs};
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use tokio::sync::watch;

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
struct Printer {
    show: Show,
    bar: Option<ProgressBar>,
    /// Steps of the build that have begun.
    build_step: u64,
    /// An unfinished line stands on the terminal.
    partial: bool,
}

impl Printer {
    fn new(show: Show) -> Self {
        Self {
            show,
            bar: None,
            build_step: 0,
            partial: false,
        }
    }

    fn lines(&mut self, lines: &[Line]) -> io::Result<()> {
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
    fn partial(&mut self, text: &str) -> io::Result<()> {
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

    fn done(&mut self) {
        drop(self.end_partial());
        self.hide_bar();
    }
}

/// Shows a log while this process writes it. It has a thread of its own: a
/// terminal that stands still holds up nobody.
pub(super) fn attend(
    path: PathBuf,
    mut progress: watch::Receiver<Progress>,
    show: Show,
) -> std::thread::JoinHandle<()> {
    std::thread::spawn(move || {
        let mut printer = Printer::new(show);
        let Ok(mut reader) = Reader::open(&path) else {
            return;
        };
        loop {
            let now = progress.borrow_and_update().clone();
            printer.build_step = now.build_step;
            if print_all(&mut reader, &mut printer).is_err() {
                return;
            }
            let shown = now
                .partial
                .map_or(Ok(()), |(_, text)| printer.partial(&text));
            let over = now.done || shown.is_err();
            if over || futures::executor::block_on(progress.changed()).is_err() {
                printer.done();
                return;
            }
        }
    })
}

fn print_all(reader: &mut Reader, printer: &mut Printer) -> Result<(), Stop> {
    loop {
        let lines = reader.next(4096).map_err(Stop::Log)?;
        if lines.is_empty() {
            return Ok(());
        }
        printer.lines(&lines).map_err(|_| Stop::Closed)?;
    }
}

enum Stop {
    Log(LogError),
    /// Nobody reads our output any more.
    Closed,
}

/// `runbay logs`
pub(super) async fn logs(app: &App, args: &LogsArgs) -> Result<ExitCode, Error> {
    let run = runs::find(app, &args.run).await?;
    let mut printer = Printer::new(Show {
        json: args.json,
        timestamps: args.timestamps,
        ..Show::default()
    });
    let newest = app
        .store
        .attempts(run.id)
        .await?
        .last()
        .map(|a| a.id.number);
    let mut attempt = AttemptId {
        run: run.id,
        number: args.attempt.or(newest).unwrap_or(1),
    };
    let Some(mut reader) = open(app, attempt, args.follow).await? else {
        return Ok(ExitCode::SUCCESS);
    };
    if let Some(tail) = args.tail {
        let count = reader.count()?;
        reader.seek(count.saturating_sub(tail) + 1)?;
    }
    loop {
        // Asked before reading, so that nothing written before the end is
        // missed.
        let over = app.store.run(run.id).await?.state == RunState::Finished;
        let next = AttemptId {
            number: attempt.number + 1,
            ..attempt
        };
        let tried_again = path_of(&app.config.data_dir, next).exists();
        match print_all(&mut reader, &mut printer) {
            Ok(()) => {}
            Err(Stop::Log(error)) => return Err(error.into()),
            Err(Stop::Closed) => return Ok(ExitCode::SUCCESS),
        }
        if args.follow && args.attempt.is_none() && tried_again {
            attempt = next;
            reader = Reader::open(&path_of(&app.config.data_dir, attempt))?;
            continue;
        }
        if over || !args.follow {
            printer.done();
            return Ok(ExitCode::SUCCESS);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// The log of an attempt, once there is one.
async fn open(app: &App, attempt: AttemptId, wait: bool) -> Result<Option<Reader>, Error> {
    let path = path_of(&app.config.data_dir, attempt);
    let run = attempt.run;
    loop {
        match Reader::open(&path) {
            Ok(reader) => return Ok(Some(reader)),
            Err(error) if error.source.kind() != io::ErrorKind::NotFound => {
                return Err(error.into());
            }
            Err(_) => {}
        }
        if !wait || app.store.run(run).await?.state == RunState::Finished {
            errln!("run {} has no such log yet", run.short());
            return Ok(None);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
