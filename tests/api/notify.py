"""A task on a schedule fails with a secret on its lips, and recovers: what
receivers that know nothing of us make of it.

    notify.py receive HOME KEEP     listens for webhooks and mail, and notes them
    notify.py settings HOME         writes the settings that let them be told
    notify.py judge HOME RUNBAY     makes it happen, and looks at what came
"""

import email
import email.policy
import json
import os
import pathlib
import secrets
import subprocess
import sys
import threading
import time
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
PATIENCE = 60
SCHEDULE = """
[[schedules]]
when = "@every 2s"
"""
FAILS = """
import os
print("the key is", os.environ["API_KEY"])
raise ValueError("could not sign in with " + os.environ["API_KEY"])
"""


def receive(home, keep):
    """Both write a line of JSON for each thing that came."""
    from aiosmtpd.controller import Controller

    lock = threading.Lock()
    came = home / "came.jsonl"

    def note(**what):
        with lock, came.open("a") as file:
            file.write(json.dumps(what) + "\n")

    class Hooks(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            note(hook=body, headers={k.lower(): v for k, v in self.headers.items()})
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    class Mails:
        async def handle_DATA(self, _server, _session, envelope):
            text = envelope.content.decode()
            note(mail=text, to=envelope.rcpt_tos)
            return "250 OK"

    hooks = ThreadingHTTPServer(("127.0.0.1", 0), Hooks)
    # A free port, for aiosmtpd takes none for itself.
    mails = Controller(Mails(), hostname="127.0.0.1", port=free_port())
    mails.start()
    ports = home / "ports.new"
    ports.write_text(json.dumps({"hooks": hooks.server_port, "mails": mails.port, "keep": str(keep)}))
    ports.rename(home / "ports.json")
    hooks.serve_forever()


def free_port():
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def settings(home):
    ports = json.loads((home / "ports.json").read_text())
    (home / "runbay.toml").write_text(f"""
[notify]
allow = ["127.0.0.1"]

[mail]
host = "127.0.0.1"
port = {ports["mails"]}
tls = "none"
from = "Runbay <runbay@example.org>"
""")


def judge(home, runbay):
    from standardwebhooks import Webhook

    ports = json.loads((home / "ports.json").read_text())
    canary = "canary-" + secrets.token_hex(16)

    def ask(*words, text=None):
        command = [runbay, *words]
        done = subprocess.run(command, input=text, capture_output=True, text=True)
        assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
        return done.stdout

    task = home / "tasks/nightly"
    task.mkdir()
    (task / "main.py").write_text(FAILS)
    (task / "task.toml").write_text('secrets = [{ name = "API_KEY", env = "API_KEY" }]\n' + SCHEDULE)
    ask("secret", "set", "HOOK_KEY", text=KEY)
    ask("secret", "set", "API_KEY", text=canary)
    ask("secret", "grant", "API_KEY", "nightly")
    ask("hook", "add", "ops", "--to", f"http://127.0.0.1:{ports['hooks']}/in", "--secret", "HOOK_KEY",
        "--event", "run.failed", "--event", "run.recovered")
    ask("hook", "add", "people", "--kind", "email", "--to", "ann@example.org",
        "--event", "run.failed", "--event", "run.recovered")

    def came():
        lines = (home / "came.jsonl").read_text().splitlines() if (home / "came.jsonl").exists() else []
        all = [json.loads(line) for line in lines]
        return [one for one in all if "hook" in one], [one for one in all if "mail" in one]

    def until(hooks, mails):
        end = time.monotonic() + PATIENCE
        while [len(some) for some in came()] < [hooks, mails] or len(came()[1]) < mails:
            assert time.monotonic() < end, f"{hooks} and {mails} should have come, not {came()}"
            time.sleep(0.2)

    until(1, 1)
    # Mended: the next slot tells that it is well again.
    (task / "main.py").write_text("print('well')\n")
    until(2, 2)
    (task / "task.toml").write_text("enabled = false\n")
    hooks, mails = came()
    assert [len(hooks), len(mails)] == [2, 2], "a row of failures is told once, and its end once"

    verifier = Webhook(KEY)
    told = [verifier.verify(one["hook"], one["headers"]) for one in hooks]
    kinds = [one["type"] for one in told]
    assert kinds == ["run.failed", "run.recovered"], kinds
    pages = [one["data"]["url"] for one in told]
    assert all(page.startswith(os.environ["RUNBAY_URL"] + "/runs/") for page in pages), pages
    for spoilt in (hooks[0]["hook"].replace("failed", "passed"), hooks[1]["hook"]):
        try:
            verifier.verify(spoilt, hooks[0]["headers"])
        except Exception as error:
            assert type(error).__name__ == "WebhookVerificationError", error
        else:
            raise AssertionError("a spoilt message was accepted")

    subjects = []
    for number, one in enumerate(mails):
        message = email.message_from_string(one["mail"], policy=email.policy.default)
        subjects.append(message["subject"])
        html, plain = message.get_body(("html",)).get_content(), message.get_body(("plain",)).get_content()
        assert one["to"] == ["ann@example.org"] and "nightly" in plain and "nightly" in html
        (pathlib.Path(ports["keep"]) / f"mail-{number}.html").write_text(html)
        assert pages[number] in unescape(html) and pages[number] in plain, plain
        assert number > 0 or "could not sign in with" in plain, plain
    print("subjects:", subjects)
    report = home / "report.html"
    ask("report", "--preview", str(report))
    (pathlib.Path(ports["keep"]) / "report.html").write_text(report.read_text())

    told = json.dumps([hooks, mails]) + report.read_text()
    assert canary not in told, "a secret was told"
    for file in home.rglob("*"):
        if file.is_file():
            assert canary.encode() not in file.read_bytes(), f"a secret is in {file}"


if __name__ == "__main__":
    act, home, *rest = sys.argv[1:]
    {"receive": receive, "settings": settings, "judge": judge}[act](
        pathlib.Path(home), *(pathlib.Path(one) if act == "receive" else one for one in rest)
    )
