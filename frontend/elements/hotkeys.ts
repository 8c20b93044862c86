/** Keys for the whole page. Single letters only outside fields, and only while the person has not turned them off (WCAG 2.1.4). */
import { $, $$, closest } from "../dom";
import { run } from "./preferences";

const OFF = "ltc-single-keys-off";
let gAt = 0;

const click = (selector: string) => { const link = $(selector); link?.click(); return !!link; };

function single(key: string): boolean {
  switch (key) {
    case "g": gAt = Date.now(); return false;
    case "?": run.help(); return true;
    case "c": return click("[data-create]");
    case "/": { const field = $("[data-search]"); field?.focus(); return !!field; }
    case "[": return click("[data-prev]");
    case "]": return click("[data-next]");
    case "j": case "k": { const list = $("ltc-table") as HTMLElement & { enter?(): void } | null; list?.enter?.(); return !!list; }
    default: return click(`[data-hot="${CSS.escape(key)}"]`);
  }
}

export function startHotkeys(): void {
  if (/Mac|iPhone|iPad/.test(navigator.platform)) $$(".kbd").forEach(key => (key.textContent = key.textContent!.replace(/^Ctrl ?/, "⌘")));
  document.addEventListener("keydown", event => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") { event.preventDefault(); run.palette(); return; }
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || localStorage.getItem(OFF)) return;
    if (closest(event, "input:not(.check), textarea, select, [contenteditable], dialog[open], [role=menu]")) return;
    if (gAt && Date.now() - gAt < 1200) { gAt = 0; if (click(`[data-go="${CSS.escape(event.key)}"]`)) event.preventDefault(); return; }
    if (event.key === "j" || event.key === "k") { if (closest(event, "ltc-table, ltc-board")) return; }
    if (single(event.key)) event.preventDefault();
  });
  const choice = $<HTMLInputElement>("[data-single-keys]");
  if (!choice) return;
  choice.checked = !localStorage.getItem(OFF);
  choice.addEventListener("change", () => (choice.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "1")));
}
