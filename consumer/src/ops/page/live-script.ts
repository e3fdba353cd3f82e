/** Brings the part of a page that is live up to date; without it a page shows what was when it was loaded. */
export const liveScript = `
const region = document.getElementById("live");
const said = document.getElementById("said");

function replace(html) {
  const next = new DOMParser().parseFromString(html, "text/html").body;
  for (const { id } of region.querySelectorAll("details[open][id]")) {
    next.querySelector("#" + CSS.escape(id))?.setAttribute("open", "");
  }
  const spoken = region.querySelector("[data-say]")?.textContent;
  const focused = region.contains(document.activeElement) ? document.activeElement : undefined;
  const place = focused && [...region.querySelectorAll("a, button, summary, input")].indexOf(focused);
  region.replaceChildren(...next.childNodes);
  if (focused) {
    const same = focused.id && document.getElementById(focused.id);
    (same || region.querySelectorAll("a, button, summary, input")[place])?.focus({ preventScroll: true });
  }
  const words = region.querySelector("[data-say]")?.textContent;
  if (words !== undefined && words !== spoken) said.textContent = words;
}

if (region) {
  let source;
  const open = () => {
    source = new EventSource(region.dataset.live);
    source.onmessage = ({ data }) => replace(data);
    source.onopen = () => document.documentElement.dataset.connection = "live";
    source.onerror = () => document.documentElement.dataset.connection = "lost";
  };
  open();
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", ({ persisted }) => persisted && open());
}
`;
