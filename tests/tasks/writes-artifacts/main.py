"""Leaves files, one of them deep, one named by a pattern, and a result."""

import json
import os
from pathlib import Path

artifacts = Path(os.environ["RUNBAY_ARTIFACTS"])
(artifacts / "deep" / "er").mkdir(parents=True)
(artifacts / "deep" / "er" / "table.csv").write_text("a,b\n1,2\n")
(artifacts / "name with space.txt").write_text("kept\n")
(artifacts / "empty").touch()
# Links are not followed out of the folder.
(artifacts / "link-outside").symlink_to("/etc/passwd")

# In the working folder, only what the manifest names is kept.
Path("report.html").write_text("<p>kept</p>\n")
Path("leftover.tmp").write_text("not kept\n")

Path(os.environ["RUNBAY_RESULT"]).write_text(json.dumps({"rows": 1, "ok": True}))
print("written")
