use super::{Place, texts};
use crate::catalogue::CatalogueError;
use crate::catalogue::edit::{edit_manifest, set_requirement_lines};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use toml_edit::value;

fn lines(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|line| (*line).to_owned()).collect()
}

fn nothing_left(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(!name.ends_with(".tmp"), "{name}");
    }
}

#[test]
fn a_manifest_keeps_its_form_and_mode() {
    let place = Place::new();
    place.put("tasks/job/main.py", "");
    let path = place.put(
        "tasks/job/task.toml",
        "# mine\r\ntimeout   = '5m'   # long\r\n\r\n[env]\r\nA = '1'\r\n",
    );
    fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
    edit_manifest(&path, |table| {
        table["timeout"] = value("10m");
        table["memory"] = value("1G");
    })
    .unwrap();
    let after = fs::read_to_string(&path).unwrap();
    assert_eq!(
        after,
        "# mine\r\ntimeout   = \"10m\"   # long\r\nmemory = \"1G\"\r\n\r\n[env]\r\nA = '1'\r\n"
    );
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o640
    );
    nothing_left(&place.path("tasks/job"));
    assert_eq!(place.task("job").manifest.timeout.unwrap().0.as_secs(), 600);
}

#[test]
fn a_manifest_is_made_where_there_is_none() {
    let place = Place::new();
    place.put("tasks/job/main.py", "");
    let path = place.path("tasks/job/task.toml");
    edit_manifest(&path, |table| table["enabled"] = value(false)).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "enabled = false\n");
}

#[test]
fn a_result_that_is_no_manifest_changes_nothing() {
    let place = Place::new();
    let path = place.put("tasks/job/task.toml", "timeout = '5m'\n");
    for (key, bad) in [("timout", "5m"), ("memory", "1"), ("cpus", "x")] {
        let fault = edit_manifest(&path, |table| table[key] = value(bad)).unwrap_err();
        assert!(matches!(fault, CatalogueError::Invalid { .. }), "{fault}");
        assert!(fault.to_string().contains(key), "{fault}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "timeout = '5m'\n");
    }
    nothing_left(&place.path("tasks/job"));
}

#[test]
fn a_change_in_between_is_not_overwritten() {
    let place = Place::new();
    let path = place.put("tasks/job/task.toml", "");
    let fault = edit_manifest(&path, |table| {
        fs::write(&path, "pids = 9").unwrap();
        table["pids"] = value(10);
    });
    assert!(matches!(
        fault,
        Err(CatalogueError::ChangedDuringRead { .. })
    ));
    assert_eq!(fs::read_to_string(&path).unwrap(), "pids = 9");
    nothing_left(&place.path("tasks/job"));
}

#[test]
fn a_link_is_not_written_through() {
    let place = Place::new();
    let real = place.put("real.toml", "");
    fs::create_dir(place.path("tasks/job")).unwrap();
    let path = place.path("tasks/job/task.toml");
    std::os::unix::fs::symlink(&real, &path).unwrap();
    assert!(edit_manifest(&path, |table| table["pids"] = value(9)).is_err());
    assert_eq!(fs::read_to_string(&real).unwrap(), "");
}

#[test]
fn a_script_is_edited_in_place() {
    let place = Place::new();
    let path = place.put("tasks/one.py", "#!/usr/bin/env python\n# /// script\n# dependencies = [\n#     \"rich\",  # colours\n#     \"httpx>=0.27\",\n# ]\n# ///\n\nprint('# ///')\n");
    edit_manifest(&path, |table| table["timeout"] = value("5m")).unwrap();
    set_requirement_lines(&path, &lines(&["rich", "httpx>=0.28", "click"])).unwrap();
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        "#!/usr/bin/env python\n# /// script\n# dependencies = [\n#     \"rich\",  # colours\n#     \"httpx>=0.28\",\n#     \"click\",\n# ]\n#\n# [tool.runbay]\n# timeout = \"5m\"\n# ///\n\nprint('# ///')\n"
    );
    let task = place.task("one");
    assert_eq!(texts(&task), ["click", "httpx>=0.28", "rich"]);
    assert!(edit_manifest(&path, |table| table["x"] = value(1)).is_err());

    let bare = place.put(
        "tasks/bare.py",
        "#!/usr/bin/python\n# -*- coding: utf-8 -*-\nprint()\n",
    );
    set_requirement_lines(&bare, &lines(&["rich"])).unwrap();
    assert_eq!(
        fs::read_to_string(&bare).unwrap(),
        "#!/usr/bin/python\n# -*- coding: utf-8 -*-\n# /// script\n# dependencies = [\n#     \"rich\",\n# ]\n# ///\n\nprint()\n"
    );
    assert_eq!(texts(&place.task("bare")), ["rich"]);
}

#[test]
fn a_requirements_file_keeps_what_stays() {
    let place = Place::new();
    place.put("tasks/job/main.py", "");
    let path = place.put(
        "tasks/job/requirements.txt",
        "# web\nFlask == 2.0  # old\n\nrequests>=2 \\\n  ; python_version > '3'\n# last\ngone",
    );
    set_requirement_lines(
        &path,
        &lines(&["flask==3.0", "requests>=2; python_version > '3'", "new"]),
    )
    .unwrap();
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        "# web\nflask==3.0  # old\n\nrequests>=2 \\\n  ; python_version > '3'\n# last\nnew\n"
    );
    let fault = set_requirement_lines(&path, &lines(&["ok", "-r x"]))
        .unwrap_err()
        .to_string();
    assert!(fault.contains("`-r` is not allowed"), "{fault}");
    let fault = set_requirement_lines(&path, &lines(&["ok\n-r x"]))
        .unwrap_err()
        .to_string();
    assert!(fault.contains("control character"), "{fault}");
    let fault = set_requirement_lines(&path, &lines(&["a==1", "a==2"]))
        .unwrap_err()
        .to_string();
    assert!(fault.contains("is pinned to"), "{fault}");
    assert!(fs::read_to_string(&path).unwrap().contains("flask==3.0"));

    let new = place.path("tasks/job/req-new.txt");
    set_requirement_lines(&new, &lines(&["a", "b==1"])).unwrap();
    assert_eq!(fs::read_to_string(&new).unwrap(), "a\nb==1\n");
}

#[test]
fn lists_in_toml_are_edited_in_place() {
    let place = Place::new();
    place.put("tasks/job/main.py", "");
    let project = place.put(
        "tasks/job/pyproject.toml",
        "[project]\nname = 'x'\ndependencies = ['a', 'b>1']\n[tool.ruff]\nselect = ['E']\n",
    );
    set_requirement_lines(&project, &lines(&["b>2", "c"])).unwrap();
    assert_eq!(
        fs::read_to_string(&project).unwrap(),
        "[project]\nname = 'x'\ndependencies = [\"b>2\", \"c\"]\n[tool.ruff]\nselect = ['E']\n"
    );
    let manifest = place.put("tasks/job/task.toml", "timeout = 3\nrequirements = ['a']\n");
    set_requirement_lines(&manifest, &lines(&["a", "d"])).unwrap();
    assert_eq!(texts(&place.task("job")), ["a", "d"]);
}
