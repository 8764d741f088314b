// For screen readers: what an arrow in the sidebar unfolds, to which the theme gives no name, and
// that an entry of the bibliography is an item of its list, where docutils gives a role of old.
document.addEventListener("DOMContentLoaded", () => {
  for (const summary of document.querySelectorAll("nav.bd-links summary")) {
    const chapter = summary.closest("li").querySelector("a").textContent.trim();
    summary.setAttribute("aria-label", `Pages of ${chapter}`);
  }
  for (const entry of document.querySelectorAll(".citation")) {
    entry.setAttribute("role", "listitem");
  }
});
