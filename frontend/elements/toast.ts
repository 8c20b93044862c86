/** Toasts: one line, six seconds, perhaps an undo. The server sends HX-Trigger {"toast": {text, tone, undo}}. */
import { $, $$, announceEvents, closest, icon, post, text } from "../dom";

export interface Undo { url?: string; values?: Record<string, string>; id?: string; target?: string }
export interface ToastDetail { text: string; tone?: "ok" | "error"; undo?: Undo | (() => void) }

const STAY = 6000;

function leave(toast: HTMLElement): void {
  let timer = setTimeout(() => toast.remove(), STAY);
  const hold = () => clearTimeout(timer);
  const resume = () => (hold(), (timer = setTimeout(() => toast.remove(), STAY)));
  toast.addEventListener("pointerenter", hold);
  toast.addEventListener("focusin", hold);
  toast.addEventListener("pointerleave", resume);
  toast.addEventListener("focusout", resume);
}

async function takeBack(undo: Undo): Promise<void> {
  if (undo.id && undo.target) { document.dispatchEvent(new CustomEvent("board:move", { detail: undo })); return; }
  if (!undo.url) return;
  const answer = await post(undo.url, undo.values ?? {});
  if (answer.ok) document.dispatchEvent(new CustomEvent("refresh")); else toast({ text: text("failed"), tone: "error" });
}

export function toast({ text: words, tone = "ok", undo }: ToastDetail): void {
  const box = $("#toasts");
  if (!box) return;
  const line = document.createElement("div"), label = document.createElement("span");
  line.className = `toast ${tone}`;
  line.setAttribute("role", tone === "error" ? "alert" : "status");
  label.textContent = words;
  line.append(icon(tone === "error" ? "circle-alert" : "check"), label);
  if (undo) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = text("undo");
    button.addEventListener("click", () => { line.remove(); typeof undo === "function" ? undo() : void takeBack(undo); });
    line.append(button);
  }
  box.append(line);
  raise(box);
  leave(line);
}

/** The region is a popover, so that it lies above an open dialog; shown again, it comes to the top. */
function raise(box: HTMLElement): void {
  if (box.matches(":popover-open")) box.hidePopover();
  box.showPopover();
}

export function startToasts(): void {
  document.addEventListener("toast", event => toast((event as CustomEvent<ToastDetail>).detail));
  document.addEventListener("click", event => closest(event, ".toast [data-dismiss]")?.closest(".toast")?.remove());
  const box = $("#toasts");
  if (box && $(".toast", box)) { raise(box); $$(".toast", box).forEach(leave); }
  announceEvents(document.body.dataset.events ?? null);
}
