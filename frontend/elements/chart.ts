/** A real chart. ECharts is a chunk of its own, fetched when the first chart scrolls into view. */
import { $ } from "../dom";

export class Chart extends HTMLElement {
  #seen?: IntersectionObserver;
  #sized?: ResizeObserver;
  #chart?: { resize(): void; dispose(): void };

  connectedCallback(): void {
    const canvas = $(".echart", this);
    if (!canvas) return;
    this.#seen = new IntersectionObserver(entries => { if (entries.some(entry => entry.isIntersecting)) { this.#seen!.disconnect(); void this.#draw(); } }, { rootMargin: "200px" });
    this.#seen.observe(canvas);
    document.addEventListener("themechange", this.#again);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", this.#again);
  }

  disconnectedCallback(): void {
    this.#seen?.disconnect();
    this.#sized?.disconnect();
    this.#chart?.dispose();
    document.removeEventListener("themechange", this.#again);
    matchMedia("(prefers-color-scheme: dark)").removeEventListener("change", this.#again);
  }

  #again = (): void => { if (this.#chart) { this.#chart.dispose(); this.#sized?.disconnect(); void this.#draw(); } };

  async #draw(): Promise<void> {
    const { draw } = await import("../charts");
    const canvas = $(".echart", this)!, data = JSON.parse($("script[type='application/json']", this)!.textContent!);
    if (!this.isConnected) return;
    this.#chart = draw(canvas, data, this.dataset);
    this.#sized = new ResizeObserver(() => this.#chart?.resize());
    this.#sized.observe(canvas);
    const button = $<HTMLButtonElement>("[data-png]", this);
    if (button) { button.hidden = false; button.onclick = () => void picture(canvas, `${this.dataset.label ?? "chart"}.png`); }
  }
}

/** The drawing as a PNG of twice its size, on the page's own ground. A data: image is all that the CSP lets in, and all that is needed. */
async function picture(canvas: Element, name: string): Promise<void> {
  const svg = $("svg", canvas);
  if (!svg) return;
  const box = svg.getBoundingClientRect(), image = new Image(), sheet = document.createElement("canvas");
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(svg))}`;
  await image.decode();
  sheet.width = box.width * 2;
  sheet.height = box.height * 2;
  const pen = sheet.getContext("2d")!;
  pen.fillStyle = getComputedStyle(canvas.closest(".panel") ?? document.body).backgroundColor;
  pen.fillRect(0, 0, sheet.width, sheet.height);
  pen.drawImage(image, 0, 0, sheet.width, sheet.height);
  const link = document.createElement("a");
  link.download = name;
  link.href = sheet.toDataURL("image/png");
  link.click();
}
