// Names for screen readers where the theme gives none: what an arrow in the sidebar unfolds.
document.addEventListener("DOMContentLoaded", () => {
  for (const summary of document.querySelectorAll("nav.bd-links summary")) {
    const chapter = summary.closest("li").querySelector("a").textContent.trim();
    summary.setAttribute("aria-label", `Pages of ${chapter}`);
  }
});
