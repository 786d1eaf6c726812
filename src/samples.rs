//! What an attempt used over time: a small file beside its log, which the chart
//! of a run is drawn from. The peaks of an attempt are not from here: they are
//! measured whether or not this file can be written.
//!
//! One line a sample, appended as it is taken, so that a process that dies loses
//! nothing but a line it was writing. A file never holds more than
//! [`MOST`] samples: where one more would be too many, each two become one and
//! the file is put in the place of the old one.

use crate::domain::ids::AttemptId;
use crate::domain::measure::Sample;
use chrono::{DateTime, TimeDelta, Utc};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// The most samples that are kept of one attempt.
pub const MOST: usize = 300;

/// Where the samples of an attempt are, below the data folder.
#[must_use]
pub fn path_of(data_dir: &Path, attempt: AttemptId) -> PathBuf {
    data_dir.join("logs").join(format!("{attempt}.use"))
}

/// The samples of a file in their order; none when there is no such file, as for
/// an attempt that was over too soon. A line that was cut short is passed over.
///
/// # Errors
/// When the file cannot be read.
pub fn read(path: &Path) -> io::Result<Vec<Sample>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(text.lines().filter_map(parse).take(MOST).collect()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// The one writer of a file of samples.
#[derive(Debug)]
pub struct Recorder {
    path: PathBuf,
    kept: Vec<Sample>,
    /// The least distance of two samples; it doubles with each halving.
    every: TimeDelta,
    /// What was seen since the last one that was kept.
    open: Option<Sample>,
    file: Option<File>,
}

impl Recorder {
    /// Goes on with the file at `path`, which is made with the first sample.
    ///
    /// # Errors
    /// When there is a file and it cannot be read.
    pub fn resume(path: PathBuf) -> io::Result<Self> {
        let kept = read(&path)?;
        // A file that was halved has its samples at the distance of its last ones.
        let every = match kept.as_slice() {
            [.., before, last] if kept.len() >= MOST / 2 => last.at - before.at,
            _ => TimeDelta::zero(),
        };
        Ok(Self {
            path,
            kept,
            every,
            open: None,
            file: None,
        })
    }

    /// Takes a sample. One that comes before its time becomes part of the next.
    ///
    /// # Errors
    /// When it cannot be written; nothing else is lost by that.
    pub fn push(&mut self, now: Sample) -> io::Result<()> {
        let now = self.open.take().map_or(now, |open| both(&open, &now));
        if let Some(last) = self.kept.last()
            && now.at - last.at < self.every
        {
            self.open = Some(now);
            return Ok(());
        }
        self.keep(now)
    }

    fn keep(&mut self, sample: Sample) -> io::Result<()> {
        self.kept.push(sample);
        if self.kept.len() > MOST {
            return self.halve();
        }
        let file = match self.file.take() {
            Some(file) => file,
            None => append_to(&self.path)?,
        };
        self.file.insert(file).write_all(line(&sample).as_bytes())
    }

    /// Makes one of each two and writes all of them anew.
    fn halve(&mut self) -> io::Result<()> {
        let pairs = self.kept.chunks(2);
        self.kept = pairs
            .map(|pair| match pair {
                [one, two] => both(one, two),
                rest => rest[0],
            })
            .collect();
        if let [.., before, last] = self.kept.as_slice() {
            self.every = self.every.max(last.at - before.at);
        }
        let text: String = self.kept.iter().map(line).collect();
        let new = self.path.with_extension("use-new");
        self.file = None;
        fs::write(&new, text)?;
        fs::rename(&new, &self.path)
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        // What cannot be written is the newest part of a chart, and no more.
        if let Some(open) = self.open.take() {
            drop(self.keep(open));
        }
    }
}

/// Opens for appending; a line that a dead process left without its end gets one.
fn append_to(path: &Path) -> io::Result<File> {
    let torn = fs::read(path).is_ok_and(|bytes| bytes.last().is_some_and(|last| *last != b'\n'));
    let mut options = OpenOptions::new();
    let mut file = options.append(true).create(true).mode(0o600).open(path)?;
    if torn {
        file.write_all(b"\n")?;
    }
    Ok(file)
}

/// Two samples as one: counters are those of the later, memory the greater.
fn both(one: &Sample, two: &Sample) -> Sample {
    Sample {
        memory_bytes: one.memory_bytes.max(two.memory_bytes),
        ..*two
    }
}

fn line(of: &Sample) -> String {
    format!(
        "{} {} {} {} {}\n",
        of.at.timestamp_millis(),
        of.memory_bytes,
        of.cpu_ms,
        of.network_rx_bytes,
        of.network_tx_bytes
    )
}

fn parse(line: &str) -> Option<Sample> {
    let mut words = line.split(' ');
    let at = words.next()?.parse().ok()?;
    let mut next = || words.next()?.parse().ok();
    let sample = Sample {
        at: DateTime::<Utc>::from_timestamp_millis(at)?,
        memory_bytes: next()?,
        cpu_ms: next()?,
        network_rx_bytes: next()?,
        network_tx_bytes: next()?,
    };
    words.next().is_none().then_some(sample)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(second: i64, memory_bytes: u64) -> Sample {
        Sample {
            at: DateTime::from_timestamp(1_700_000_000 + second, 0).unwrap(),
            memory_bytes,
            cpu_ms: second as u64 * 500,
            network_rx_bytes: 0,
            network_tx_bytes: 7,
        }
    }

    #[test]
    fn a_day_of_samples_is_never_more_than_it_may_be_and_keeps_its_peak() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("a.use");
        let mut recorder = Recorder::resume(path.clone()).unwrap();
        for second in 0..86_400 {
            let memory = if second == 40_000 { 900 } else { 100 };
            recorder.push(sample(second, memory)).unwrap();
            if second % 5_000 == 0 {
                assert!(read(&path).unwrap().len() <= MOST);
            }
        }
        drop(recorder);
        let kept = read(&path).unwrap();
        assert!((MOST / 2..=MOST).contains(&kept.len()), "{}", kept.len());
        assert_eq!(kept.last().unwrap(), &sample(86_399, 100));
        assert!(kept.windows(2).all(|pair| pair[0].at < pair[1].at));
        assert_eq!(kept.iter().filter(|one| one.memory_bytes == 900).count(), 1);
        let widest = kept.windows(2).map(|pair| pair[1].at - pair[0].at).max();
        assert!(widest.unwrap() < TimeDelta::seconds(2 * 86_400 / 150));
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1);
    }

    #[test]
    fn who_takes_over_goes_on_where_the_file_stops() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("a.use");
        assert_eq!(read(&path).unwrap(), []);
        let mut recorder = Recorder::resume(path.clone()).unwrap();
        for second in 0..4 {
            recorder.push(sample(second, 1)).unwrap();
        }
        // A process that dies neither drops nor ends what it writes.
        std::mem::forget(recorder);
        let mut torn = OpenOptions::new().append(true).open(&path).unwrap();
        torn.write_all(b"17000000040").unwrap();
        assert_eq!(read(&path).unwrap().len(), 4);
        let mut recorder = Recorder::resume(path.clone()).unwrap();
        recorder.push(sample(9, 2)).unwrap();
        drop(recorder);
        let kept = read(&path).unwrap();
        assert_eq!(kept.len(), 5);
        assert_eq!(kept[4], sample(9, 2));
    }

    #[test]
    fn a_folder_that_is_gone_is_an_error_and_no_panic() {
        let place = tempfile::tempdir().unwrap();
        let mut recorder = Recorder::resume(place.path().join("none/a.use")).unwrap();
        assert!(recorder.push(sample(1, 1)).is_err());
        assert!(recorder.push(sample(2, 1)).is_err());
    }
}
