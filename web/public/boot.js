// Sets the theme before anything is painted. A file of its own, for the content
// security policy takes no script inside a page.
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem("runbay.theme");
  } catch {
    // Storage is closed: the system's theme it is.
  }
  const dark =
    chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
