//! What belongs to others survives, however much it looks like ours; what is
//! ours and left behind goes.

use crate::home::{Home, home};
use crate::stage::{an_hour_later, container, container_of, images, prune, recorded_name, words};
use runbay::domain::ids::RunId;
use runbay::domain::image::ImageKind;
use runbay::engine::ImageConfig;

#[test]
fn v20_containers_that_only_look_like_ours_survive() {
    home(|home| {
        home.task("one", "print('hello')");
        let (said, run) = home.run(&["one"]);
        said.exits(0);
        let instance = home.store.instance();
        let (full, short) = (instance.to_string(), instance.short().to_owned());
        let image = run.image.clone().unwrap();
        let unique = RunId::new();
        let theirs = [
            // Somebody tries something out in an image of ours.
            container_of(home, &format!("somebody-{unique}"), (&full, run.id), &image),
            // It even has a name such as ours, but not one that was given.
            container(home, &format!("runbay-{short}-{unique}-1"), &full, run.id),
            container(
                home,
                &format!(
                    "{}-3",
                    recorded_name(home, &run).strip_suffix("-1").unwrap()
                ),
                &full,
                run.id,
            ),
            // Another data folder has a run of this id, as after a copy.
            container(
                home,
                &format!("runbay-00000000-{}-1", run.id),
                "00000000",
                run.id,
            ),
            // A newer copy of this database may know this run.
            container(
                home,
                &format!("runbay-{short}-{}-9", RunId::new()),
                &full,
                RunId::new(),
            ),
        ];
        let first = recorded_name(home, &run);
        let ours = container(home, &first, &full, run.id);
        // Its maker was killed before it wrote down that it would begin.
        let next = format!("{}-2", first.strip_suffix("-1").unwrap());
        let unwritten = container(home, &next, &full, run.id);
        an_hour_later(home);
        let args = ["--keep-runs", "0", "--older-than", "0s"];
        let answer = prune(home, &args);
        let gone = words(&answer["plan"]["remove"], "what");
        for (name, id) in [(first, ours), (next, unwritten)] {
            let name = format!("container {name}");
            assert!(gone.contains(&name), "{gone:?}");
            assert_eq!(home.wait(home.engine.inspect(&id)).unwrap(), None);
        }
        for _ in 0..3 {
            prune(home, &args);
        }
        let mut survived = Vec::new();
        for id in &theirs {
            survived.push(home.wait(home.engine.inspect(id)).unwrap().is_some());
            home.wait(home.engine.remove(id)).unwrap();
        }
        assert_eq!(survived, [true; 5]);
    });
}

#[test]
fn a_volume_goes_with_its_run_also_without_a_container() {
    home(|home| {
        home.task("one", "print('hello')");
        let (_, run) = home.run(&["one"]);
        let full = home.store.instance().to_string();
        let label = [("runbay.instance".to_owned(), full.clone())];
        let left = container(home, &recorded_name(home, &run), &full, run.id);
        let volume = home.wait(home.engine.volumes(&label)).unwrap();
        assert_eq!(volume.len(), 1, "{volume:?}");
        // As `docker rm` does, without -v.
        let (status, _) = home.docker("DELETE", &format!("/containers/{left}"));
        assert_eq!(status, 204);
        let answer = prune(home, &[]);
        let gone = words(&answer["plan"]["remove"], "kind");
        assert!(gone.contains(&"volume".to_owned()), "{answer}");
        assert_eq!(home.wait(home.engine.volumes(&label)).unwrap(), []);
    });
}

#[test]
fn images_that_somebody_named_or_built_upon_survive() {
    home(|home| {
        let mut made = Vec::new();
        for name in ["named", "built-upon", "plain"] {
            home.task(name, &format!("print('{name}') # {}", RunId::new()));
            home.runbay(&["build", name]).exits(0);
            made.push(images(home, ImageKind::Task));
        }
        let new = |n: usize| made[n].difference(&made[n - 1]).next().unwrap().clone();
        let ids = [made[0].first().unwrap().clone(), new(1), new(2)];
        let image = |n: usize| runbay::domain::ids::ImageId(ids[n].clone());
        let repo = format!("mine-{}", RunId::new());
        home.wait(home.engine.tag(&image(0), &repo, "1")).unwrap();
        let holder = container_of(home, &repo, ("somebody", RunId::new()), &image(1));
        let config = ImageConfig {
            reference: Some((repo.clone(), "2".to_owned())),
            cmd: vec!["true".to_owned()],
            user: "10001:10001".to_owned(),
            workdir: "/".to_owned(),
            labels: vec![("runbay.instance".to_owned(), "somebody".to_owned())],
            ..ImageConfig::default()
        };
        home.wait(home.engine.commit(&holder, &config)).unwrap();
        home.wait(home.engine.remove(&holder)).unwrap();
        for name in ["named", "built-upon", "plain"] {
            std::fs::remove_dir_all(home.path().join("tasks").join(name)).unwrap();
        }
        an_hour_later(home);
        let answer = prune(home, &["--keep-runs", "0", "--older-than", "0s"]);
        let left = images(home, ImageKind::Task);
        assert_eq!(left, [ids[0].clone(), ids[1].clone()].into(), "{answer}");
        let why = words(&answer["plan"]["keep"], "reason").join("\n");
        for text in [
            format!("named {repo}:1"),
            format!("image {repo}:2 is made from it"),
        ] {
            assert!(why.contains(&text), "{why}");
        }
        assert_eq!(answer["done"]["stayed"], serde_json::json!([]), "{answer}");
        for tag in ["1", "2"] {
            let (status, body) = home.docker("DELETE", &format!("/images/{repo}:{tag}?noprune=1"));
            assert_eq!(status, 200, "{body}");
        }
    });
}

/// What a home has on the engine that a sweep must take, and what it must leave.
fn leftovers(home: &Home) -> (Vec<runbay::domain::ids::ContainerId>, String) {
    home.task("one", &format!("print('hello') # {}", RunId::new()));
    let full = home.store.instance().to_string();
    let left = (0..12).map(|_| {
        let (said, run) = home.run(&["one"]);
        said.exits(0);
        container(home, &recorded_name(home, &run), &full, run.id)
    });
    let left = left.collect();
    let kept = images(home, ImageKind::Task);
    assert_eq!(kept.len(), 1);
    (left, kept.first().unwrap().clone())
}

#[test]
fn two_instances_that_sweep_one_engine_at_once_take_only_what_is_theirs() {
    home(|one| {
        home(|two| {
            let (of_one, of_two) = (leftovers(one), leftovers(two));
            std::thread::scope(|scope| {
                for home in [one, two] {
                    scope.spawn(|| {
                        for _ in 0..3 {
                            let answer = prune(home, &["--keep-runs", "0", "--older-than", "0s"]);
                            let stayed = &answer["done"]["stayed"];
                            assert_eq!(*stayed, serde_json::json!([]), "{answer}");
                        }
                    });
                }
            });
            for (home, (left, kept)) in [(one, of_one), (two, of_two)] {
                for id in left {
                    assert_eq!(home.wait(home.engine.inspect(&id)).unwrap(), None);
                }
                assert!(images(home, ImageKind::Task).contains(&kept));
                home.run(&["one"]).0.exits(0).prints("hello");
            }
        });
    });
}
