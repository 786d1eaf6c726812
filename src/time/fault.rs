//! What is wrong with something written about time.

/// Why a schedule, or a part of one, cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}{}", hint.as_ref().map(|hint| format!(": {hint}")).unwrap_or_default())]
pub struct Fault {
    /// The key of the schedule that is wrong, such as `when`.
    pub key: &'static str,
    /// Which item of it, counted from 0, where it is a list.
    pub item: Option<usize>,
    /// What is wrong. It names the field of a cron pattern and shows its text.
    pub message: String,
    /// What would be right.
    pub hint: Option<String>,
}

impl Fault {
    /// A fault that says itself what would be right.
    pub(super) fn new(key: &'static str, message: impl Into<String>) -> Self {
        Self {
            key,
            item: None,
            message: message.into(),
            hint: None,
        }
    }

    /// A fault with a remedy.
    pub(super) fn hinted(
        key: &'static str,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self {
            hint: Some(hint.into()),
            ..Self::new(key, message)
        }
    }

    /// A fault for which something else may have been meant.
    pub(super) fn meant(
        key: &'static str,
        message: impl Into<String>,
        instead: Option<impl std::fmt::Display>,
    ) -> Self {
        Self {
            hint: instead.map(|text| format!("did you mean `{text}`?")),
            ..Self::new(key, message)
        }
    }
}

/// Text from outside, short enough and safe for a message.
pub(super) fn shown(text: &str) -> String {
    let mut short: String = text.chars().take(60).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    format!("“{}”", short.escape_debug())
}
