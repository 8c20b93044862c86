/**
 * A menu of records that can be searched: typing narrows the options of the select inside and asks the server for more.
 * The select stays what the form sends; without script it is simply the menu.
 */
import { $, $$, closest } from "../dom";
import { place } from "./menu";

const SHOWN = 40;

export class Combobox extends HTMLElement {
  #select!: HTMLSelectElement;
  #input!: HTMLInputElement;
  #list!: HTMLElement;
  #timer = 0;

  connectedCallback(): void {
    const select = $<HTMLSelectElement>("select", this);
    if (!select || this.dataset.ready) return;
    this.dataset.ready = "1";
    this.#select = select;
    this.#input = document.createElement("input");
    this.#list = document.createElement("div");
    const input = this.#input, list = this.#list;
    Object.assign(input, { type: "text", autocomplete: "off", spellcheck: false, id: select.id, disabled: select.disabled });
    list.id = `${select.id || select.name}-options`;
    list.className = "menu options";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", $(`label[for="${CSS.escape(select.id)}"]`)?.textContent?.trim() ?? select.name);
    list.setAttribute("popover", "manual");
    for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id })) input.setAttribute(name, value);
    for (const name of ["aria-describedby", "aria-invalid", "autofocus"]) { const value = select.getAttribute(name); if (value !== null) input.setAttribute(name, value); }
    if (select.required) { input.setAttribute("aria-required", "true"); select.required = false; }
    select.removeAttribute("id");
    select.hidden = true;
    this.append(input, list);
    this.#settle();
    input.addEventListener("focus", () => input.select());
    input.addEventListener("click", () => this.#open());
    input.addEventListener("input", () => { this.#open(); this.#ask(); });
    input.addEventListener("blur", () => { if (!input.value.trim() && this.#mayBeEmpty) this.#choose("", ""); this.#close(); });
    input.addEventListener("keydown", this.#keys);
    list.addEventListener("pointerdown", event => { event.preventDefault(); const option = closest(event, "[role=option]"); if (option) this.#take(option); });
  }

  get #mayBeEmpty() { return [...this.#select.options].some(option => !option.value); }
  get #options() { return $$("[role=option]", this.#list); }
  get #isOpen() { return this.#list.matches(":popover-open"); }

  #keys = (event: KeyboardEvent): void => {
    const options = this.#options, at = options.findIndex(option => option.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!this.#isOpen) this.#open(); else this.#pick(at + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter" && this.#isOpen && !event.isComposing) { event.preventDefault(); if (options[at]) this.#take(options[at]); }
    else if (event.key === "Escape" && this.#isOpen) { event.preventDefault(); event.stopPropagation(); this.#close(); }
  };

  #open(): void {
    const words = this.#input.value.trim().toLowerCase(), chosen = this.#select.selectedOptions[0], unchanged = words === chosen?.text.trim().toLowerCase();
    const fitting = [...this.#select.options].filter(option => option.value && (unchanged || option.text.toLowerCase().includes(words))).slice(0, SHOWN);
    this.#list.replaceChildren(...fitting.map(option => this.#option(option.value, option.text)));
    this.#show();
    if (unchanged && this.dataset.url && fitting.length < SHOWN) this.#ask();
  }

  #show(): void {
    const any = this.#options.length > 0;
    if (any && !this.#isOpen) this.#list.showPopover();
    if (!any && this.#isOpen) this.#list.hidePopover();
    this.#input.setAttribute("aria-expanded", String(any));
    if (!any) return;
    this.#list.style.width = `${this.#input.offsetWidth}px`;
    place(this.#input, this.#list);
    this.#pick(Math.max(0, this.#options.findIndex(option => option.dataset.value === this.#select.value)));
  }

  #close(): void {
    clearTimeout(this.#timer);
    if (this.#isOpen) this.#list.hidePopover();
    this.#input.setAttribute("aria-expanded", "false");
    this.#input.removeAttribute("aria-activedescendant");
    this.#settle();
  }

  /** Ask the server 150 ms after the last key, and add what the menu does not hold. */
  #ask(): void {
    clearTimeout(this.#timer);
    const words = this.#input.value.trim();
    if (!this.dataset.url || !words) return;
    this.#timer = window.setTimeout(async () => {
      const response = await fetch(`${this.dataset.url}?q=${encodeURIComponent(words)}`, { headers: { "HX-Request": "true" } }).catch(() => null);
      if (!response?.ok || words !== this.#input.value.trim() || document.activeElement !== this.#input) return;
      const box = document.createElement("template"), held = new Set(this.#options.map(option => option.dataset.value));
      box.innerHTML = await response.text();
      this.#list.append(...$$("[role=option]", box.content).filter(option => !held.has(option.dataset.value)));
      this.#show();
    }, 150);
  }

  #option(value: string, label: string): HTMLElement {
    const option = document.createElement("div");
    option.setAttribute("role", "option");
    option.dataset.value = value;
    option.textContent = label;
    return option;
  }

  #pick(index: number): void {
    const options = this.#options, option = options[(index + options.length) % options.length];
    options.forEach((each, at) => { each.id ||= `${this.#list.id}-${at}-${Math.random().toString(36).slice(2, 6)}`; each.setAttribute("aria-selected", String(each === option)); });
    if (option) { this.#input.setAttribute("aria-activedescendant", option.id); option.scrollIntoView({ block: "nearest" }); }
  }

  #take(option: HTMLElement): void {
    this.#choose(option.dataset.value!, ($("[data-label]", option) ?? option).textContent!.trim());
    this.#close();
    this.#input.focus();
  }

  #choose(value: string, label: string): void {
    if (![...this.#select.options].some(option => option.value === value)) this.#select.add(new Option(label, value));
    if (this.#select.value === value) return;
    this.#select.value = value;
    this.#select.dispatchEvent(new Event("change", { bubbles: true }));
  }

  #settle(): void { const option = this.#select.selectedOptions[0]; this.#input.value = option?.value ? option.text.trim() : ""; }
}
