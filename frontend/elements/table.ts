/** A list: selection with a bulk bar, j/k to walk, x to mark. Rows are links and checkboxes and work without it. */
import { $, $$, closest } from "../dom";

export class Table extends HTMLElement {
  #last: HTMLInputElement | null = null;

  connectedCallback(): void {
    this.addEventListener("change", this.#change);
    this.addEventListener("click", this.#range);
    this.addEventListener("keydown", this.#keys);
    document.addEventListener("htmx:after:swap", this.#sync);
    document.addEventListener("click", this.#clear);
    this.#sync();
  }

  disconnectedCallback(): void {
    document.removeEventListener("htmx:after:swap", this.#sync);
    document.removeEventListener("click", this.#clear);
  }

  get #boxes() { return $$<HTMLInputElement>("tbody .check", this); }

  #change = (event: Event): void => {
    const box = closest<HTMLInputElement>(event, ".check");
    if (box?.matches("[data-all]")) this.#boxes.forEach(each => (each.checked = box.checked));
    if (box) this.#sync();
  };

  /** Shift-click marks everything between. */
  #range = (event: MouseEvent): void => {
    const box = closest<HTMLInputElement>(event, "tbody .check"), boxes = this.#boxes;
    if (!box) return;
    if (event.shiftKey && this.#last && boxes.includes(this.#last)) {
      const [from, to] = [boxes.indexOf(this.#last), boxes.indexOf(box)].sort((a, b) => a - b);
      boxes.slice(from, to + 1).forEach(each => (each.checked = box.checked));
      this.#sync();
    }
    this.#last = box;
  };

  #clear = (event: Event): void => {
    if (!closest(event, "[data-clear]")) return;
    this.#boxes.forEach(box => (box.checked = false));
    this.#sync();
  };

  #keys = (event: KeyboardEvent): void => {
    if (closest(event, "input:not(.check), select, textarea, [popover]") || event.ctrlKey || event.metaKey || event.altKey) return;
    const rows = $$("tbody tr", this), at = rows.findIndex(row => row.contains(document.activeElement));
    const to = { j: at + 1, ArrowDown: at + 1, k: at - 1, ArrowUp: at - 1 }[event.key];
    if (to !== undefined && rows[to]) { event.preventDefault(); $(".row-link", rows[to])?.focus(); rows[to].scrollIntoView({ block: "nearest" }); }
    else if (event.key === "x" && rows[at]) { const box = $<HTMLInputElement>(".check", rows[at]); if (box) { box.checked = !box.checked; this.#sync(); } }
    else if (event.key === "Escape") { this.#boxes.forEach(box => (box.checked = false)); this.#sync(); }
  };

  /** j and k work from anywhere on the page: the hotkeys hand the first one over. */
  enter(): void { $(".row-link", this)?.focus(); }

  #sync = (): void => {
    const boxes = this.#boxes, count = boxes.filter(box => box.checked).length, head = $<HTMLInputElement>("[data-all]", this), bar = $("#bulk");
    boxes.forEach(box => box.closest("tr")!.setAttribute("aria-selected", String(box.checked)));
    if (head) { head.checked = count > 0 && count === boxes.length; head.indeterminate = count > 0 && count < boxes.length; }
    if (bar) { bar.hidden = !count; $("[data-n]", bar)!.textContent = String(count); }
  };
}
