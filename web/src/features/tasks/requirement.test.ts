import { expect, it } from "vitest";
import { nameOf, withRequirement } from "./requirement";

it("compares names as indexes do", () => {
  expect(nameOf("Ruamel.YAML[jinja2]>=0.18 ; python_version > '3'")).toBe("ruamel-yaml");
  expect(nameOf("# comment")).toBe("");
});

it("adds a line, or puts it in the place of the old one", () => {
  expect(withRequirement("", "httpx")).toBe("httpx\n");
  expect(withRequirement("# these\npandas>=2\n", "httpx")).toBe("# these\npandas>=2\nhttpx\n");
  expect(withRequirement("Pandas>=2\nhttpx\n", "pandas==2.2.3")).toBe("pandas==2.2.3\nhttpx\n");
  expect(withRequirement("--index-url x\n", "index-url")).toBe("--index-url x\nindex-url\n");
});
