/** The few things that every element needs: look up, say aloud, translate, talk to the server. */
import htmx from "htmx.org/dist/htmx.esm.js";

export const $ = <T extends Element = HTMLElement>(selector: string, root: ParentNode = document) => root.querySelector<T>(selector);
export const $$ = <T extends Element = HTMLElement>(selector: string, root: ParentNode = document) => [...root.querySelectorAll<T>(selector)];
export const meta = (name: string) => $<HTMLMetaElement>(`meta[name="${name}"]`)?.content ?? "";
export const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
export const closest = <T extends Element = HTMLElement>(event: Event, selector: string) => (event.target as Element | null)?.closest?.<T>(selector) ?? null;

const texts: Record<string, string> = JSON.parse($("#i18n")?.textContent ?? "{}");
/** A text from the page's JSON block, with {name} filled in. */
export const text = (key: string, values: Record<string, string> = {}) => (texts[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

export function icon(name: string): SVGSVGElement {
  const box = document.createElement("template");
  box.innerHTML = `<svg class="icon" aria-hidden="true"><use href="${meta("icons")}#${name}"></use></svg>`;
  return box.content.firstElementChild as SVGSVGElement;
}

/** Announce to screen readers without moving the focus. */
export function say(words: string): void {
  const live = $("#live");
  if (!live) return;
  live.textContent = "";
  setTimeout(() => (live.textContent = words), 30);
}

export const announceEvents = (header: string | null, source: Element = document.body) => {
  if (!header) return;
  const events: Record<string, unknown> = header.trim().startsWith("{") ? JSON.parse(header) : Object.fromEntries(header.split(",").map(name => [name.trim(), {}]));
  for (const [name, detail] of Object.entries(events)) source.dispatchEvent(new CustomEvent(name, { detail, bubbles: true }));
};

export interface Answer { ok: boolean; status: number; body: string }

/** POST a form, swap what comes back out of band, tell the events in HX-Trigger. Never throws. */
export async function post(url: string, values: Record<string, string>): Promise<Answer> {
  try {
    const response = await fetch(url, { method: "POST", body: new URLSearchParams(values), headers: { "X-CSRFToken": meta("csrf"), "HX-Request": "true", "HX-Current-URL": location.href } });
    const body = await response.text();
    const redirect = response.headers.get("HX-Redirect");
    if (redirect) location.href = redirect;
    else if (response.headers.get("HX-Refresh") === "true") location.reload();
    else if (response.ok && body.trim()) await htmx.swap({ sourceElement: document.body, target: document.body, text: body, swap: "none" } as never);
    announceEvents(response.headers.get("HX-Trigger"));
    return { ok: response.ok, status: response.status, body };
  } catch {
    return { ok: false, status: 0, body: "" };
  }
}
