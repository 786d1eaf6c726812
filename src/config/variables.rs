//! The settings that environment variables make, and how their text is read.

/// How a variable's text becomes a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// As it is.
    Text,
    /// As it is, or from the file that `<name>_FILE` names.
    Secret,
    /// A path, relative to the present folder.
    Path,
    /// A number.
    Number,
    /// `true` or `false`.
    Switch,
    /// Words with commas between them.
    Words,
    /// One text a line; requirements have commas of their own.
    Lines,
}

/// Every setting that a variable can make: `build.index_url` is
/// `RUNBAY_BUILD_INDEX_URL`. A test holds it against the file's keys.
pub(super) const SETTINGS: &[(&str, Kind)] = &[
    ("tasks_dir", Kind::Path),
    ("global_envs_dir", Kind::Path),
    ("images_dir", Kind::Path),
    ("calendars_dir", Kind::Path),
    ("data_dir", Kind::Path),
    ("free_space", Kind::Text),
    ("docker_host", Kind::Text),
    ("extra_ca", Kind::Path),
    ("timezone", Kind::Text),
    ("python.default", Kind::Text),
    ("limits.memory", Kind::Text),
    ("limits.cpus", Kind::Number),
    ("limits.pids", Kind::Number),
    ("limits.scratch", Kind::Text),
    ("limits.timeout", Kind::Text),
    ("limits.network", Kind::Text),
    ("limits.log", Kind::Text),
    ("queue.slots", Kind::Number),
    ("queue.memory", Kind::Text),
    ("queue.limit", Kind::Number),
    ("queue.per_task", Kind::Number),
    ("log.format", Kind::Text),
    ("metrics.tasks", Kind::Switch),
    ("build.policy", Kind::Text),
    ("build.sdists", Kind::Words),
    ("build.allow", Kind::Words),
    ("build.requirements", Kind::Lines),
    ("build.index_url", Kind::Secret),
    ("build.timeout", Kind::Text),
    ("build.memory", Kind::Text),
    ("build.cpus", Kind::Number),
    ("build.pids", Kind::Number),
    ("build.failure_ttl", Kind::Text),
    ("secrets.key_file", Kind::Path),
    ("notify.allow", Kind::Words),
    ("mail.host", Kind::Text),
    ("mail.port", Kind::Number),
    ("mail.tls", Kind::Text),
    ("mail.from", Kind::Text),
    ("mail.username", Kind::Text),
    ("mail.password", Kind::Text),
    ("backup.nightly", Kind::Number),
    ("backup.folder", Kind::Path),
    ("keep.automatic", Kind::Switch),
    ("keep.every", Kind::Text),
    ("keep.images", Kind::Number),
    ("keep.unused", Kind::Text),
    ("keep.runs", Kind::Number),
    ("keep.age", Kind::Text),
    ("keep.logs", Kind::Text),
    ("keep.artifacts", Kind::Text),
    ("keep.versions", Kind::Number),
    ("keep.cache", Kind::Text),
    ("keep.low_space", Kind::Text),
    ("keep.enough_space", Kind::Text),
    ("server.bind", Kind::Text),
    ("server.expose", Kind::Switch),
    ("server.external_url", Kind::Text),
    ("server.allowed_hosts", Kind::Words),
    ("server.trusted_proxies", Kind::Words),
    ("server.insecure_http", Kind::Switch),
];
