/** The command palette: the server finds records, the page knows its own commands. A combobox by the ARIA pattern. */
import { $, $$, closest } from "../dom";
import { run } from "./preferences";

export class Palette extends HTMLElement {
  #timer = 0;
  #asked = "";

  connectedCallback(): void {
    const dialog = this.#dialog;
    this.#input.addEventListener("input", () => { this.#filter(); this.#ask(); });
    dialog.addEventListener("keydown", event => {
      const options = this.#options, at = options.findIndex(option => option.getAttribute("aria-selected") === "true");
      if (event.key === "ArrowDown" || event.key === "ArrowUp") { event.preventDefault(); this.#pick(at + (event.key === "ArrowDown" ? 1 : -1)); }
      if (event.key === "Enter" && !event.isComposing && options[at]) { event.preventDefault(); this.#go(options[at], event.ctrlKey || event.metaKey); }
    });
    dialog.addEventListener("pointermove", event => { const option = closest(event, "[role=option]"); if (option && option.getAttribute("aria-selected") !== "true") this.#pick(this.#options.indexOf(option)); });
    dialog.addEventListener("click", event => { const option = closest(event, "[role=option]"); if (option) this.#go(option, event.ctrlKey || event.metaKey); });
  }

  get #dialog() { return $<HTMLDialogElement>("dialog", this)!; }
  get #input() { return $<HTMLInputElement>("input", this)!; }
  get #remote() { return $("[data-remote]", this)!; }
  get #options() { return $$("[role=option]", this).filter(option => !option.hidden && !option.closest("[hidden]")); }

  open(): void {
    this.#dialog.showModal();
    this.#input.value = "";
    this.#remote.replaceChildren();
    this.#filter();
    this.#ask();
  }

  #go(option: HTMLElement, newTab: boolean): void {
    this.#dialog.close();
    const { run: command, href, click } = option.dataset;
    if (command) run[command]?.();
    else if (click) $(click)?.click();
    else if (href) newTab ? window.open(href, "_blank", "noopener") : location.assign(href);
  }

  /** Ask 120 ms after the last key; an older answer never overwrites a newer one. What cannot be answered is asked again once, then said. */
  #ask(): void {
    clearTimeout(this.#timer);
    const words = (this.#asked = this.#input.value.trim());
    this.#timer = window.setTimeout(async () => {
      const ask = () => fetch(`${this.dataset.url}?q=${encodeURIComponent(words)}`, { headers: { "HX-Request": "true" } }).catch(() => null);
      const response = await ask().then(first => (first?.ok || words !== this.#asked ? first : ask()));
      if (words !== this.#asked) return;
      $("[data-unanswered]", this)!.hidden = !!response?.ok;
      if (!response?.ok) return;
      this.#remote.innerHTML = await response.text();
      this.#none();
      this.#pick(0);
    }, words ? 120 : 0);
  }

  #filter(): void {
    const words = this.#input.value.trim().toLowerCase();
    $$("[data-local] [role=option]", this).forEach(option => (option.hidden = !!words && !option.textContent!.toLowerCase().includes(words)));
    $$("[data-local] [role=group]", this).forEach(group => (group.hidden = !$$("[role=option]", group).some(option => !option.hidden)));
    this.#none();
    this.#pick(0);
  }

  #none(): void { $("[data-none]", this)!.hidden = this.#options.length > 0; }

  #pick(index: number): void {
    const options = this.#options, option = options[(index + options.length) % options.length];
    $$("[role=option][aria-selected=true]", this).forEach(other => other.setAttribute("aria-selected", "false"));
    if (!option) { this.#input.removeAttribute("aria-activedescendant"); return; }
    option.id ||= `option-${Math.random().toString(36).slice(2, 9)}`;
    option.setAttribute("aria-selected", "true");
    this.#input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }
}
