//! The shapes in which programs print a secret: escaped for some language,
//! encoded for some protocol, or as a part of something larger.

use crate::domain::secret::LEAST_MASKED;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// A part of a secret that is shorter is likely to be a common word.
const SHORTEST_PART: usize = 8;

/// A secret, and what is secret in it, in every shape that is searched for.
pub(super) fn forms(secret: &str) -> Vec<Vec<u8>> {
    let mut parts: BTreeSet<String> = [secret, secret.trim()].map(str::to_owned).into();
    let lines = secret.lines().map(str::trim);
    parts.extend(
        lines
            .filter(|line| line.len() >= SHORTEST_PART)
            .map(str::to_owned),
    );
    if let Ok(value @ (Value::Object(_) | Value::Array(_))) = serde_json::from_str(secret) {
        leaves(&value, &mut parts);
    }
    let mut all = Vec::new();
    for part in parts.iter().filter(|part| part.len() >= LEAST_MASKED) {
        all.push(part.as_bytes().to_vec());
        all.extend(escaped(part).into_iter().map(String::into_bytes));
        let hex: String = part.bytes().map(|b| format!("{b:02x}")).collect();
        all.push(hex.to_uppercase().into_bytes());
        all.push(hex.into_bytes());
        all.extend(base64_forms(part.as_bytes()));
    }
    all.retain(|form| form.len() >= LEAST_MASKED);
    all
}

/// The texts in a secret that is JSON, such as the key of a service account.
fn leaves(value: &Value, parts: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if text.len() >= SHORTEST_PART => {
            parts.insert(text.clone());
            let lines = text.lines().map(str::trim);
            parts.extend(
                lines
                    .filter(|line| line.len() >= SHORTEST_PART)
                    .map(str::to_owned),
            );
        }
        Value::Array(items) => items.iter().for_each(|item| leaves(item, parts)),
        Value::Object(fields) => fields.values().for_each(|field| leaves(field, parts)),
        _ => {}
    }
}

/// As text of other languages.
fn escaped(text: &str) -> Vec<String> {
    let quoted = Value::from(text).to_string();
    // Without the quotes around it.
    let json = &quoted[1..quoted.len() - 1];
    let repr = text.replace('\\', "\\\\").replace('\n', "\\n");
    let repr = repr.replace('\r', "\\r").replace('\t', "\\t");
    let xml = text.replace('&', "&amp;");
    let xml = xml.replace('<', "&lt;").replace('>', "&gt;");
    let attribute = xml.replace('"', "&quot;");
    vec![
        json.to_owned(),
        ascii(json),
        // Python quotes with `'` unless there is one and no `"`.
        repr.replace('\'', "\\'"),
        ascii(&repr),
        repr,
        // Shells: `'` ends the quotes, is escaped, and begins them anew.
        text.replace('\'', "'\\''"),
        text.replace('\'', "'\"'\"'"),
        attribute.replace('\'', "&#39;"),
        attribute.replace('\'', "&#x27;"),
        attribute.replace('\'', "&apos;"),
        attribute,
        xml,
        percent(text, b""),
        lowercase_escapes(&percent(text, b"")),
        percent(text, b"/"),
        percent(text, b"!'()*"),
        percent(text, b"").replace("%20", "+"),
    ]
}

/// With `\u….` for what is not ASCII, as Python's `json` writes it.
fn ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() {
            out.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            // Writing to a text cannot fail.
            let _ = write!(out, "\\u{unit:04x}");
        }
    }
    out
}

/// Percent-encoded (RFC 3986), all but what is unreserved and `safe`.
fn percent(text: &str, safe: &[u8]) -> String {
    text.bytes()
        .map(|b| match b {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(b).to_string()
            }
            _ if safe.contains(&b) => char::from(b).to_string(),
            _ => format!("%{b:02X}"),
        })
        .collect()
}

/// With `%2f` for `%2F`, as some libraries write it.
fn lowercase_escapes(encoded: &str) -> String {
    let mut left = 0;
    let lower = |c: char| match c {
        '%' => {
            left = 2;
            c
        }
        _ if left > 0 => {
            left -= 1;
            c.to_ascii_lowercase()
        }
        _ => c,
    };
    encoded.chars().map(lower).collect()
}

/// Base64 of something that contains the secret depends on where it begins
/// modulo 3; the characters that also encode neighbours are left out.
fn base64_forms(secret: &[u8]) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for shift in 0..3 {
        let mut bytes = vec![0; shift];
        bytes.extend_from_slice(secret);
        let from = (shift * 8).div_ceil(6);
        let to = bytes.len() * 8 / 6;
        for text in [
            STANDARD_NO_PAD.encode(&bytes),
            URL_SAFE_NO_PAD.encode(&bytes),
        ] {
            all.push(text.as_bytes()[from..to].to_vec());
        }
    }
    all
}
