//! The system calls that containers may make.
//!
//! A list of what is allowed, like the engines' own, of which it differs in
//! three ways: it is the same on every engine, whatever its age (io_uring, the
//! kernel's crypto sockets and virtual-machine sockets have been ways into the
//! kernel, and engines before 25 or 29 let them through); it knows no
//! capability that would open more; and it names one architecture, not its
//! 32-bit ancestors too, which the engine would have to compile at each start.
//! A call that is not listed fails with `EPERM`, one that is newer than the list
//! with `ENOSYS`, as if the kernel were older.

use serde_json::{Value, json};
use std::sync::LazyLock;

/// Files, their names, owners and contents.
const FILES: &str = "access chdir chmod chown close close_range copy_file_range creat dup dup2 \
    dup3 faccessat faccessat2 fadvise64 fallocate fchdir fchmod fchmodat fchmodat2 fchown \
    fchownat fcntl fdatasync fgetxattr flistxattr flock fremovexattr fsetxattr fstat fstatfs \
    fsync ftruncate futimesat getcwd getdents getdents64 getxattr getxattrat ioctl lchown \
    lgetxattr link linkat listxattr listxattrat llistxattr lremovexattr lseek lsetxattr lstat \
    mkdir mkdirat mknod mknodat name_to_handle_at newfstatat open openat openat2 pipe pipe2 \
    pread64 preadv preadv2 pwrite64 pwritev pwritev2 read readahead readlink readlinkat readv \
    removexattr removexattrat rename renameat renameat2 rmdir sendfile setxattr setxattrat \
    splice stat statfs statx symlink symlinkat sync sync_file_range syncfs tee truncate umask \
    unlink unlinkat utime utimensat utimes vmsplice write writev";

/// Waiting for files, and the old asynchronous input and output.
const WAITING: &str = "epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 epoll_wait \
    eventfd eventfd2 inotify_add_watch inotify_init inotify_init1 inotify_rm_watch io_cancel \
    io_destroy io_getevents io_pgetevents io_setup io_submit pause poll ppoll pselect6 select \
    signalfd signalfd4";

const MEMORY: &str = "brk cachestat madvise map_shadow_stack membarrier memfd_create \
    memfd_secret mincore mlock mlock2 mlockall mmap mprotect mremap mseal msync munlock \
    munlockall munmap pkey_alloc pkey_free pkey_mprotect remap_file_pages";

/// Programs, threads, signals, identities (which no privilege can change) and
/// limits. A process may trace its own kind: debuggers and profilers do.
const PROCESSES: &str = "arch_prctl capget capset execve execveat exit exit_group fork futex \
    futex_requeue futex_wait futex_waitv futex_wake get_robust_list getcpu getegid geteuid \
    getgid getgroups getpgid getpgrp getpid getppid getpriority getrandom getresgid getresuid \
    getrlimit getrusage getsid gettid getuid ioprio_get ioprio_set kill landlock_add_rule \
    landlock_create_ruleset landlock_restrict_self pidfd_open pidfd_send_signal prctl prlimit64 \
    process_mrelease process_vm_readv process_vm_writev ptrace restart_syscall \
    riscv_flush_icache riscv_hwprobe rseq rt_sigaction rt_sigpending rt_sigprocmask \
    rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_tgsigqueueinfo \
    sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr \
    sched_getparam sched_getscheduler sched_rr_get_interval sched_setaffinity sched_setattr \
    sched_setparam sched_setscheduler sched_yield seccomp set_robust_list set_tid_address \
    setfsgid setfsuid setgid setgroups setpgid setpriority setregid setresgid setresuid \
    setreuid setrlimit setsid setuid sigaltstack sysinfo tgkill tkill uname vfork wait4 waitid";

/// Clocks, which can be read but not set, and timers.
const TIME: &str = "adjtimex alarm clock_adjtime clock_getres clock_gettime clock_nanosleep \
    getitimer gettimeofday nanosleep setitimer time timer_create timer_delete timer_getoverrun \
    timer_gettime timer_settime timerfd_create timerfd_gettime timerfd_settime times";

/// Queues, semaphores and memory between processes: those of the container.
const BETWEEN: &str = "mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedsend mq_unlink \
    msgctl msgget msgrcv msgsnd semctl semget semop semtimedop shmat shmctl shmdt shmget";

/// What is done with a socket; which kinds there may be, [`FAMILIES`] says.
const SOCKETS: &str = "accept accept4 bind connect getpeername getsockname getsockopt listen \
    recvfrom recvmmsg recvmsg sendmmsg sendmsg sendto setsockopt shutdown socketpair";

/// `AF_UNIX`, `AF_INET`, `AF_INET6`, and `AF_NETLINK`, by which the C library
/// asks for its own addresses.
const FAMILIES: [u64; 4] = [1, 2, 10, 16];

/// Plain Linux, 32-bit addresses for either, without randomized addresses for
/// either, and the question which it is (`personality(2)`).
const PERSONALITIES: [u64; 5] = [0, 8, 0x2_0000, 0x2_0008, 0xFFFF_FFFF];

/// All flags by which `clone(2)` makes namespaces.
const NAMESPACES: u64 = 0x7E02_0000;

const ENOSYS: u32 = 38;

static PROFILE: LazyLock<String> = LazyLock::new(|| profile().to_string());

/// The option by which the engine is told.
pub(super) fn option() -> String {
    format!("seccomp={}", *PROFILE)
}

fn profile() -> Value {
    let plain = [FILES, WAITING, MEMORY, PROCESSES, TIME, BETWEEN, SOCKETS];
    let names: Vec<&str> = plain.iter().flat_map(|group| group.split(' ')).collect();
    let mut rules = vec![json!({ "names": names, "action": "SCMP_ACT_ALLOW" })];
    let mut only = |name: &str, compare: &str, value: u64, wanted: u64| {
        rules.push(json!({
            "names": [name],
            "action": "SCMP_ACT_ALLOW",
            "args": [{ "index": 0, "op": compare, "value": value, "valueTwo": wanted }],
        }));
    };
    for family in FAMILIES {
        only("socket", "SCMP_CMP_EQ", family, 0);
    }
    for personality in PERSONALITIES {
        only("personality", "SCMP_CMP_EQ", personality, 0);
    }
    only("clone", "SCMP_CMP_MASKED_EQ", NAMESPACES, 0);
    // Its flags are in memory, where no filter can look; without it, the C
    // library uses `clone`.
    rules.push(json!({
        "names": ["clone3"],
        "action": "SCMP_ACT_ERRNO",
        "errnoRet": ENOSYS,
    }));
    json!({
        "defaultAction": "SCMP_ACT_ERRNO",
        "defaultErrnoRet": 1,
        "archMap": [
            { "architecture": "SCMP_ARCH_X86_64", "subArchitectures": [] },
            { "architecture": "SCMP_ARCH_AARCH64", "subArchitectures": [] },
        ],
        "syscalls": rules,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_call_is_named_once_and_none_that_opens_the_kernel() {
        let profile = profile();
        let rules = profile["syscalls"].as_array().unwrap();
        let plain: Vec<&str> = rules[0]["names"]
            .as_array()
            .unwrap()
            .iter()
            .map(|name| name.as_str().unwrap())
            .collect();
        let once: BTreeSet<&str> = plain.iter().copied().collect();
        assert_eq!(once.len(), plain.len());
        assert!(once.iter().all(|name| !name.is_empty()));
        for closed in "io_uring_setup bpf mount umount2 unshare setns keyctl add_key \
            userfaultfd perf_event_open init_module kexec_load open_by_handle_at chroot \
            pivot_root reboot socket clone clone3 personality quotactl swapon"
            .split_whitespace()
        {
            assert!(!once.contains(closed), "{closed}");
        }
    }
}
