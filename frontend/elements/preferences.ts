/** Theme, density, language: shown at once, saved for the person by the server, kept in a cookie for who is not signed in. */
import { $, closest, meta, post } from "../dom";

const root = document.documentElement;
const dark = () => root.dataset.theme === "dark" || (root.dataset.theme === "system" && matchMedia("(prefers-color-scheme: dark)").matches);

async function save(name: "theme" | "density" | "lang", value: string): Promise<void> {
  document.cookie = `${name === "lang" ? "django_language" : name}=${value};path=/;max-age=31536000;samesite=lax`;
  const url = meta("preferences");
  if (url) await post(url, { [name]: value });
}

export function apply(name: string, value: string): void {
  if (name === "theme") { root.dataset.theme = value; document.dispatchEvent(new Event("themechange")); void save("theme", value); }
  else if (name === "density") { root.dataset.density = value; void save("density", value); }
  else if (name === "lang") void save("lang", value).then(() => location.reload());
  document.querySelectorAll(`button[name="${name}"][role=menuitemradio]`).forEach(button => button.setAttribute("aria-checked", String((button as HTMLButtonElement).value === value)));
}

const NEXT_DENSITY: Record<string, string> = { default: "compact", compact: "roomy", roomy: "default" };

export const run: Record<string, () => void> = {
  palette: () => ($("ltc-palette") as HTMLElement & { open?(): void } | null)?.open?.(),
  theme: () => apply("theme", dark() ? "light" : "dark"),
  density: () => apply("density", NEXT_DENSITY[root.dataset.density || "default"] ?? "default"),
  lang: () => apply("lang", root.lang.startsWith("zh") ? "en" : "zh-hans"),
  help: () => $<HTMLDialogElement>("#keys")?.showModal(),
  print: () => window.print(),
};

export function startPreferences(): void {
  document.addEventListener("click", event => {
    const command = closest(event, "button[data-run]");
    if (command) { command.closest<HTMLElement>("[popover]")?.hidePopover(); run[command.dataset.run!]?.(); return; }
    const choice = closest<HTMLButtonElement>(event, "form[data-preferences] button[name]");
    if (choice) { event.preventDefault(); apply(choice.name, choice.value); }
  });
}
