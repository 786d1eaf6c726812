//! Runbay runs Python scripts: a folder in `tasks/` becomes a cached image, and
//! every run is a fresh, hardened, throwaway container. This page is the map.
//!
//! # Modules, from the inside out
//! | module | job | may import |
//! |---|---|---|
//! | [`domain`] | the words as plain data; no IO | nothing of ours |
//! | [`threads`] | work that is done elsewhere | nothing of ours |
//! | [`disk`] | how much room there is, and a reserve of it | nothing of ours |
//! | [`vault`] | seals secrets with a key kept apart from the data | `domain` |
//! | [`time`] | the rules of time: cron, zones, calendars; no IO | `domain` |
//! | [`config`] | file + environment → one validated `Config` | `domain`, `time` |
//! | [`catalogue`] | what people write on disk: tasks, manifests, requirements | `domain`, `time` |
//! | [`store`] | the only user of SQLite | `domain`, `threads`, `disk` |
//! | [`engine`] | the only user of the Docker API | `domain` |
//! | [`logs`] | output: lines, caps, masking, files | `domain`, `disk` |
//! | [`samples`] | what an attempt used over time, in a small file | `domain` |
//! | [`versions`] | the code that ran, by digest | `domain`, `catalogue` |
//! | [`image`] | base, environment and task images, each built once per key | `domain`, `threads`, `config`, `catalogue`, `store`, `engine`, `logs`, `versions` |
//! | [`deliver`] | sends one message: webhook, ping or mail | `domain`, `config` |
//! | [`attempt`] | drives one attempt: image → container → log → outcome → removal | all above |
//! | [`service`] | use cases: start, cancel, find, recover, prune | all above |
//! | [`worker`] | the loops of the service: what is to be done, and when | all above |
//! | [`http`] | the REST API | `domain`, `config`, `logs`, `service` |
//! | [`client`] | asks a running service, for the command line | `domain`, `service` |
//! | [`boot`] | puts the service together | all above |
//! | [`cli`] | the command line | all above |
//!
//! `tests/layering.rs` holds the table against the code.
#![forbid(unsafe_code)]

pub mod attempt;
pub mod boot;
pub mod catalogue;
pub mod cli;
pub mod client;
pub mod config;
pub mod deliver;
pub mod disk;
pub mod domain;
pub mod engine;
pub mod http;
pub mod image;
pub mod logs;
pub mod samples;
pub mod service;
pub mod store;
pub mod threads;
pub mod time;
pub mod vault;
pub mod versions;
pub mod worker;
