//! What a script finds around itself, told by scripts.

use crate::home::home;
use serde_json::Value;

#[test]
fn a_script_has_no_rights_and_a_read_only_root() {
    home(|home| {
        let script = r#"
import json, os
def status(name):
    return next(l.split()[1] for l in open("/proc/self/status") if l.startswith(name + ":"))
def writable(path):
    try:
        open(os.path.join(path, "probe"), "w").close()
        return True
    except OSError:
        return False
facts = {name: status(name) for name in ("CapEff", "CapPrm", "CapBnd", "NoNewPrivs", "Seccomp")}
facts["uid"], facts["gid"], facts["groups"] = os.getuid(), os.getgid(), os.getgroups()
root = next(l.split() for l in open("/proc/mounts") if l.split()[1] == "/")
facts["root"] = root[3].split(",")[0]
places = ["/", "/opt", "/opt/venv", "/usr/bin", "/etc", "/var", "/home", "/run", "/task", "/artifacts", "/tmp"]
facts["writable"] = [p for p in places if writable(p)]
facts["sockets"] = [p for p in ("/var/run/docker.sock", "/run/docker.sock") if os.path.exists(p)]
facts["user"] = __import__("getpass").getuser()
facts["cwd"], facts["home"] = os.getcwd(), os.path.expanduser("~")
facts["interfaces"] = sorted(os.listdir("/sys/class/net"))
facts["processes"] = [p for p in os.listdir("/proc") if p.isdigit()].__len__()
print(json.dumps(facts))
"#;
        home.task("facts", script);
        let (said, _) = home.run(&["facts"]);
        let facts: Value = serde_json::from_str(&said.exits(0).out).unwrap();
        let zero = "0000000000000000";
        for (fact, expected) in [
            ("uid", Value::from(10001)),
            ("gid", Value::from(10001)),
            ("CapEff", zero.into()),
            ("CapPrm", zero.into()),
            ("CapBnd", zero.into()),
            ("NoNewPrivs", "1".into()),
            ("Seccomp", "2".into()),
            ("root", "ro".into()),
            (
                "writable",
                serde_json::json!(["/task", "/artifacts", "/tmp"]),
            ),
            ("sockets", serde_json::json!([])),
            ("user", "runbay".into()),
            ("cwd", "/task".into()),
            ("home", "/task".into()),
            ("interfaces", serde_json::json!(["lo"])),
        ] {
            assert_eq!(facts[fact], expected, "{fact}: {facts}");
        }
        assert!(facts["processes"].as_u64().unwrap() <= 2, "{facts}");
    });
}

#[test]
fn each_run_begins_with_the_code_as_it_is_and_sees_nothing_of_others() {
    home(|home| {
        let script = "
import os
print(sorted(os.listdir('.')), os.listdir('/artifacts'), os.listdir('/tmp'))
open('data.txt', 'a').write('more')
print(open('data.txt').read())
os.remove('main.py')
open('/tmp/left', 'w').close()
";
        home.task("messy", script);
        home.task_file("messy", "data.txt", "given ");
        let first = home.runbay(&["run", "-q", "messy"]);
        let second = home.runbay(&["run", "-q", "messy"]);
        assert_eq!(
            first.exits(0).out,
            "['data.txt', 'main.py'] [] []\ngiven more\n"
        );
        assert_eq!(second.exits(0).out, first.out);
        let there = home.path().join("tasks/messy");
        assert_eq!(
            std::fs::read_to_string(there.join("data.txt")).unwrap(),
            "given "
        );
    });
}

#[test]
fn the_gate_leaves_no_trace() {
    home(|home| {
        let script = r#"
import sys
before = set(sys.modules)
import atexit, json, os, threading
facts = {
    "gate": os.environ.get("RUNBAY_GATE"),
    "stdin": os.readlink("/proc/self/fd/0"),
    "read": sys.stdin.read(),
    "fds": sorted(int(f) for f in os.listdir("/proc/self/fd"))[:3],
    "more_fds": len(os.listdir("/proc/self/fd")) - 4,
    "name": __name__, "file": __file__, "argv": sys.argv, "path0": sys.path[0],
    "module": "runbay_gate" in before,
    "path": [p for p in sys.path if "runbay" in p],
    "threads": threading.active_count(),
    "flags": [sys.flags.interactive, sys.flags.isolated],
    "executable": sys.executable, "prefix": sys.prefix,
    "main": sys.modules["__main__"].__dict__.get("__spec__") is None,
}
atexit.register(lambda: print("atexit"))
print(json.dumps(facts))
"#;
        home.task("traces", script);
        let said = home.runbay(&["run", "-q", "traces", "--", "a", "--b=c d", ""]);
        let (first, last) = said.exits(0).out.split_once('\n').unwrap();
        let facts: Value = serde_json::from_str(first).unwrap();
        let expected = serde_json::json!({
            "gate": null, "stdin": "/dev/null", "read": "", "fds": [0, 1, 2], "more_fds": 0,
            "name": "__main__", "file": "/task/main.py",
            "argv": ["/task/main.py", "a", "--b=c d", ""],
            "path0": "/task", "module": false, "path": [], "threads": 1, "flags": [0, 0],
            "executable": "/opt/venv/bin/python", "prefix": "/opt/venv", "main": true,
        });
        assert_eq!(facts, expected);
        assert_eq!(last, "atexit\n");
    });
}

#[test]
fn processes_of_a_script_are_not_stopped_at_the_gate() {
    home(|home| {
        let script = r#"
import multiprocessing, subprocess, sys
def square(n):
    return n * n
if __name__ == "__main__":
    for method in ("spawn", "fork", "forkserver"):
        with multiprocessing.get_context(method).Pool(2) as pool:
            print(method, pool.map(square, range(4)))
    print(subprocess.check_output([sys.executable, "-c", "print(6 * 7)"], text=True).strip())
"#;
        home.task("pool", script);
        let said = home.runbay(&["run", "-q", "pool"]);
        let expected = "spawn [0, 1, 4, 9]\nfork [0, 1, 4, 9]\nforkserver [0, 1, 4, 9]\n42\n";
        assert_eq!(said.exits(0).out, expected);
    });
}

#[test]
fn a_package_and_a_single_file_are_tasks_too() {
    home(|home| {
        home.write(
            "tasks/pack/__main__.py",
            "from helper import WORD\nprint(WORD, __name__)",
        );
        home.write("tasks/pack/helper.py", "WORD = 'helped'");
        home.write("tasks/lone.py", "print(__file__)");
        home.runbay(&["run", "-q", "pack"])
            .exits(0)
            .prints("helped __main__");
        home.runbay(&["run", "-q", "lone"])
            .exits(0)
            .prints("/task/lone.py");
        home.fixture("twenty-files");
        let said = home.runbay(&["run", "-q", "twenty-files"]);
        said.exits(0).prints("18 modules, sum 171");
    });
}

#[test]
fn a_command_is_run_with_arguments_and_environment() {
    home(|home| {
        home.write(
            "tasks/shell/run.sh",
            "echo \"$0 $1 $2 $GREETING $PARAM_N $RUNBAY_TASK\"; cat; exit 4",
        );
        let manifest = "
command = [\"sh\", \"run.sh\"]
args = [\"one\"]
env = { GREETING = \"hi\" }
[params.n]
type = \"int\"
default = 5
";
        home.task_file("shell", "task.toml", manifest);
        let said = home.runbay(&["run", "-q", "shell", "--", "two"]);
        assert_eq!(said.exits(4).out, "run.sh one two hi 5 shell\n");
    });
}

#[test]
fn a_command_that_is_missing_is_told_with_127() {
    home(|home| {
        home.task_file(
            "missing",
            "task.toml",
            "command = [\"no-such-program\", \"x\"]",
        );
        let (said, run) = home.run(&["missing"]);
        said.exits(127)
            .tells("the command no-such-program is not in the image");
        assert_eq!(run.exit_code, Some(127));
        home.task_file("cannot", "task.toml", "command = [\"/etc/passwd\"]");
        home.run(&["cannot"])
            .0
            .exits(126)
            .tells("cannot be run: Permission denied");
    });
}

#[test]
fn a_task_without_network_reaches_nothing_and_one_with_it_sees_no_other_run() {
    home(|home| {
        home.settings("");
        let listener = "
import socket, time
server = socket.create_server(('0.0.0.0', 8099))
print(socket.gethostbyname(socket.gethostname()), flush=True)
time.sleep(60)
";
        home.task("listens", listener);
        let child = home.spawn(&["run", "listens"]);
        let run = home.until("listens", |run| {
            !home.log(run).is_empty()
                && home.log(run).iter().any(|l| {
                    l.text.contains("172.") || l.text.contains("192.") || l.text.contains("10.")
                })
        });
        let address = home.log(&run).last().unwrap().text.clone();
        let script = format!(
            "
import socket
try:
    socket.create_connection(('{address}', 8099), 2)
    print('reached')
except OSError as error:
    print('not reached')
"
        );
        home.task("egress", &script);
        home.task("alone", &script);
        home.task_file("alone", "task.toml", "network = \"none\"");
        home.runbay(&["run", "-q", "egress"])
            .exits(0)
            .prints("not reached");
        home.runbay(&["run", "-q", "alone"])
            .exits(0)
            .prints("not reached");
        home.runbay(&["cancel", "listens"]).exits(0);
        child.end().exits(130);
    });
}
