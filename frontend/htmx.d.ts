declare module "htmx.org/dist/htmx.esm.js" {
  const htmx: { swap(context: unknown): Promise<void>; ajax(verb: string, path: string, context: unknown): Promise<void>; process(element: Element): void; config: Record<string, unknown> };
  export default htmx;
}
declare module "sortablejs/modular/sortable.core.esm.js" {
  const Sortable: { create(element: HTMLElement, options: Record<string, unknown>): { destroy(): void } };
  export default Sortable;
}
