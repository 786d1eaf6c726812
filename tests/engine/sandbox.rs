//! What a container of ours may do, seen from inside.

use crate::support::bench;
use runbay::engine::{EndedBy, EngineError, Role, Tmpfs, Volume};

/// What a process may do, and where it may write.
const PROBE: &str = r#"
import os
status = dict(l.split(":\t", 1) for l in open("/proc/self/status") if ":\t" in l)
print(os.getuid(), status["CapEff"].strip(), status["NoNewPrivs"].strip(), status["Seccomp"].strip())
try: open("/probe", "w"); print("root can be written")
except OSError as error: print(error.strerror)
print([l for l in open("/proc/self/mountinfo") if "docker.sock" in l])
"#;

#[tokio::test]
async fn a_run_has_no_power_at_all() {
    bench(async |bench| {
        let (id, code, output) = bench.run(&bench.python(PROBE)).await;
        assert_eq!(code, 0, "{output}");
        let lines: Vec<_> = output.lines().collect();
        assert_eq!(
            lines,
            ["10001 0000000000000000 1 2", "Read-only file system", "[]"]
        );
        bench.engine.remove(&id).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_build_has_no_power_but_may_write_what_is_its_own() {
    bench(async |bench| {
        let spec = bench.spec(Role::Build, &["python3", "-c", PROBE]);
        let (id, _, output) = bench.run(&spec).await;
        assert!(output.starts_with("10001 0000000000000000 1 2\nPermission denied"));
        bench.engine.remove(&id).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn system_work_is_root_with_six_capabilities() {
    bench(async |bench| {
        let spec = bench.spec(Role::System, &["python3", "-c", PROBE]);
        let (id, _, output) = bench.run(&spec).await;
        // CHOWN, DAC_OVERRIDE, FOWNER, FSETID, SETGID, SETUID: bits 0 1 3 4 6 7.
        assert!(output.starts_with("0 00000000000000db 1 2\nroot can be written"));
        bench.engine.remove(&id).await.unwrap();
    })
    .await;
}

/// Asks the kernel for things that no script needs, then uses those all need.
const CALLS: &str = r#"
import asyncio, ctypes, errno, hashlib, multiprocessing, os, platform, socket, sqlite3, ssl, subprocess, threading
libc = ctypes.CDLL(None, use_errno=True)
arm = platform.machine() == "aarch64"
def call(number, *args):
    libc.syscall(number, *args)
    return errno.errorcode[ctypes.get_errno()]
print("io_uring_setup", call(425, 8, 0), "clone3", call(435, 0, 0))
print("bpf", call(280 if arm else 321, 0, 0, 0), "keyctl", call(219 if arm else 250, 0, 0))
print("unshare", call(97 if arm else 272, 0x10000000))
for family in (38, 40, 17):
    try: socket.socket(family, socket.SOCK_RAW); print(family, "is open")
    except OSError as error: print(family, errno.errorcode[error.errno])
thread = threading.Thread(target=print, args=("a thread",)); thread.start(); thread.join()
print(subprocess.run(["echo", "a process"], capture_output=True, text=True).stdout.strip())
async def nap(): await asyncio.sleep(0); return "a loop"
print(asyncio.run(nap()))
lock = multiprocessing.Lock()
with lock: print("a lock")
left, right = socket.socketpair(); left.send(b"a pair"); print(right.recv(9).decode())
print(socket.getaddrinfo("127.0.0.1", 80)[0][4])
sqlite3.connect("/tmp/x.db").execute("CREATE TABLE t (x)"); ssl.create_default_context()
os.memfd_create("m"); os.sched_getaffinity(0); os.pidfd_open(os.getpid()); hashlib.scrypt(b"x", salt=b"y", n=2, r=1, p=1)
"#;

#[tokio::test]
async fn calls_that_have_been_ways_into_the_kernel_are_refused() {
    bench(async |bench| {
        let mut spec = bench.python(CALLS);
        spec.tmpfs = vec![Tmpfs {
            path: "/tmp".to_owned(),
            size: 1 << 20,
            mode: 0o1777,
            uid: 0,
            gid: 0,
            exec: false,
        }];
        let (id, code, output) = bench.run(&spec).await;
        assert_eq!(
            output.lines().collect::<Vec<_>>(),
            [
                "io_uring_setup EPERM clone3 ENOSYS",
                "bpf EPERM keyctl EPERM",
                "unshare EPERM",
                "38 EPERM",
                "40 EPERM",
                "17 EPERM",
                "a thread",
                "a process",
                "a loop",
                "a lock",
                "a pair",
                "('127.0.0.1', 80)",
            ]
        );
        assert_eq!(code, 0);
        bench.engine.remove(&id).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn more_processes_than_allowed_are_refused() {
    bench(async |bench| {
        let mut spec = bench.python(
            "import os, time\nfor n in range(99):\n  try:\n    if not os.fork(): time.sleep(60)\n  except OSError as e: print(n, e.strerror); break",
        );
        spec.pids = 20;
        let (id, _, output) = bench.run(&spec).await;
        assert!(output.contains("Resource temporarily unavailable"), "{output}");
        bench.engine.remove(&id).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn too_much_memory_ends_with_137_and_is_told() {
    bench(async |bench| {
        let (id, code, _) = bench.run(&bench.python("x = bytearray(1 << 30)")).await;
        let container = bench.engine.inspect(&id).await.unwrap().unwrap();
        // Its state knows as well, unless the engine heard of the end first.
        let by = bench.engine.ended_by(&container).await.unwrap();
        assert_eq!((code, by), (137, EndedBy::Memory));
        bench.engine.remove(&id).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_tmpfs_is_as_large_as_it_says_and_not_executable() {
    bench(async |bench| {
        let mut spec = bench.python(
            "import os\nopen('/tmp/x', 'w').write('#!/bin/sh\\necho ran')\nos.chmod('/tmp/x', 0o755)\ntry: os.execv('/tmp/x', ['x'])\nexcept OSError as e: print(e.strerror)\ntry: open('/tmp/y', 'wb').write(bytes(2 << 20))\nexcept OSError as e: print(e.strerror)",
        );
        spec.tmpfs = vec![Tmpfs {
            path: "/tmp".to_owned(),
            size: 1 << 20,
            mode: 0o700,
            uid: 10001,
            gid: 10001,
            exec: false,
        }];
        let (id, _, output) = bench.run(&spec).await;
        assert_eq!(output, "Permission denied\nNo space left on device\n");
        bench.engine.remove(&id).await.unwrap();
    })
    .await;
}

/// Secrets go over stdin, and then nobody who may look at containers sees them.
#[tokio::test]
async fn v12_what_is_said_on_stdin_is_not_in_inspect() {
    use tokio::io::AsyncWriteExt;
    bench(async |bench| {
        let mut spec = bench.python("import sys; print(len(sys.stdin.read()))");
        spec.stdin = true;
        spec.env = vec![("VISIBLE".to_owned(), "word-in-env".to_owned())];
        let id = bench.create(&spec).await;
        let mut attached = bench.engine.attach(&id).await.unwrap();
        bench.engine.start(&id).await.unwrap();
        attached
            .stdin
            .write_all(b"{\"secret\":\"word-on-stdin\"}")
            .await
            .unwrap();
        // Closing our end is the end of the script's input, not of its output.
        attached.stdin.shutdown().await.unwrap();
        let output = crate::support::text(&mut attached.output).await.unwrap();
        assert_eq!(output, "26\n");
        let seen = crate::support::raw_get(&bench.engine, &format!("/containers/{id}/json")).await;
        assert!(seen.contains("word-in-env") && !seen.contains("word-on-stdin"));
        bench.engine.remove(&id).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_folder_of_the_host_cannot_be_had_as_a_volume() {
    bench(async |bench| {
        let mut spec = bench.python("");
        spec.volumes = vec![Volume::Named {
            name: "/etc".to_owned(),
            path: "/host".to_owned(),
        }];
        let error = bench.engine.create("never", &spec).await.unwrap_err();
        assert!(matches!(error, EngineError::BadSpec(_)), "{error}");
    })
    .await;
}
