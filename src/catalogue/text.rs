//! Text files that people write, read whole: bounded, UTF-8, with a name for
//! messages. Only regular files inside the folder are read.

use super::problem::{Issue, Problem};
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Component, Path, PathBuf};

/// The most a manifest, script or requirements file may hold, bytes.
pub(super) const MAX_TEXT: u64 = 1024 * 1024;
/// The most a lock file may hold, bytes.
pub(super) const MAX_LOCK: u64 = 32 * 1024 * 1024;

/// A text file, or a TOML text inside one.
#[derive(Debug)]
pub(super) struct Text {
    /// The file as people know it, `tasks/report/main.py`.
    pub(super) shown: PathBuf,
    /// Its name in its folder, `main.py`.
    pub(super) name: String,
    /// What it says.
    pub(super) content: String,
    /// The line of the file at which `content` begins, from 1.
    pub(super) first_line: u32,
    /// Columns of the file to the left of `content`: the `# ` of a comment.
    pub(super) shift: u32,
}

impl Text {
    /// The whole of a file.
    pub(super) fn new(shown: PathBuf, content: String) -> Self {
        let name = shown
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        Self {
            shown,
            name,
            content,
            first_line: 1,
            shift: 0,
        }
    }

    /// The line and column of a byte of `content`. An offset at the very end
    /// belongs to the last line that has text.
    pub(super) fn position(&self, offset: usize) -> (u32, u32) {
        let mut end = offset.min(self.content.len());
        while !self.content.is_char_boundary(end) {
            end -= 1;
        }
        if end == self.content.len() {
            end = self.content.trim_end_matches(['\n', '\r']).len();
        }
        let before = &self.content[..end];
        let line = before.bytes().filter(|b| *b == b'\n').count();
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let column = before[start..].chars().count();
        (
            self.first_line + small(line),
            self.shift + 1 + small(column),
        )
    }

    /// A fault at a byte of `content`.
    pub(super) fn problem(&self, offset: usize, issue: Issue) -> Problem {
        Problem::of(&self.shown, issue).at(self.position(offset))
    }

    /// `main.py:3`, for the origin of a requirement.
    pub(super) fn origin(&self, offset: usize) -> String {
        format!("{}:{}", self.name, self.position(offset).0)
    }
}

/// Counts of lines and columns stay far below 2³² as files are bounded.
pub(super) fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// The bytes of a text file as text, without a byte order mark.
///
/// # Errors
/// Bytes that are not UTF-8, and NUL, with their line.
pub(super) fn decode(bytes: &[u8], shown: &Path) -> Result<String, Problem> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        let issue = Issue::hinted("is UTF-16, not UTF-8", "save it as UTF-8");
        return Err(Problem::of(shown, issue).at_line(1));
    }
    let line = |upto: usize| small(bytes[..upto].iter().filter(|b| **b == b'\n').count() + 1);
    let text = std::str::from_utf8(bytes).map_err(|fault| {
        let issue = Issue::hinted("this line is not UTF-8", "save the file as UTF-8");
        Problem::of(shown, issue).at_line(line(fault.valid_up_to()))
    })?;
    if let Some(at) = memchr::memchr(0, bytes) {
        let issue = Issue::hinted("this line holds a NUL character", "remove it");
        return Err(Problem::of(shown, issue).at_line(line(at)));
    }
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text).to_owned())
}

/// A folder whose files are read, by names relative to it.
#[derive(Debug)]
pub(super) struct Folder {
    /// Where it is.
    pub(super) root: PathBuf,
    /// How people know it, `tasks/report`.
    pub(super) shown: PathBuf,
}

impl Folder {
    /// The text of a file of the folder; none when there is no such file.
    ///
    /// # Errors
    /// A file that is not regular, leads out of the folder, is larger than
    /// `max` bytes, or is not text.
    pub(super) fn read(&self, name: &str, max: u64) -> Result<Option<Text>, Problem> {
        let shown = self.shown.join(name);
        let failed = |issue| Problem::of(&shown, issue);
        let path = match self.locate(name) {
            Ok(Some(path)) => path,
            Ok(None) => return Ok(None),
            Err(issue) => return Err(failed(issue)),
        };
        let bytes = read_bounded(&path, max).map_err(|fault| failed(unreadable(&fault)))?;
        match bytes {
            Some(bytes) => Ok(Some(Text::new(shown.clone(), decode(&bytes, &shown)?))),
            None => Err(failed(Issue::new(format!("is larger than {max} bytes")))),
        }
    }

    /// The text of a script that holds `mark`; none when it does not, as
    /// Python reads encodings and sizes that we need not.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub(super) fn read_marked(&self, name: &str, mark: &str) -> Result<Option<Text>, Problem> {
        let failed = |issue| Problem::of(&self.shown.join(name), issue);
        let Some(path) = self.locate(name).map_err(failed)? else {
            return Err(failed(Issue::new("has been removed")));
        };
        let mut start = Vec::new();
        open_plain(&path)
            .and_then(|file| file.take(MAX_TEXT).read_to_end(&mut start))
            .map_err(|fault| failed(unreadable(&fault)))?;
        match memchr::memmem::find(&start, mark.as_bytes()) {
            Some(_) => self.read(name, MAX_TEXT),
            None => Ok(None),
        }
    }

    /// The place of a regular file of the folder, links inside it followed;
    /// none when there is no such file.
    ///
    /// # Errors
    /// Why `name` is not such a file.
    pub(super) fn locate(&self, name: &str) -> Result<Option<PathBuf>, Issue> {
        relative(name)?;
        let path = self.root.join(name);
        let real = match fs::canonicalize(&path) {
            Ok(real) => real,
            Err(fault) if is_absence(&fault) => {
                return match fs::symlink_metadata(&path) {
                    Ok(_) => Err(Issue::hinted("is a link to nothing", "remove or mend it")),
                    Err(_) => Ok(None),
                };
            }
            Err(fault) => return Err(unreadable(&fault)),
        };
        let root = fs::canonicalize(&self.root).map_err(|fault| unreadable(&fault))?;
        if !real.starts_with(&root) {
            return Err(Issue::hinted(
                "is a link that leads out of its folder",
                "put a copy of the file there",
            ));
        }
        let kind = fs::metadata(&real).map_err(|fault| unreadable(&fault))?;
        if kind.is_dir() {
            return Err(Issue::new("is a folder, not a file"));
        }
        if !kind.is_file() {
            return Err(Issue::new("is not a regular file"));
        }
        Ok(Some(real))
    }

    /// The names of the regular files directly in the folder, sorted. Names
    /// that are not UTF-8 are left out: nothing we look for has one.
    ///
    /// # Errors
    /// A folder that cannot be listed.
    pub(super) fn file_names(&self) -> Result<Vec<String>, Problem> {
        let failed = |fault: io::Error| Problem::of(&self.shown, unreadable(&fault));
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.root).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            if let Ok(name) = entry.file_name().into_string()
                && entry.path().is_file()
            {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }
}

/// Refuses what is not a plain path below a folder.
pub(super) fn relative(name: &str) -> Result<(), Issue> {
    let plain = !name.is_empty()
        && !name.contains(['\0', '\\'])
        && Path::new(name)
            .components()
            .all(|part| matches!(part, Component::Normal(_)));
    if !plain {
        return Err(Issue::hinted(
            format!(
                "“{}” does not name a file of this folder",
                name.escape_debug()
            ),
            "write a path relative to it, without `..` or `\\`",
        ));
    }
    if name.starts_with('-') {
        return Err(Issue::new(format!(
            "“{name}” would be taken for an option: rename the file"
        )));
    }
    Ok(())
}

/// The system's reason in words.
pub(super) fn unreadable(fault: &io::Error) -> Issue {
    Issue::hinted(
        format!("cannot be read: {fault}"),
        "check that Runbay's user may read it",
    )
}

fn is_absence(fault: &io::Error) -> bool {
    matches!(
        fault.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

/// Opens a file that is not a link, without waiting should it be a FIFO.
pub(super) fn open_plain(path: &Path) -> io::Result<File> {
    let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
    let file = fs::OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits().cast_signed())
        .open(path)?;
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(io::Error::other("not a regular file"))
    }
}

/// The bytes of a file, or none when there are more than `max`.
pub(super) fn read_bounded(path: &Path, max: u64) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    open_plain(path)?.take(max + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= max).then_some(bytes))
}
