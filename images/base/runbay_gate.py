"""The gate: what a container waits at until it is told what to run.

A `.pth` line of the environment imports this module when the interpreter starts
with RUNBAY_GATE set. It reads one frame from stdin, arranges the process as the
frame says, reports that it is ready, removes its own traces and returns: Python
goes on into the user's `__main__` as if nothing had happened, in the same
interpreter. Parameters and secrets thus never appear in the configuration of a
container, and one that nobody speaks to ends without having run anything.

The frame is a decimal length, a newline, and that many bytes: fields separated by
NUL, each a letter and a value.

    N nonce          proves that a "ready" line is ours
    E name=value     an environment variable
    F path=text      a file only this user can read
    P folder         appended to sys.path
    A argument       appended to sys.argv
    X argument       appended to the program that replaces Python

Nothing but built-in modules is imported, for every millisecond here is felt.
"""

import os
import sys

# sysexits.h EX_CONFIG: the frame never came, so user code never ran.
NO_FRAME = 78
# What a shell answers for a program it cannot run, and for one it cannot find.
CANNOT_RUN, NOT_FOUND = 126, 127


def read_frame():
    data = b""
    while b"\n" not in data:
        data += more(64)
    head, _, data = data.partition(b"\n")
    left = int(head) - len(data)
    parts = [data]
    while left > 0:
        part = more(min(left, 1 << 16))
        parts.append(part)
        left -= len(part)
    return b"".join(parts).split(b"\0")


def more(size):
    part = os.read(0, size)
    if not part:
        raise EOFError("nobody sent a frame")
    return part


def write_file(path, text):
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    try:
        while text:
            text = text[os.write(fd, text) :]
    finally:
        os.close(fd)


def arrange(fields):
    """Does what the frame says; returns the nonce and the program to become."""
    nonce, program = b"", []
    for field in fields:
        kind, value = field[:1], field[1:]
        if kind == b"E":
            name, _, value = value.partition(b"=")
            os.environb[name] = value
        elif kind == b"F":
            path, _, text = value.partition(b"=")
            write_file(path, text)
        elif kind == b"P":
            sys.path.append(os.fsdecode(value))
        elif kind == b"A":
            sys.argv.append(os.fsdecode(value))
        elif kind == b"X":
            program.append(value)
        elif kind == b"N":
            nonce = value
    return nonce, program


def become(program):
    try:
        os.execvpe(program[0], program, os.environb)
    except FileNotFoundError:
        code, why = NOT_FOUND, b"is not in the image"
    except OSError as error:
        code, why = CANNOT_RUN, b"cannot be run: " + str(error.strerror).encode()
    os.write(2, b"runbay: the command " + program[0] + b" " + why + b"\n")
    os._exit(code)


def open_gate():
    try:
        del os.environ["RUNBAY_GATE"]
        nonce, program = arrange(read_frame())
        null = os.open("/dev/null", os.O_RDONLY)
        os.dup2(null, 0)
        os.close(null)
        if "TZ" in os.environ:
            import time

            time.tzset()
        # A line at a time, as on a terminal. PYTHONUNBUFFERED alone writes each
        # line in two pieces, which mix with those of other processes.
        for stream in (sys.stdout, sys.stderr):
            stream.reconfigure(line_buffering=True, write_through=False)
        os.write(2, b"\0runbay-ready " + nonce + b"\n")
    except BaseException as error:  # `site` would print it and go on without us
        os.write(2, b"runbay: the gate stays shut: %s\n" % repr(error).encode())
        os._exit(NO_FRAME)
    if program:
        become(program)


open_gate()
