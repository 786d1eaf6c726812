//! Server-sent events as they come in (the HTML standard, §9.2.6).

/// The most bytes of one event. A service sends much less.
const MAX_EVENT: usize = 16 * 1024 * 1024;

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Event {
    /// What kind; `message` when it does not say.
    pub(super) kind: String,
    /// Its text.
    pub(super) data: String,
    /// The last id that was sent until then; empty when there was none.
    pub(super) id: String,
}

/// Reads events from bytes in any portions.
#[derive(Debug, Default)]
pub(super) struct Parser {
    bytes: Vec<u8>,
    /// How many of them were read.
    read: usize,
    kind: String,
    data: Option<String>,
    id: String,
}

impl Parser {
    /// Takes what came in; false when no event can be that long.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> bool {
        self.bytes.drain(..std::mem::take(&mut self.read));
        self.bytes.extend_from_slice(bytes);
        self.bytes.len() + self.data.as_ref().map_or(0, String::len) <= MAX_EVENT
    }

    /// The next event that is whole.
    pub(super) fn next(&mut self) -> Option<Event> {
        while let Some(end) = memchr::memchr(b'\n', &self.bytes[self.read..]) {
            let line = &self.bytes[self.read..self.read + end];
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            let line = String::from_utf8_lossy(line).into_owned();
            self.read += end + 1;
            let event = self.line(&line);
            if event.is_some() {
                return event;
            }
        }
        None
    }

    fn line(&mut self, line: &str) -> Option<Event> {
        if line.is_empty() {
            let kind = std::mem::take(&mut self.kind);
            let data = self.data.take()?;
            return Some(Event {
                kind: match kind.is_empty() {
                    true => "message".to_owned(),
                    false => kind,
                },
                data,
                id: self.id.clone(),
            });
        }
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "event" => value.clone_into(&mut self.kind),
            "id" if !value.contains('\0') => value.clone_into(&mut self.id),
            "data" => match &mut self.data {
                Some(data) => {
                    data.push('\n');
                    data.push_str(value);
                }
                None => self.data = Some(value.to_owned()),
            },
            // Comments keep the connection open; `retry` is for browsers.
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(portions: &[&[u8]]) -> Vec<Event> {
        let mut parser = Parser::default();
        let mut events = Vec::new();
        for portion in portions {
            assert!(parser.feed(portion));
            events.extend(std::iter::from_fn(|| parser.next()));
        }
        events
    }

    const STREAM: &str = ": hello\n\nevent: line\nid: 1.1\ndata: {\"a\":\ndata: 1}\n\n: still here\n\ndata:x\r\n\r\nid: 1.3\n\nevent: end\ndata\n\nevent: cut\ndata: off\n";

    #[test]
    fn events_are_those_of_the_standard() {
        let event = |kind: &str, data: &str, id: &str| Event {
            kind: kind.to_owned(),
            data: data.to_owned(),
            id: id.to_owned(),
        };
        let expected = [
            event("line", "{\"a\":\n1}", "1.1"),
            event("message", "x", "1.1"),
            event("end", "", "1.3"),
        ];
        assert_eq!(read(&[STREAM.as_bytes()]), expected);
    }

    #[test]
    fn an_event_without_end_is_refused() {
        let mut parser = Parser::default();
        let chunk = vec![b'x'; MAX_EVENT];
        assert!(parser.feed(&chunk));
        assert!(!parser.feed(b"y"));
    }

    proptest! {
        #[test]
        fn portions_do_not_matter(cuts in proptest::collection::vec(0..STREAM.len(), 0..8)) {
            let mut cuts = cuts;
            cuts.sort_unstable();
            let mut portions = Vec::new();
            let mut from = 0;
            for cut in cuts {
                portions.push(&STREAM.as_bytes()[from..cut]);
                from = cut;
            }
            portions.push(&STREAM.as_bytes()[from..]);
            prop_assert_eq!(read(&portions), read(&[STREAM.as_bytes()]));
        }
    }
}
