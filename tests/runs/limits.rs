//! Limits of a run, seen from inside, and the machine outside.

use crate::home::home;
use runbay::domain::run::Outcome;

#[test]
fn a_fork_bomb_meets_the_limit_of_processes() {
    home(|home| {
        home.fixture("fork-bomb");
        let (said, run) = home.run(&["fork-bomb"]);
        assert_eq!(said.exits(0).out.lines().count(), 1, "{said}");
        let words: Vec<_> = said.out.split_whitespace().collect();
        assert_eq!(words[..2], ["refused", "after"], "{said}");
        let children: u32 = words[2].parse().unwrap();
        assert!((55..64).contains(&children), "{said}");
        assert_eq!(run.outcome, Some(Outcome::Succeeded));
        assert_eq!(run.limits.pids, 64);
    });
}

#[test]
fn limits_of_the_settings_hold_unless_the_task_says_otherwise() {
    home(|home| {
        home.settings(
            "[limits]\nnetwork = \"none\"\nmemory = \"96M\"\npids = 100\ntimeout = \"2m\"\n",
        );
        home.task("plain", "");
        home.task("own", "");
        home.task_file("own", "task.toml", "memory = \"80M\"\n");
        let (_, plain) = home.run(&["plain"]);
        let (_, own) = home.run(&["own"]);
        assert_eq!(plain.limits.memory.0, 96 << 20);
        assert_eq!((own.limits.memory.0, own.limits.pids), (80 << 20, 100));
        assert_eq!(own.limits.timeout.0.as_secs(), 120);
    });
}

#[test]
fn files_in_tmp_count_as_memory_and_shm_is_there() {
    home(|home| {
        let script = "
import errno, multiprocessing.shared_memory as shm
memory = shm.SharedMemory(create=True, size=4 << 20)
memory.buf[0] = 1
memory.close(); memory.unlink()
try:
    with open('/tmp/big', 'wb') as file:
        for _ in range(1000):
            file.write(bytes(1 << 20))
except OSError as error:
    print('tmp:', errno.errorcode[error.errno])
";
        home.task("tmp", script);
        let (said, _) = home.run(&["tmp"]);
        said.exits(0).prints("tmp: ENOSPC");
    });
}

#[test]
fn cpus_are_limited_and_libraries_are_told() {
    home(|home| {
        let script = "
import os
print('threads', os.environ['OMP_NUM_THREADS'], os.environ['PYTHON_CPU_COUNT'])
for path in ('/sys/fs/cgroup/cpu.max', '/sys/fs/cgroup/cpu/cpu.cfs_quota_us'):
    if os.path.exists(path):
        print('quota', open(path).read().split()[0])
        break
";
        home.task("cpus", script);
        home.task_file("cpus", "task.toml", "cpus = 0.5");
        let (said, _) = home.run(&["cpus"]);
        said.exits(0).prints("threads 1 1").prints("quota 50000");
    });
}
