//! Output: complete, in order, and never lost by us.

use crate::support::{Bench, bench, eventually, next, text, until};
use runbay::domain::ids::ContainerId;
use runbay::engine::{EngineError, Status, StdStream};
use std::time::Duration;

#[tokio::test]
async fn v5_attached_before_the_start_nothing_is_lost() {
    bench(async |bench| {
        for _ in 0..8 {
            let (id, code, output) = bench
                .run(&bench.python("print('\\n'.join(map(str, range(2000))))"))
                .await;
            let expected: String = (0..2000).map(|n| format!("{n}\n")).collect();
            assert_eq!(code, 0);
            assert_eq!(output, expected);
            bench.engine.remove(&id).await.unwrap();
        }
    })
    .await;
}

/// Prints 8 MB, more than all pipes and buffers in between hold.
const FLOOD: &str =
    "import sys\nfor _ in range(8192): sys.stdout.write('x' * 1023 + '\\n')\nsys.stdout.flush()";

async fn cpu(bench: &Bench, id: &ContainerId) -> u64 {
    bench
        .engine
        .stats(id)
        .await
        .unwrap()
        .map_or(0, |usage| usage.cpu_ns)
}

#[tokio::test]
async fn v6_output_nobody_reads_blocks_the_script_and_is_all_there_once_read() {
    bench(async |bench| {
        let id = bench.create(&bench.python(FLOOD)).await;
        let mut attached = bench.engine.attach(&id).await.unwrap();
        bench.engine.start(&id).await.unwrap();
        // It has come to rest when it uses next to no processor time any more;
        // the init wakes once a second.
        let last = std::sync::Mutex::new((0, 0));
        eventually("the script rests", async || {
            tokio::time::sleep(Duration::from_millis(200)).await;
            let now = cpu(&bench, &id).await;
            let mut last = last.lock().unwrap();
            let resting = now - last.0 < 1_000_000;
            *last = (now, if resting { last.1 + 1 } else { 0 });
            now > 0 && last.1 >= 5
        })
        .await;
        let blocked = bench.engine.inspect(&id).await.unwrap().unwrap();
        assert_eq!(blocked.status, Status::Running);
        let output = text(&mut attached.output).await.unwrap();
        assert_eq!(output.len(), 8192 * 1024);
        assert_eq!(bench.engine.exited(&id).await.unwrap(), 0);
        bench.engine.remove(&id).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn the_two_outputs_are_told_apart_and_bytes_are_kept() {
    bench(async |bench| {
        let id =
            bench
                .create(&bench.python(
                    "import os; os.write(1, bytes(range(256))); os.write(2, b'\\xff\\x00')",
                ))
                .await;
        let mut output = bench.engine.attach(&id).await.unwrap().output;
        bench.engine.start(&id).await.unwrap();
        let (mut out, mut err) = (Vec::new(), Vec::new());
        while let Some(frame) = next(&mut output).await {
            let frame = frame.unwrap();
            match frame.stream {
                StdStream::Out => out.extend_from_slice(&frame.bytes),
                StdStream::Err => err.extend_from_slice(&frame.bytes),
            }
        }
        assert_eq!(out, (0..=255).collect::<Vec<u8>>());
        assert_eq!(err, b"\xff\x00");
        bench.engine.remove(&id).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_partial_line_comes_at_once() {
    bench(async |bench| {
        let mut spec = bench.python("print('name? ', end='', flush=True); print(input())");
        spec.stdin = true;
        let id = bench.create(&spec).await;
        let mut attached = bench.engine.attach(&id).await.unwrap();
        bench.engine.start(&id).await.unwrap();
        until(&mut attached.output, "name? ").await;
        use tokio::io::AsyncWriteExt;
        attached.stdin.write_all(b"me\n").await.unwrap();
        assert_eq!(text(&mut attached.output).await.unwrap(), "me\n");
        bench.engine.remove(&id).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn the_log_has_it_all_from_the_beginning_and_goes_on() {
    bench(async |bench| {
        let mut spec = bench.python("print('first', flush=True); input(); print('last')");
        spec.stdin = true;
        let id = bench.create(&spec).await;
        let mut attached = bench.engine.attach(&id).await.unwrap();
        bench.engine.start(&id).await.unwrap();
        until(&mut attached.output, "first").await;
        let mut log = bench.engine.logs(&id, true);
        until(&mut log, "first").await;
        use tokio::io::AsyncWriteExt;
        attached.stdin.write_all(b"\n").await.unwrap();
        assert!(text(&mut log).await.unwrap().ends_with("last\n"));
        text(&mut attached.output).await.unwrap();
        let again = text(&mut bench.engine.logs(&id, false)).await.unwrap();
        assert_eq!(again, "first\nlast\n");
        bench.engine.remove(&id).await.unwrap();
        let gone = next(&mut bench.engine.logs(&id, true)).await.unwrap();
        assert!(matches!(gone, Err(EngineError::NotFound { .. })));
    })
    .await;
}
