use super::*;
use crate::domain::log::Stream;
use crate::domain::size::Bytes;
use crate::logs::{Bounds, Pump, ReadyLine, SharedLog};
use chrono::Utc;
use proptest::prelude::*;

fn run(secret: &str, pieces: &[&[u8]]) -> String {
    let masker = Masker::new([secret]).unwrap();
    let mut held = Vec::new();
    let mut out = Vec::new();
    for piece in pieces {
        out.extend(masker.push(&mut held, piece));
    }
    out.extend(masker.finish(&mut held));
    String::from_utf8(out).unwrap()
}

#[test]
fn a_secret_in_two_writes_is_masked() {
    assert_eq!(
        run("s3cret-token", &[b"key=s3cret", b"-token;\n"]),
        "key=***;\n"
    );
    assert_eq!(
        run("s3cret-token", &[b"key=s3cret", b"ary\n"]),
        "key=s3cretary\n"
    );
    assert_eq!(run("s3cret-token", &[b"cut off s3cret-to"]), "cut off ***");
}

#[test]
fn short_values_are_left_alone() {
    assert!(Masker::new(["abc", ""]).is_none());
}

#[test]
fn the_longer_of_two_secrets_wins() {
    let masker = Masker::new(["abcdef", "abcdefghij"]).unwrap();
    let mut held = Vec::new();
    let mut out = masker.push(&mut held, b"abcdef");
    out.extend(masker.push(&mut held, b"ghij!"));
    out.extend(masker.finish(&mut held));
    assert_eq!(out, b"***!");
}

/// What other programs make of a value, as they print it; written down, not
/// computed by what is tested. (Python 3.11 `json`, `repr`, `shlex.quote`,
/// `html.escape`, `urllib.parse`; JavaScript `encodeURIComponent`.)
#[test]
fn what_other_programs_make_of_a_value_is_masked() {
    let secret = "p\"ä'<&/ x9\\";
    for printed in [
        r#""p\"ä'<&/ x9\\""#,
        r#""p\"\u00e4'<&/ x9\\""#,
        r#"'p"ä\'<&/ x9\\'"#,
        r#"'p"ä'"'"'<&/ x9\'"#,
        r#"'p"ä'\''<&/ x9\'"#,
        "p&quot;ä&#x27;&lt;&amp;/ x9\\",
        "p&quot;ä&#39;&lt;&amp;/ x9\\",
        "p%22%C3%A4%27%3C%26/%20x9%5C",
        "p%22%C3%A4%27%3C%26%2F%20x9%5C",
        "p%22%c3%a4%27%3c%26%2f%20x9%5c",
        "p%22%C3%A4%27%3C%26%2F+x9%5C",
        "p%22%C3%A4'%3C%26%2F%20x9%5C",
        "7022c3a4273c262f207839 5c",
        "7022C3A4273C262F2078395C",
    ] {
        let whole = printed.replace("39 5c", "395c");
        let masked = run(secret, &[whole.as_bytes()]);
        assert!(masked.contains("***"), "{whole} stays {masked}");
        assert!(masked.len() <= 5 + 2, "{whole} leaves {masked}");
    }
}

#[test]
fn parts_of_a_key_are_secret_too() {
    let account = r#"{"type":"x","private_key":"-----BEGIN KEY-----\nMIIEvQIBADANBg\n-----END KEY-----\n","id":{"n":["abcdefgh12"]}}"#;
    for part in [
        "-----BEGIN KEY-----\nMIIEvQIBADANBg\n-----END KEY-----",
        "MIIEvQIBADANBg",
        "abcdefgh12",
        account,
    ] {
        let masked = run(account, &[b"<", part.as_bytes(), b">"]);
        assert!(masked.starts_with("<***"), "{part} stays {masked}");
    }
    assert_eq!(run(account, &[b"type x"]), "type x");
}

/// One of the ways in which a program may print a value.
fn printed(secret: &str, how: usize) -> String {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE};
    match how {
        0 => secret.to_owned(),
        1 => serde_json::Value::from(secret).to_string(),
        2 => form_urlencoded::byte_serialize(secret.as_bytes()).collect(),
        3 => secret.bytes().map(|b| format!("{b:02x}")).collect(),
        4 => secret.bytes().map(|b| format!("{b:02X}")).collect(),
        5 => STANDARD.encode(secret),
        6 => STANDARD.encode(format!("u:{secret}")),
        7 => URL_SAFE.encode(format!("x{secret}yz")),
        8 => format!("'{}'", secret.replace('\'', "'\\''")),
        _ => secret.replace('&', "&amp;").replace('<', "&lt;"),
    }
}

/// What must not be found: all of a form but what also tells of its neighbours.
fn telling(secret: &str, how: usize) -> Vec<u8> {
    let whole = printed(secret, how);
    let inner = match how {
        1 => &whole[1..whole.len() - 1],
        5..=7 => &whole[4..whole.len() - 4],
        8 => whole.trim_matches('\''),
        _ => &whole,
    };
    inner.as_bytes().to_vec()
}

proptest! {
    /// Through the whole way of output to the file, however it is cut.
    #[test]
    fn no_secret_reaches_the_disk(
        secret in "[a-zA-Z0-9/+\"&=<äß' -]{12,40}",
        how in 0usize..10,
        around in ("[a-z \n]{0,9}", "[a-z \n]{0,9}"),
        cuts in prop::collection::vec(0usize..200, 0..6),
        stderr in any::<bool>(),
        others in prop::collection::vec("[a-zA-Z0-9]{8,20}", 0..3),
    ) {
        prop_assume!(secret.trim() == secret && secret.trim_matches('\'') == secret);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log");
        let all = others.iter().chain([&secret]).map(String::as_str);
        let bounds = Bounds { cap: Bytes(1 << 20), spare: Bytes(0) };
        let log = SharedLog::open(&path, bounds, Masker::new(all)).unwrap();
        let text = format!("{}{}{}", around.0, printed(&secret, how), around.1);
        log.note(&text);
        log.say(&text);
        let mut pump = Pump::new(log.clone(), ReadyLine::new("n"));
        let stream = if stderr { Stream::Stderr } else { Stream::Stdout };
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(text.len())).collect();
        cuts.extend([0, text.len()]);
        cuts.sort_unstable();
        for piece in cuts.windows(2) {
            pump.push(stream, &text.as_bytes()[piece[0]..piece[1]], Utc::now());
            pump.settle();
        }
        drop(pump.finish());
        log.finish();
        let kept = std::fs::read(&path).unwrap();
        let telling = telling(&secret, how);
        prop_assert!(
            memchr::memmem::find(&kept, &telling).is_none(),
            "{:?} was kept: {}", String::from_utf8_lossy(&telling), String::from_utf8_lossy(&kept)
        );
    }

    /// Where a stream is cut changes nothing of what is kept: output that is read
    /// again after a crash has the same lines.
    #[test]
    fn cuts_change_nothing(
        secret in "[ab\n]{6,12}", text in "[ab\n]{0,60}", cuts in prop::collection::vec(0usize..60, 0..8),
    ) {
        prop_assume!(secret.trim().len() >= 6);
        let whole = run(&secret, &[text.as_bytes()]);
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(text.len())).collect();
        cuts.extend([0, text.len()]);
        cuts.sort_unstable();
        let pieces: Vec<&[u8]> = cuts.windows(2).map(|c| &text.as_bytes()[c[0]..c[1]]).collect();
        prop_assert_eq!(run(&secret, &pieces), whole);
    }

    #[test]
    fn other_text_passes_unchanged(text in "[a-m \n]{0,200}") {
        prop_assert_eq!(run("zyxwvutsr", &[text.as_bytes()]), text);
    }
}
