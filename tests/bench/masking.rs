//! What it costs to look for secrets in all that a script says.

use super::sample::{Limit, Row, pairs};
use super::world::{World, time};
use std::fmt::Write as _;

/// 100 MB of lines as programs log them, no two in a thousand alike.
const SPEAKER: &str = r#"import sys
block = "".join(
    f"2026-01-31T12:00:{n % 60:02}Z INFO worker.{n % 8} GET /api/v1/items/{n * 7919} page={n % 97} status=200 took={n % 313}ms token=ok\n"
    for n in range(1000)
)
for _ in range(100_000_000 // len(block)):
    sys.stdout.write(block)
"#;
const SECRETS: u32 = 50;

/// From the script to the file and the terminal, with 50 secrets to look for and
/// with none.
pub(crate) fn fifty_secrets(world: &World) -> anyhow::Result<Vec<Row>> {
    let mut names = String::new();
    for n in 0..SECRETS {
        write!(names, "'SECRET_{n}', ")?;
    }
    world.write("unmasked/main.py", SPEAKER)?;
    world.write("masked/main.py", SPEAKER)?;
    world.write("masked/task.toml", &format!("secrets = [{names}]"))?;
    // Both run from one image: the same code, and `pairs` begins with one of each
    // that is not counted.
    let reading = |task: &str| {
        let mut command = world.runbay(&["run", "-q", task]);
        command.env("RUNBAY_LIMITS_LOG", "400M");
        if task == "masked" {
            for (name, value) in given() {
                command.args(["--secret", &name]).env(&name, value);
            }
        }
        let timed = time(command)?;
        Ok(timed.bytes as f64 / 1e6 / (timed.end - timed.first_line).as_secs_f64())
    };
    let pairs = pairs(5, || reading("masked"), || reading("unmasked"))?;
    Ok(vec![Row {
        measure: "masking: output with 50 secrets, vs with none".to_owned(),
        unit: "MB/s",
        limit: Limit::AtLeast(1.0 / 1.15),
        pairs,
    }])
}

/// Tokens as services make them: a word, and letters without any order.
fn given() -> Vec<(String, String)> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let token = |n: u32| {
        let mut state = n.wrapping_mul(2_654_435_761).wrapping_add(12_345);
        let letters = (0..36).map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            char::from(LETTERS[(state >> 26) as usize])
        });
        (
            format!("SECRET_{n}"),
            format!("tok_{}", letters.collect::<String>()),
        )
    };
    (0..SECRETS).map(token).collect()
}
