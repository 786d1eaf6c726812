//! Images: looking, committing, naming, removing.

use crate::support::{bench, image_name};
use runbay::domain::ids::ImageId;
use runbay::engine::{EngineError, ImageConfig, RemoveImage, Role};

fn config(label: &(String, String), cmd: &[&str]) -> ImageConfig {
    ImageConfig {
        env: vec!["MINE=1".to_owned()],
        cmd: cmd.iter().map(|word| (*word).to_owned()).collect(),
        user: "10001:10001".to_owned(),
        workdir: "/tmp".to_owned(),
        labels: vec![label.clone()],
        ..ImageConfig::default()
    }
}

#[tokio::test]
async fn an_image_is_found_by_name_and_by_id() {
    bench(async |bench| {
        let by_name = bench.engine.image(&image_name()).await.unwrap().unwrap();
        let by_id = bench.engine.image(&by_name.id.0).await.unwrap().unwrap();
        assert_eq!(by_name, by_id);
        assert!(by_name.bytes > 1 << 20 && !by_name.layers.is_empty());
        assert!(by_name.created_at.is_some() && !by_name.architecture.is_empty());
        assert_eq!(bench.engine.image("runbay/nothing:0").await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn v17_a_commit_keeps_files_and_resets_the_rest() {
    bench(async |bench| {
        let mut spec = bench.spec(Role::Build, &["sh", "-c", "echo kept > /tmp/kept"]);
        spec.env = vec![("TOKEN".to_owned(), "of-the-build".to_owned())];
        spec.labels.push(("runbay.run".to_owned(), "7".to_owned()));
        spec.workdir = "/etc".to_owned();
        let (id, code, _) = bench.run(&spec).await;
        assert_eq!(code, 0);
        let probe = [
            "sh",
            "-c",
            "cat kept; pwd; id -u; echo $MINE-$TOKEN; test -n \"$PATH\" && echo path",
        ];
        let made = bench
            .engine
            .commit(&id, &config(&bench.label, &probe))
            .await
            .unwrap();
        bench.engine.remove(&id).await.unwrap();

        let image = bench.engine.image(&made.0).await.unwrap().unwrap();
        assert_eq!(image.labels["runbay.run"], "");
        assert_eq!(image.labels[&bench.label.0], bench.label.1);
        assert!(!image.env.iter().any(|entry| entry.contains("of-the-build")));
        let below = bench.engine.image(&bench.image.0).await.unwrap().unwrap();
        assert!(image.layers.starts_with(&below.layers));
        assert_eq!(image.layers.len(), below.layers.len() + 1);

        let raw = crate::support::raw_get(&bench.engine, &format!("/images/{made}/json")).await;
        let raw: serde_json::Value = serde_json::from_str(&raw).unwrap();
        assert_eq!(raw["Config"]["Cmd"], serde_json::json!(probe));
        assert!(
            raw["Config"]["Entrypoint"]
                .as_array()
                .is_none_or(Vec::is_empty)
        );
        let mut spec = bench.spec(Role::Run, &probe);
        spec.image = made.clone();
        spec.workdir = "/tmp".to_owned();
        let (id, _, output) = bench.run(&spec).await;
        assert_eq!(output, "kept\n/tmp\n10001\n1-\npath\n");

        let refused = bench.engine.remove_image(&made).await.unwrap();
        assert!(matches!(refused, RemoveImage::InUse(_)), "{refused:?}");
        bench.engine.remove(&id).await.unwrap();
        assert_eq!(
            bench.engine.remove_image(&made).await.unwrap(),
            RemoveImage::Removed
        );
        assert_eq!(
            bench.engine.remove_image(&made).await.unwrap(),
            RemoveImage::Gone
        );
    })
    .await;
}

#[tokio::test]
async fn an_incomplete_commit_is_refused_before_the_engine_fills_it() {
    bench(async |bench| {
        let id = bench.create(&bench.python("")).await;
        let error = bench.engine.commit(&id, &config(&bench.label, &[])).await;
        assert!(matches!(error, Err(EngineError::BadSpec(_))));
        bench.engine.remove(&id).await.unwrap();
    })
    .await;
}

/// An image of its own, with one layer more than the image of the tests.
async fn make(bench: &crate::support::Bench, from: &ImageId) -> ImageId {
    let mut spec = bench.spec(Role::Build, &["true"]);
    spec.image = from.clone();
    let (id, _, _) = bench.run(&spec).await;
    let made = bench
        .engine
        .commit(&id, &config(&bench.label, &["true"]))
        .await
        .unwrap();
    bench.engine.remove(&id).await.unwrap();
    made
}

/// In between its layers are gone already, and an engine calls that an error of
/// its own; but to whoever looks or makes a container, the image is gone.
#[tokio::test]
async fn an_image_that_is_being_removed_is_gone() {
    bench(async |bench| {
        let engine = &bench.engine;
        let mut spec = bench.spec(Role::Run, &["true"]);
        let write = bench.spec(Role::Build, &["sh", "-c", "echo kept > /tmp/kept"]);
        let (parent, _, _) = bench.run(&write).await;
        let config = config(&bench.label, &["true"]);
        for round in 0..150 {
            spec.image = engine.commit(&parent, &config).await.unwrap();
            let id = &spec.image;
            let look = async || while engine.image(&id.0).await.unwrap().is_some() {};
            let create = async || {
                let name = bench.name(&format!("late-{round}"));
                match engine.create(&name, &spec).await {
                    Ok(made) => engine.remove(&made).await.unwrap(),
                    Err(error) => {
                        assert!(matches!(error, EngineError::ImageGone { .. }), "{error}");
                    }
                }
            };
            let remove = async || {
                while let RemoveImage::InUse(_) = engine.remove_image(id).await.unwrap() {}
            };
            tokio::join!(look(), look(), remove(), look(), create());
        }
        engine.remove(&parent).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn v10_an_image_below_another_stays_also_without_a_name() {
    bench(async |bench| {
        let lower = make(&bench, &bench.image).await;
        let upper = make(&bench, &lower).await;
        let labels = [bench.label.clone()];
        assert_eq!(bench.engine.images(&labels).await.unwrap().len(), 2);
        let refused = bench.engine.remove_image(&lower).await.unwrap();
        assert!(matches!(refused, RemoveImage::InUse(_)), "{refused:?}");
        assert_eq!(
            bench.engine.remove_image(&upper).await.unwrap(),
            RemoveImage::Removed
        );
        assert!(bench.engine.image(&lower.0).await.unwrap().is_some());
        assert_eq!(
            bench.engine.remove_image(&lower).await.unwrap(),
            RemoveImage::Removed
        );
    })
    .await;
}

#[tokio::test]
async fn names_of_ours_go_and_a_name_of_others_keeps_the_image() {
    bench(async |bench| {
        let made = make(&bench, &bench.image).await;
        let (tag, other) = (bench.name("tag"), bench.name("others"));
        bench.engine.tag(&made, "runbay/test", &tag).await.unwrap();
        bench
            .engine
            .tag(&made, "runbay/test", &format!("{tag}-2"))
            .await
            .unwrap();
        bench.engine.tag(&made, &other, "1").await.unwrap();
        let kept = bench.engine.remove_image(&made).await.unwrap();
        assert!(
            matches!(&kept, RemoveImage::InUse(why) if why.contains(&other)),
            "{kept:?}"
        );
        let listed = bench
            .engine
            .images(std::slice::from_ref(&bench.label))
            .await
            .unwrap();
        assert_eq!(listed.len(), 1);
        assert_eq!(listed[0].tags.len(), 3);
        // The others' name moves to an image that is kept anyway.
        bench.engine.tag(&bench.image, &other, "1").await.unwrap();
        assert_eq!(
            bench.engine.remove_image(&made).await.unwrap(),
            RemoveImage::Removed
        );
        crate::support::untag(&bench.engine, &format!("{other}:1")).await;
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_pulled_is_no_image_and_no_dead_engine() {
    bench(async |bench| {
        // Port 1 of the engine's own machine: nobody is a registry there.
        let mut steps = Vec::new();
        let error = bench
            .engine
            .pull("127.0.0.1:1/runbay/nothing:0", &mut |step| steps.push(step))
            .await
            .unwrap_err();
        assert!(
            matches!(error, EngineError::RegistryUnreachable { .. }),
            "{error:?}"
        );
        assert!(error.is_transient());
        let bad = bench.engine.pull("no spaces", &mut |_| {}).await;
        assert!(matches!(bad, Err(EngineError::BadSpec(_))));
    })
    .await;
}
