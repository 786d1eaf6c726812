use super::*;
use crate::domain::log::{Line, Stream};
use crate::domain::size::{Bytes, MIB};
use chrono::{DateTime, Utc};
use proptest::prelude::*;

fn log(dir: &tempfile::TempDir) -> PathBuf {
    dir.path().join("logs/a.log")
}

fn all(path: &Path) -> Vec<Line> {
    let mut reader = Reader::open(path).unwrap();
    let mut lines = Vec::new();
    loop {
        let page = reader.next(usize::MAX).unwrap();
        if page.is_empty() {
            return lines;
        }
        lines.extend(page);
    }
}

/// No more than so many bytes, whatever the disk.
fn up_to(cap: u64) -> Bounds {
    Bounds {
        cap: Bytes(cap),
        spare: Bytes(0),
    }
}

fn texts(path: &Path) -> Vec<String> {
    all(path).into_iter().map(|l| l.text).collect()
}

#[test]
fn lines_come_back_in_order_with_their_streams() {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = Writer::open(&log(&dir), up_to(MIB)).unwrap();
    writer.append(Utc::now(), Stream::Stdout, "one");
    writer.append(Utc::now(), Stream::Stderr, "");
    writer.note(Utc::now(), "three  spaces");
    assert_eq!(writer.finish(), 3);
    let lines = all(&log(&dir));
    assert_eq!(
        lines.iter().map(|l| l.number).collect::<Vec<_>>(),
        [1, 2, 3]
    );
    assert_eq!(lines[1].stream, Stream::Stderr);
    assert_eq!(lines[2].text, "three  spaces");
}

#[test]
fn a_torn_record_is_cut_off_and_the_index_rebuilt() {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = Writer::open(&log(&dir), up_to(MIB)).unwrap();
    for n in 0..1000 {
        writer.append(Utc::now(), Stream::Stdout, &n.to_string());
    }
    writer.flush();
    drop(writer);
    let file = std::fs::OpenOptions::new()
        .append(true)
        .open(log(&dir))
        .unwrap();
    std::io::Write::write_all(&mut &file, b"17000000 o torn").unwrap();
    std::fs::write(index_path(&log(&dir)), b"nonsense").unwrap();
    assert_eq!(Reader::open(&log(&dir)).unwrap().count().unwrap(), 1000);

    let mut writer = Writer::open(&log(&dir), up_to(MIB)).unwrap();
    assert_eq!(writer.lines(), 1000);
    writer.append(Utc::now(), Stream::Stdout, "next");
    writer.finish();
    let mut reader = Reader::open(&log(&dir)).unwrap();
    reader.seek(1000).unwrap();
    let rest: Vec<_> = reader
        .next(9)
        .unwrap()
        .into_iter()
        .map(|l| (l.number, l.text))
        .collect();
    assert_eq!(rest, [(1000, "999".to_owned()), (1001, "next".to_owned())]);
}

#[test]
fn beyond_the_cap_the_middle_is_left_out_and_said_so() {
    let dir = tempfile::tempdir().unwrap();
    let cap = 100_000;
    let mut writer = Writer::open(&log(&dir), up_to(cap)).unwrap();
    for n in 0..20_000 {
        writer.append(Utc::now(), Stream::Stdout, &format!("line {n}"));
    }
    writer.finish();
    let lines = texts(&log(&dir));
    assert_eq!(lines[0], "line 0");
    assert_eq!(lines.last().unwrap(), "line 19999");
    let marker = lines.iter().position(|l| l.starts_with('…')).unwrap();
    assert!(lines[marker - 1].starts_with("the log is full"));
    let left_out: usize = lines[marker].split(' ').nth(1).unwrap().parse().unwrap();
    assert_eq!(
        left_out + lines.len() - 2,
        20_000,
        "every line is kept or counted"
    );
    assert!(std::fs::metadata(log(&dir)).unwrap().len() <= cap + 200);
}

#[test]
fn whoever_takes_over_a_full_log_knows_that_it_was_full() {
    let dir = tempfile::tempdir().unwrap();
    let fill = |from: u64, to: u64| {
        let mut writer = Writer::open(&log(&dir), up_to(10_000)).unwrap();
        for n in from..to {
            let stream = [Stream::Stdout, Stream::Stderr][n as usize % 2];
            writer.append(Utc::now(), stream, &n.to_string());
        }
        writer
    };
    fill(0, 100).flush();
    let before = kept(&log(&dir)).unwrap();
    assert_eq!((before.stdout, before.stderr), (50, 50));
    assert!(!before.full && !before.ended);
    // Killed: what is in memory is gone, and the log tells of it.
    fill(100, 5000).flush();
    let killed = kept(&log(&dir)).unwrap();
    assert!(killed.full && !killed.ended);
    let last = texts(&log(&dir)).pop().unwrap();
    assert!(last.starts_with("the log is full"), "{last}");
    // Filled to its end by whoever comes next, and said once.
    let first_missing = killed.stdout + killed.stderr;
    fill(first_missing, 5000).finish();
    assert!(kept(&log(&dir)).unwrap().ended);
    let lines = texts(&log(&dir));
    let said = lines.iter().filter(|l| l.starts_with("the log is full"));
    assert_eq!(said.count(), 1);
    let numbers: Vec<u64> = lines.iter().filter_map(|l| l.parse().ok()).collect();
    assert!(numbers.is_sorted(), "a line is there twice");
    assert_eq!(numbers.last(), Some(&4999));
}

/// Ours is still written: the disk has room, though none for output.
#[test]
fn what_the_disk_may_not_take_is_counted_and_told() {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = Writer::open(&log(&dir), up_to(MIB)).unwrap();
    writer.append(Utc::now(), Stream::Stdout, "kept");
    writer.flush();
    writer.spare_all();
    for n in 0..100 {
        writer.append(Utc::now(), Stream::Stdout, &n.to_string());
        writer.flush();
    }
    writer.note(Utc::now(), "ours");
    assert_eq!(writer.lines(), 3);
    assert_eq!(writer.finish(), 4);
    let lines = texts(&log(&dir));
    assert_eq!(lines[0], "kept");
    assert!(lines[1].starts_with("output is counted and not kept from here on"));
    assert_eq!(lines[2], "ours");
    assert!(lines[3].starts_with("… 100 lines ("), "{lines:?}");
    assert!(kept(&log(&dir)).unwrap().full);
}

#[test]
fn output_read_again_adds_only_what_is_missing() {
    let dir = tempfile::tempdir().unwrap();
    let pieces: [(Stream, &[u8]); 4] = [
        (Stream::Stderr, b"\0runbay-ready n1\nwarn\n"),
        (Stream::Stdout, b"a\nb\nc"),
        (Stream::Stderr, b"late\n"),
        (Stream::Stdout, b"c\nd\n"),
    ];
    let pump = |log| Pump::new(log, ReadyLine::new("n1"));
    let first = SharedLog::open(&log(&dir), up_to(MIB), None).unwrap();
    let mut early = pump(first);
    for (stream, bytes) in &pieces[..2] {
        early.push(*stream, bytes, Utc::now());
    }
    early.settle();
    assert!(early.ready());
    let taken = early.abandon();
    assert_eq!((taken.stdout, taken.stderr), (2, 1));
    assert!(taken.begun && taken.span.is_some());

    let again = SharedLog::open(&log(&dir), up_to(MIB), None).unwrap();
    let mut late = pump(again.clone()).resuming(Some(taken));
    assert!(late.ready(), "the gate is not waited for again");
    for (stream, bytes) in pieces {
        late.push(stream, bytes, Utc::now());
    }
    drop(late.finish());
    again.finish();
    assert_eq!(texts(&log(&dir)), ["warn", "a", "b", "late", "cc", "d"]);
}

/// Output that the engine tells again, each line a second after the one before.
fn told(pump: &mut Pump, lines: std::ops::Range<i64>) {
    for line in lines {
        let at = DateTime::from_timestamp(1_780_000_000 + line, 123_456_789).unwrap();
        pump.push(Stream::Stdout, format!("{line}\n").as_bytes(), at);
    }
}

#[test]
fn what_the_engine_has_lost_is_said_and_nothing_is_told_twice() {
    let dir = tempfile::tempdir().unwrap();
    let begin = || {
        let shared = SharedLog::open(&log(&dir), up_to(MIB), None).unwrap();
        (shared.clone(), Pump::new(shared, ReadyLine::new("n1")))
    };
    let resume = || {
        let kept = kept(&log(&dir)).unwrap();
        Resume {
            stdout: kept.stdout,
            stderr: kept.stderr,
            span: kept.span,
            begun: true,
            nothing: false,
        }
    };
    let (shared, mut first) = begin();
    first.push(Stream::Stderr, b"\0runbay-ready n1\n", Utc::now());
    told(&mut first, 0..10);
    drop(first.finish());
    shared.finish();

    // The engine has lines 6 to 14; 10 to 14 are new.
    let (shared, pump) = begin();
    let mut second = pump.resuming(Some(resume()));
    assert!(second.ready());
    told(&mut second, 6..15);
    let taken = second.abandon();
    // It goes away once more, and has only 20 and 21 then.
    let mut third = Pump::new(shared.clone(), ReadyLine::new("n1")).resuming(Some(taken));
    told(&mut third, 20..22);
    drop(third.finish());
    shared.finish();

    // And to the end, by somebody else, from the beginning of what is left.
    let (shared, pump) = begin();
    let mut last = pump.resuming(Some(resume()));
    told(&mut last, 20..24);
    let first = kept(&log(&dir)).unwrap().span.map(|(first, _)| first);
    assert_eq!(last.finish().first_line, first, "of all, not of the rest");
    shared.finish();
    let lines = texts(&log(&dir));
    let numbers: Vec<i64> = lines.iter().filter_map(|line| line.parse().ok()).collect();
    let expected: Vec<i64> = (0..15).chain(20..24).collect();
    assert_eq!(numbers, expected);
    let marks: Vec<usize> = (0..lines.len())
        .filter(|at| lines[*at].starts_with("lines may be missing here"))
        .collect();
    assert_eq!(marks, [10, 16, 19], "{lines:?}");
}

#[test]
fn whoever_may_keep_nothing_keeps_nothing_however_often_the_engine_goes() {
    let dir = tempfile::tempdir().unwrap();
    let shared = SharedLog::open(&log(&dir), up_to(MIB), None).unwrap();
    let mut resume = Resume {
        nothing: true,
        begun: true,
        ..Resume::default()
    };
    for lines in [0..5, 0..9, 4..12] {
        let pump = Pump::new(shared.clone(), ReadyLine::new("n1"));
        let mut pump = pump.resuming(Some(resume));
        told(&mut pump, lines);
        resume = pump.abandon();
    }
    shared.finish();
    assert_eq!(texts(&log(&dir)), [""; 0]);
}

#[test]
fn a_script_cannot_speak_as_the_gate_again() {
    let dir = tempfile::tempdir().unwrap();
    let shared = SharedLog::open(&log(&dir), up_to(MIB), None).unwrap();
    let mut pump = Pump::new(shared.clone(), ReadyLine::new("n1"));
    pump.push(Stream::Stdout, b"\0runbay-ready n1\n", Utc::now());
    assert!(!pump.ready(), "only standard error is listened to");
    pump.push(
        Stream::Stderr,
        b"\0runbay-ready n1\n\0runbay-ready n1\n",
        Utc::now(),
    );
    assert!(pump.ready());
    drop(pump.finish());
    shared.finish();
    assert_eq!(texts(&log(&dir)).len(), 2);
}

#[test]
fn a_viewer_sees_a_prompt_before_its_newline() {
    let dir = tempfile::tempdir().unwrap();
    let shared = SharedLog::open(&log(&dir), up_to(MIB), None).unwrap();
    let seen = shared.subscribe();
    let mut pump = Pump::new(shared, ReadyLine::new("n"));
    pump.push(Stream::Stdout, b"one\nPassword: ", Utc::now());
    pump.settle();
    let now = seen.borrow().clone();
    assert_eq!(now.lines, 1);
    assert_eq!(now.partial, Some((Stream::Stdout, "Password: ".to_owned())));
}

proptest! {
    #[test]
    fn any_line_can_be_sought(count in 1u64..2000, wanted in 1u64..2200) {
        let dir = tempfile::tempdir().unwrap();
        let mut writer = Writer::open(&log(&dir), up_to(MIB * 16)).unwrap();
        for n in 1..=count {
            writer.append(Utc::now(), Stream::Stdout, &n.to_string());
        }
        writer.finish();
        let mut reader = Reader::open(&log(&dir)).unwrap();
        reader.seek(wanted).unwrap();
        let line = reader.next(1).unwrap().pop();
        prop_assert_eq!(line.map(|l| (l.number, l.text)), (wanted <= count).then(|| (wanted, wanted.to_string())));
        prop_assert_eq!(reader.count().unwrap(), count);
    }
}
