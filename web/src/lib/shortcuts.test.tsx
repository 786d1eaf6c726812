import { render } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { turnLetters, useShortcuts } from "./shortcuts";

const acts = { go: vi.fn(), run: vi.fn(), save: vi.fn() };

function Shell() {
  useShortcuts({ "g r": acts.go });
  return <input aria-label="text" />;
}
function Page() {
  useShortcuts({ r: acts.run, "mod+s": acts.save });
  return null;
}

const press = (key: string, more: KeyboardEventInit = {}, target: EventTarget = document.body) =>
  target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }));

describe("keys", () => {
  afterEach(() => {
    vi.clearAllMocks();
    turnLetters(true);
    document.body.replaceChildren();
  });

  it("go somewhere with two, and do nothing with the second of them alone", () => {
    const { unmount } = render(
      <>
        <Shell />
        <Page />
      </>,
    );
    press("g");
    press("r");
    expect(acts.go).toHaveBeenCalledTimes(1);
    expect(acts.run).not.toHaveBeenCalled();
    press("r");
    expect(acts.run).toHaveBeenCalledTimes(1);
    unmount();
    press("r");
    expect(acts.run).toHaveBeenCalledTimes(1);
  });

  it("are text where somebody types, and can be turned off", () => {
    const { getByLabelText } = render(
      <>
        <Shell />
        <Page />
      </>,
    );
    press("r", {}, getByLabelText("text"));
    turnLetters(false);
    press("r");
    expect(acts.run).not.toHaveBeenCalled();
    press("s", { ctrlKey: true });
    expect(acts.save).toHaveBeenCalledTimes(1);
  });
});
