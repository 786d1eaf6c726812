//! Files in and out of containers.

use crate::support::{bench, text, until};
use bytes::Bytes;
use futures::TryStreamExt;
use runbay::engine::{EngineError, Tmpfs, Volume};
use std::io::Read;

fn tar_of(name: &str, content: &[u8]) -> Bytes {
    let mut header = tar::Header::new_gnu();
    header.set_size(content.len() as u64);
    header.set_mode(0o644);
    header.set_mtime(1);
    let mut tar = tar::Builder::new(Vec::new());
    tar.append_data(&mut header, name, content).unwrap();
    tar.into_inner().unwrap().into()
}

fn volume(path: &str) -> Volume {
    Volume::Anonymous {
        path: path.to_owned(),
    }
}

#[tokio::test]
async fn v11_a_volume_takes_files_before_the_start_and_gives_them_after_the_end() {
    bench(async |bench| {
        let mut spec = bench.python("print(open('/inputs/greeting').read())");
        spec.volumes = vec![volume("/inputs")];
        let id = bench.create(&spec).await;
        let tar = tar_of("greeting", b"hello");
        bench.engine.write_tar(&id, "/inputs", tar).await.unwrap();
        let mut output = bench.engine.attach(&id).await.unwrap().output;
        bench.engine.start(&id).await.unwrap();
        assert_eq!(text(&mut output).await.unwrap(), "hello\n");
        bench.engine.exited(&id).await.unwrap();

        let stat = bench
            .engine
            .stat(&id, "/inputs/greeting")
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (stat.name.as_str(), stat.size, stat.mode),
            ("greeting", 5, 0o644)
        );
        assert!(stat.is_file && !stat.is_dir);
        let folder = bench.engine.stat(&id, "/inputs").await.unwrap().unwrap();
        assert!(folder.is_dir && !folder.is_file);
        let link = bench.engine.stat(&id, "/proc/self").await.unwrap();
        assert!(link.is_none_or(|link| !link.is_file));
        assert_eq!(
            bench.engine.stat(&id, "/inputs/nothing").await.unwrap(),
            None
        );

        let stream = bench.engine.read_tar(&id, "/inputs").await.unwrap();
        let bytes: Vec<Bytes> = stream.try_collect().await.unwrap();
        let bytes = bytes.concat();
        let mut archive = tar::Archive::new(bytes.as_slice());
        let mut found = Vec::new();
        for entry in archive.entries().unwrap() {
            let mut entry = entry.unwrap();
            let mut content = String::new();
            entry.read_to_string(&mut content).unwrap();
            found.push((entry.path().unwrap().display().to_string(), content));
        }
        assert!(
            found.contains(&("inputs/greeting".to_owned(), "hello".to_owned())),
            "{found:?}"
        );
        let none = bench.engine.read_tar(&id, "/inputs/nothing").await;
        assert!(matches!(none.err(), Some(EngineError::NotFound { .. })));
        bench.engine.remove(&id).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn v11_an_anonymous_volume_is_ours_by_label_and_goes_with_its_container() {
    bench(async |bench| {
        let mut spec = bench.python("");
        spec.volumes = vec![volume("/inputs")];
        let id = bench.create(&spec).await;
        let labels = [bench.label.clone()];
        assert_eq!(bench.engine.volumes(&labels).await.unwrap().len(), 1);
        bench.engine.remove(&id).await.unwrap();
        assert_eq!(bench.engine.volumes(&labels).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn v11_files_never_reach_a_tmpfs() {
    bench(async |bench| {
        let mut spec = bench.python("print('ready', flush=True); import time; time.sleep(600)");
        spec.tmpfs = vec![Tmpfs {
            path: "/scratch".to_owned(),
            size: 1 << 20,
            mode: 0o1777,
            uid: 0,
            gid: 0,
            exec: false,
        }];
        let id = bench.create(&spec).await;
        let before = bench
            .engine
            .write_tar(&id, "/scratch", tar_of("x", b"y"))
            .await;
        assert!(
            matches!(before, Err(EngineError::NotFound { .. })),
            "{before:?}"
        );
        let mut output = bench.engine.attach(&id).await.unwrap().output;
        bench.engine.start(&id).await.unwrap();
        until(&mut output, "ready").await;
        let during = bench
            .engine
            .write_tar(&id, "/scratch", tar_of("x", b"y"))
            .await;
        assert!(during.is_err());
        let (_, listing) = bench
            .engine
            .exec(&id, &["ls", "/scratch"], "0")
            .await
            .unwrap();
        assert_eq!(listing, b"");
        bench.engine.remove(&id).await.unwrap();
    })
    .await;
}
