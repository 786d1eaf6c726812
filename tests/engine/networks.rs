//! Networks and named volumes.

use crate::support::bench;
use runbay::engine::{EngineError, Isolation, NetworkMode, Volume};

#[tokio::test]
async fn two_creators_of_a_network_end_with_one() {
    bench(async |bench| {
        let name = bench.name("net");
        let labels = [bench.label.clone()];
        let make = || {
            bench
                .engine
                .ensure_network(&name, &labels, Isolation::Egress)
        };
        let (a, b, c, d) = tokio::join!(make(), make(), make(), make());
        for one in [a, b, c, d] {
            one.unwrap();
        }
        // Some of them may not have seen each other.
        let made = make().await.unwrap();
        let networks = bench.engine.networks(&labels).await.unwrap();
        assert_eq!(networks.len(), 1, "{networks:?}");
        let mut spec = bench.python("import socket; print(len(socket.if_nameindex()))");
        spec.network = made;
        let (id, _, output) = bench.run(&spec).await;
        assert_eq!(output, "2\n");
        let other = bench
            .engine
            .ensure_network(&name, &labels, Isolation::Internal)
            .await;
        assert!(matches!(other, Err(EngineError::Conflict { .. })));
        bench.engine.remove(&id).await.unwrap();
        bench.engine.remove_network(&name).await.unwrap();
        bench.engine.remove_network(&name).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn without_a_network_there_is_only_loopback() {
    bench(async |bench| {
        let spec = bench.python("import socket; print([n for _, n in socket.if_nameindex()])");
        let (id, _, output) = bench.run(&spec).await;
        assert_eq!(output, "['lo']\n");
        bench.engine.remove(&id).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn v13_neighbours_on_a_network_do_not_reach_each_other() {
    bench(async |bench| {
        let name = bench.name("net");
        let labels = [bench.label.clone()];
        bench.engine.ensure_network(&name, &labels, Isolation::Egress).await.unwrap();
        let mut server = bench.python(
            "import socket\ns = socket.create_server(('', 8000))\nprint(socket.gethostbyname(socket.gethostname()), flush=True)\ns.accept()",
        );
        server.network = NetworkMode::Named(name.clone());
        let first = bench.create(&server).await;
        let mut output = bench.engine.attach(&first).await.unwrap().output;
        bench.engine.start(&first).await.unwrap();
        let address = crate::support::next(&mut output).await.unwrap().unwrap();
        let address = String::from_utf8(address.bytes.to_vec()).unwrap();
        let mut client = bench.python(&format!(
            "import socket\ntry: socket.create_connection(('{}', 8000), timeout=2); print('reached')\nexcept OSError: print('no')",
            address.trim()
        ));
        client.network = NetworkMode::Named(name.clone());
        let (second, _, reached) = bench.run(&client).await;
        assert_eq!(reached, "no\n");
        for id in [first, second] {
            bench.engine.remove(&id).await.unwrap();
        }
        bench.engine.remove_network(&name).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_named_volume_outlives_its_container_and_is_not_taken_from_others() {
    bench(async |bench| {
        let name = bench.name("volume");
        let labels = [bench.label.clone()];
        bench.engine.ensure_volume(&name, &labels).await.unwrap();
        bench.engine.ensure_volume(&name, &labels).await.unwrap();
        let mut spec = bench.python("");
        spec.volumes = vec![Volume::Named {
            name: name.clone(),
            path: "/cache".to_owned(),
        }];
        let (id, _, _) = bench.run(&spec).await;
        let busy = bench.engine.remove_volume(&name).await;
        assert!(
            matches!(busy, Err(EngineError::Conflict { .. })),
            "{busy:?}"
        );
        bench.engine.remove(&id).await.unwrap();
        assert_eq!(bench.engine.volumes(&labels).await.unwrap()[0].name, name);
        let theirs = [("runbay.test".to_owned(), "somebody-else".to_owned())];
        let taken = bench.engine.ensure_volume(&name, &theirs).await;
        assert!(matches!(taken, Err(EngineError::Conflict { .. })));
        bench.engine.remove_volume(&name).await.unwrap();
        bench.engine.remove_volume(&name).await.unwrap();
    })
    .await;
}
