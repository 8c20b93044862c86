/** Rows of a formset: add a line from the template, mark a line as deleted. */
import { $, $$, closest } from "../dom";

export function startLines(): void {
  document.addEventListener("click", event => {
    const adder = closest(event, "[data-add-line]"), remover = closest(event, "[data-remove-line]");
    if (adder) add(adder.dataset.addLine!);
    else if (remover) remove(remover.closest<HTMLElement>("[data-line]"));
  });
}

function add(prefix: string): void {
  const total = $<HTMLInputElement>(`[name="${prefix}-TOTAL_FORMS"]`), shape = $<HTMLTemplateElement>(`#${prefix}-shape`), list = $(`#${prefix}-lines`);
  if (!total || !shape || !list) return;
  const row = document.createElement("template");
  row.innerHTML = shape.innerHTML.replaceAll("__prefix__", total.value);
  total.value = String(Number(total.value) + 1);
  const line = row.content.firstElementChild!;
  list.append(row.content);
  $(":is(input:not([type=hidden]), select, textarea)", line)?.focus();
}

function remove(line: HTMLElement | null): void {
  if (!line) return;
  const mark = $<HTMLInputElement>("input[name$='-DELETE']", line);
  if (mark) { mark.checked = true; line.hidden = true; } else line.remove();
  ($$("[data-line]:not([hidden]) [data-remove-line]").at(-1) ?? $("[data-add-line]"))?.focus();
}
