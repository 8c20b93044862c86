/**
 * The one dialog of the page. A link or button with hx-target="#dialog" fills it; a form in it that succeeds closes it;
 * a form error (422) comes back as the same form and stays. Confirmation takes the same place.
 */
import htmx from "htmx.org/dist/htmx.esm.js";
import { $, closest, text } from "../dom";
import { toast } from "./toast";

const box = () => $<HTMLDialogElement>("#dialog")!;

export function openDialog(html?: string): HTMLDialogElement {
  const dialog = box();
  if (html !== undefined) { dialog.innerHTML = html; htmx.process(dialog); }
  dialog.classList.toggle("wide", !!$("[data-wide]", dialog));
  if (!dialog.open) dialog.showModal();
  ($("[aria-invalid=true], [autofocus]", dialog) ?? $(".body :is(input:not([type=hidden]), select, textarea)", dialog) ?? $("footer .btn-primary", dialog))?.focus();
  return dialog;
}

/** Ask in the page's own dialog; true when the person goes ahead. */
export function confirm(question: string, go = text("continue")): Promise<boolean> {
  const shape = $<HTMLTemplateElement>("#confirm-shape")!.content.cloneNode(true) as DocumentFragment;
  $("h2", shape)!.textContent = question;
  $("[data-go]", shape)!.textContent = go;
  const dialog = box();
  dialog.replaceChildren(shape);
  dialog.returnValue = "";
  openDialog();
  return new Promise(done => dialog.addEventListener("close", () => done(dialog.returnValue === "go"), { once: true }));
}

interface HtmxContext { target?: Element; sourceElement: Element; confirm?: string; response?: { status: number }; text?: string; hx?: Record<string, string> }

export function startDialogs(): void {
  const context = (event: Event) => (event as CustomEvent<{ ctx: HtmxContext }>).detail.ctx;
  document.addEventListener("htmx:after:swap", event => { const ctx = context(event); if (ctx.target?.id === "dialog" && ctx.text?.trim()) openDialog(); });
  document.addEventListener("htmx:after:request", event => {
    const ctx = context(event), status = ctx.response?.status ?? 0;
    if (status >= 200 && status < 300 && ctx.sourceElement.closest("#dialog") && !ctx.text?.trim()) { box().returnValue = "done"; box().close("done"); }
    if (status >= 200 && status < 300 && ctx.sourceElement.matches("form.composer")) (ctx.sourceElement as HTMLFormElement).reset();
    if (status >= 500 || (status >= 400 && status !== 422 && !ctx.hx?.trigger)) toast({ text: text(status === 403 ? "forbidden" : "failed"), tone: "error" });
    if (status >= 400 && status !== 422) event.preventDefault();
  });
  document.addEventListener("htmx:error", () => toast({ text: text("offline"), tone: "error" }));
  document.addEventListener("htmx:confirm", event => {
    const detail = (event as CustomEvent<{ ctx: HtmxContext; issueRequest(): void; dropRequest(): void }>).detail;
    event.preventDefault();
    void confirm(detail.ctx.confirm!, detail.ctx.sourceElement.textContent?.trim()).then(yes => (yes ? detail.issueRequest() : detail.dropRequest()));
  });
  document.addEventListener("dialog:close", () => box().close("done"));
  document.addEventListener("refresh", () => location.reload());
  document.addEventListener("click", event => {
    const barred = closest(event, "[aria-disabled=true]");
    if (barred) {
      event.preventDefault();
      event.stopImmediatePropagation();
      const why = document.getElementById(barred.getAttribute("aria-describedby") ?? "")?.textContent ?? barred.title;
      if (why) toast({ text: why, tone: "error" });
      return;
    }
    const closer = closest(event, "[data-close]");
    if (closer) { event.preventDefault(); closer.closest("dialog")?.close(closer.dataset.close || ""); return; }
    if (event.target instanceof HTMLDialogElement && !event.target.matches("#dialog:has(form)")) event.target.close();
  }, true);
}

