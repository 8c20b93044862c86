/**
 * The kanban board: drag, keys and menu all end in move(), which shows the move at once, asks the server, and puts the card back
 * when the server refuses. Sortable is loaded only where a board is.
 */
import { $, $$, calm, closest, post, say, text } from "../dom";
import { arrows, place } from "./menu";
import { openDialog } from "./dialog";
import { toast } from "./toast";

export class Board extends HTMLElement {
  #drags: { destroy(): void }[] = [];
  #card: HTMLElement | null = null;

  async connectedCallback(): Promise<void> {
    this.addEventListener("click", this.#click);
    this.addEventListener("keydown", this.#keys);
    document.addEventListener("board:move", this.#back);
    const menu = this.#menu;
    if (menu) { arrows(menu); menu.addEventListener("toggle", event => { if ((event as ToggleEvent).newState === "closed") $(".kcard-more", this.#card ?? this)?.setAttribute("aria-expanded", "false"); }); }
    if (!this.dataset.url) return;
    const { default: Sortable } = await import("sortablejs/modular/sortable.core.esm.js");
    if (!this.isConnected) return;
    this.#drags = $$(".cards", this).map(list => Sortable.create(list, {
      group: "cards", draggable: ".kcard", animation: calm() ? 0 : 160, ghostClass: "ghost", dragClass: "drag", delay: 180, delayOnTouchOnly: true, scroll: true, filter: ".kcard-more", preventOnFilter: false, sort: false,
      onStart: ({ item }: { item: HTMLElement }) => this.#shade(item),
      onMove: ({ to, from, dragged }: { to: HTMLElement; from: HTMLElement; dragged: HTMLElement }) => {
        const open = this.#accepts(dragged, to.dataset.key!) || to === from;
        $$(".col", this).forEach(col => col.classList.toggle("over", open && col.contains(to) && to !== from));
        return open;
      },
      onEnd: ({ item, to, from, oldIndex }: { item: HTMLElement; to: HTMLElement; from: HTMLElement; oldIndex: number }) => {
        $$(".col", this).forEach(col => col.classList.remove("over", "closed"));
        if (to !== from) void this.#ask(item, to.dataset.key!, () => from.insertBefore(item, from.children[oldIndex] ?? null));
      },
    }));
  }

  disconnectedCallback(): void {
    this.#drags.forEach(drag => drag.destroy());
    document.removeEventListener("board:move", this.#back);
  }

  get #menu() { return $("[data-board-menu]", this); }
  #targets = (card: HTMLElement) => (card.dataset.targets ?? "*").split(" ").filter(Boolean);
  #accepts = (card: HTMLElement, key: string) => { const open = this.#targets(card); return open.includes("*") || open.includes(key); };
  #shade = (card: HTMLElement) => $$(".cards", this).forEach(list => list.closest(".col")!.classList.toggle("closed", list !== card.parentElement && !this.#accepts(card, list.dataset.key!)));
  #back = (event: Event) => { const { id, target } = (event as CustomEvent<{ id: string; target: string }>).detail; this.move(id, target, true); };

  #click = (event: Event): void => {
    const more = closest(event, ".kcard-more"), to = closest(event, "[data-move]"), menu = this.#menu;
    if (more && menu) {
      this.#card = more.closest<HTMLElement>(".kcard");
      $$("[data-move]", menu).forEach(item => (item.hidden = item.dataset.move === this.#card!.parentElement!.dataset.key || !this.#accepts(this.#card!, item.dataset.move!)));
      menu.setAttribute("aria-label", text("actions", { name: this.#card!.dataset.title! }));
      menu.showPopover();
      more.setAttribute("aria-expanded", "true");
      place(more, menu);
      $$("[role^=menuitem]", menu).find(item => !item.hidden)?.focus();
    } else if (to && this.#card) { menu!.hidePopover(); this.move(this.#card.dataset.id!, to.dataset.move!); }
    else if (closest(event, "[data-open]") && this.#card) { menu!.hidePopover(); $<HTMLAnchorElement>(".kcard-link", this.#card)!.click(); }
  };

  #keys = (event: KeyboardEvent): void => {
    const card = closest(event, ".kcard");
    if (!card || closest(event, "button") || event.ctrlKey || event.metaKey || event.altKey) return;
    const list = card.parentElement!, lists = $$(".cards", this), column = lists.indexOf(list), row = $$(".kcard", list).indexOf(card);
    const focus = (at: HTMLElement | undefined, index: number) => { const cards = at ? $$(".kcard", at) : []; $(".kcard-link", cards[Math.max(0, Math.min(index, cards.length - 1))] ?? card)?.focus(); };
    const across = { ArrowRight: 1, ArrowLeft: -1 }[event.key] ?? 0, down = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key] ?? 0;
    if (across && event.shiftKey) {
      let to = column + across;
      while (lists[to] && !this.#accepts(card, lists[to].dataset.key!)) to += across;
      if (lists[to]) this.move(card.dataset.id!, lists[to].dataset.key!);
    } else if (across) { let to = column + across; while (lists[to] && !$(".kcard", lists[to])) to += across; if (lists[to]) focus(lists[to], row); }
    else if (down) focus(list, row + down);
    else if (event.key === "m") $(".kcard-more", card)?.click();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  move(id: string, key: string, undo = false): void {
    const card = $(`.kcard[data-id="${CSS.escape(id)}"]`, this), list = $(`.cards[data-key="${CSS.escape(key)}"]`, this);
    if (!card || card.parentElement === list) return;
    if (!list) { void this.#ask(card, key, () => {}); return; }
    const from = card.parentElement!, next = card.nextSibling, held = undo || card.contains(document.activeElement) || this.#card === card;
    const show = () => { list.prepend(card); if (held) $(".kcard-link", card)?.focus(); card.scrollIntoView({ block: "nearest", inline: "nearest" }); };
    if (document.startViewTransition && !calm()) document.startViewTransition(show); else show();
    void this.#ask(card, key, () => from.insertBefore(card, next));
  }

  async #ask(card: HTMLElement, key: string, putBack: () => void): Promise<void> {
    card.setAttribute("aria-busy", "true");
    const answer = await post(this.dataset.url!, { id: card.dataset.id!, target: key });
    card.removeAttribute("aria-busy");
    if (answer.ok && !$(`.cards[data-key="${CSS.escape(key)}"]`, this)) card.remove();
    if (answer.ok) { say(text("moved", { name: card.dataset.title!, column: $(`#col-${CSS.escape(key)}`)?.textContent?.trim() ?? key })); return; }
    if (answer.body.includes("<form")) {
      openDialog(answer.body).addEventListener("close", event => { if ((event.target as HTMLDialogElement).returnValue !== "done") { putBack(); say(text("putback")); } }, { once: true });
      return;
    }
    putBack();
    if (!$(".toast.error")) toast({ text: answer.status === 403 ? text("forbidden") : text("failed"), tone: "error" });
  }
}
