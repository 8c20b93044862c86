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
  }
}
