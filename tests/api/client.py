"""A day with the generated client: a task is made, run and looked at."""

import sys

from runbay_client import AuthenticatedClient
from runbay_client.api.launch import launch_start
from runbay_client.api.logs import logs_of_run
from runbay_client.api.runs import runs_list, runs_show
from runbay_client.api.schedules import schedules_add
from runbay_client.api.tasks import tasks_create, tasks_list, tasks_remove
from runbay_client.models.run import Run

url, token = sys.argv[1:]
client = AuthenticatedClient(base_url=url, token=token, timeout=120)


def asked(operation, *args, body=None, status=200, **kwargs):
    """The answer, as the type that the document promises."""
    if body is not None:
        kind = operation.sync_detailed.__annotations__["body"]
        kind = getattr(kind, "__args__", [kind])[0]
        kwargs["body"] = kind.from_dict(body)
    answer = operation.sync_detailed(*args, client=client, **kwargs)
    assert answer.status_code == status, (answer.status_code, answer.content)
    assert answer.parsed is not None, answer.content
    return answer.parsed


assert asked(tasks_list).items == []
script = "import os\nprint('hello', os.environ['PARAM_NAME'])\n"
manifest = "[params.name]\ntype = \"text\"\n"
files = {"main.py": {"text": script}, "task.toml": {"text": manifest}}
made = asked(tasks_create, body={"name": "greet", "files": files}, status=201)
assert (made.name, made.problems) == ("greet", []), made
assert [task.name for task in asked(tasks_list).items] == ["greet"]

run = asked(launch_start, "greet", body={"params": {"name": "Ada"}}, wait=100)
assert isinstance(run, Run) and run.outcome == "succeeded", run
log = asked(logs_of_run, run.id)
assert [line.text for line in log.lines if line.stream == "stdout"] == ["hello Ada"], log
assert asked(runs_show, run.id).run.exit_code == 0
assert [other.id for other in asked(runs_list, task="greet").items] == [run.id]

[schedule] = asked(schedules_add, "greet", body={"when": "06:00", "params": {"name": "Bo"}})
assert schedule.key and schedule.next_, schedule

refused = asked(launch_start, "greet", body={"params": {"nam": "Ada"}}, status=422)
assert "name" in refused.detail, refused
asked(tasks_remove, "greet")
assert asked(tasks_list).items == []
print("The generated client works.")
