/** A menu button: popover, placed beside its button, arrow keys. Complete without script except for the placement. */
import { $, $$, closest } from "../dom";

export function place(anchor: Element, box: HTMLElement): void {
  const a = anchor.getBoundingClientRect(), width = box.offsetWidth, height = box.offsetHeight;
  const left = box.dataset.align === "end" ? a.right - width : a.left;
  box.style.left = `${Math.max(8, Math.min(left, innerWidth - width - 8))}px`;
  box.style.top = `${a.bottom + 4 + height > innerHeight ? Math.max(8, a.top - height - 4) : a.bottom + 4}px`;
}

export function arrows(menu: HTMLElement): void {
  menu.addEventListener("keydown", event => {
    const items = $$("[role^=menuitem]", menu), at = items.indexOf(document.activeElement as HTMLElement);
    const steps: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 };
    let to = steps[event.key];
    if (to === undefined && event.key.length === 1 && /\S/.test(event.key)) {
      const rest = [...items.slice(at + 1), ...items.slice(0, at + 1)];
      const hit = rest.find(item => item.textContent!.trim().toLowerCase().startsWith(event.key.toLowerCase()));
      if (hit) to = items.indexOf(hit);
    }
    event.stopPropagation();
    if (to === undefined || !items.length) return;
    event.preventDefault();
    items[(to + items.length) % items.length].focus();
  });
}

export class Menu extends HTMLElement {
  connectedCallback(): void {
    const button = $("button", this), box = $("[popover]", this);
    if (!button || !box || this.dataset.ready) return;
    this.dataset.ready = "1";
    button.setAttribute("aria-haspopup", "menu");
    button.setAttribute("aria-expanded", "false");
    box.addEventListener("toggle", event => {
      const open = (event as ToggleEvent).newState === "open";
      button.setAttribute("aria-expanded", String(open));
      if (open) { place(button, box); $("[role^=menuitem]", box)?.focus(); }
    });
    arrows(box);
    box.addEventListener("click", event => { if (closest(event, "[role=menuitem]:not([aria-disabled=true])")) box.hidePopover(); });
  }
}
