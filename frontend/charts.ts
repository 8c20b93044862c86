/**
 * The charts that need a library. One neutral description serves all: {kind: "bars" | "line" | "sankey", labels, series, nodes, links, unit, currency}.
 * Under our CSP a tooltip is built from elements and classes; a string with style attributes would be blocked.
 */
import * as echarts from "echarts/core";
import { BarChart, LineChart, SankeyChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { SVGRenderer } from "echarts/renderers";
import { calm } from "./dom";

echarts.use([BarChart, LineChart, SankeyChart, GridComponent, TooltipComponent, LegendComponent, AriaComponent, SVGRenderer]);

interface Series { name: string; hue?: string; values: (number | null)[]; kind?: "bar" | "line" | "step"; stack?: boolean; faint?: boolean; dashed?: boolean }
interface Chart { kind: "bars" | "line" | "sankey"; labels?: string[]; series?: Series[]; nodes?: { name: string; label?: string; hue?: string }[]; links?: { source: string; target: string; value: number }[]; currency?: string; unit?: string; urls?: Record<string, string> }

const probe = document.createElement("i");
probe.hidden = true;
document.body.append(probe);
const pixel = document.createElement("canvas").getContext("2d", { willReadFrequently: true })!;
/** A token's colour as the browser resolves it in the present theme. */
const token = (name: string): string => { probe.style.color = `var(--${name})`; pixel.fillStyle = getComputedStyle(probe).color; return pixel.fillStyle as string; };
const hue = (name = "accent") => token(["accent", "line-strong", "text"].includes(name) ? name : `${name}-solid`);

function tip(title: string, rows: [string, string][]): HTMLElement {
  const box = document.createElement("div"), head = document.createElement("div");
  box.className = "tip";
  head.textContent = title;
  box.append(head);
  for (const [label, value] of rows) {
    const row = document.createElement("div"), key = document.createElement("span"), number = document.createElement("b");
    key.textContent = label;
    number.textContent = value;
    row.append(key, number);
    box.append(row);
  }
  return box;
}

function numbers({ currency, unit }: Chart) {
  const locale = document.documentElement.lang;
  const money = currency ? { style: "currency" as const, currency, currencyDisplay: "narrowSymbol" as const } : {};
  const full = new Intl.NumberFormat(locale, { ...money, maximumFractionDigits: currency ? 0 : 1 });
  const short = new Intl.NumberFormat(locale, { ...money, notation: "compact", maximumFractionDigits: 1 });
  return { full: (n: number | null) => (n === null ? "–" : full.format(n) + (unit ? ` ${unit}` : "")), short: (n: number) => short.format(n) };
}

export function draw(element: HTMLElement, data: Chart, options: DOMStringMap) {
  const chart = echarts.init(element, null, { renderer: "svg" });
  const text = { color: token("text-2"), fontSize: 12, fontFamily: getComputedStyle(document.body).fontFamily };
  const { full, short } = numbers(data);
  const common = {
    textStyle: text, animation: !calm(), animationDuration: 500, aria: { enabled: true, label: { description: options.label } },
    tooltip: { className: "tip-wrap", backgroundColor: "transparent", borderWidth: 0, padding: 0, shadowBlur: 0, shadowColor: "transparent", extraCssText: "box-shadow:none", confine: true },
  };
  chart.setOption(data.kind === "sankey" ? sankey() : axes());
  chart.on("click", (point: { name?: string; dataIndex?: number }) => { const url = data.urls?.[point.name ?? ""] ?? (options.href && options.href + encodeURIComponent(point.name ?? "")); if (url) location.assign(url); });
  return chart;

  function sankey(): any {
    const label = (name: string) => data.nodes!.find(node => node.name === name)?.label ?? name;
    return { ...common,
      tooltip: { ...common.tooltip, formatter: (p: any) => p.dataType === "edge" ? tip(`${label(p.data.source)} → ${label(p.data.target)}`, [[data.unit ?? "", full(p.value)]]) : tip(label(p.name), [[data.unit ?? "", full(p.value)]]) },
      series: [{ type: "sankey", left: 4, right: 128, top: 6, bottom: 6, nodeWidth: 10, nodeGap: 10, draggable: false, emphasis: { focus: "adjacency" },
        label: { ...text, color: token("text"), formatter: (p: any) => `${label(p.name)}  {n|${full(p.value).replace(` ${data.unit}`, "")}}`, rich: { n: { color: token("text-3"), fontSize: 11 } } },
        lineStyle: { color: "target", opacity: .2, curveness: .5 }, itemStyle: { borderWidth: 0, borderRadius: 2 },
        data: data.nodes!.map(node => ({ name: node.name, itemStyle: { color: hue(node.hue ?? "slate") } })), links: data.links }] };
  }

  function axes(): any {
    const last = data.series!.map(s => s.stack !== false && s.kind !== "line" && s.kind !== "step").lastIndexOf(true);
    return { ...common, grid: { left: 4, right: 8, top: data.series!.length > 1 ? 34 : 10, bottom: 2, containLabel: true },
      legend: { show: data.series!.length > 1, type: "scroll", top: 0, left: 0, itemWidth: 10, itemHeight: 10, itemGap: 14, textStyle: text, icon: "roundRect" },
      tooltip: { ...common.tooltip, trigger: "axis", axisPointer: { type: data.kind === "bars" ? "shadow" : "line", shadowStyle: { color: token("hover"), opacity: .6 }, lineStyle: { color: token("line-strong") } }, formatter: (points: any[]) => tip(points[0].axisValueLabel, points.map(p => [p.seriesName, full(p.value ?? null)])) },
      xAxis: { type: "category", data: data.labels, boundaryGap: data.kind === "bars", axisLine: { lineStyle: { color: token("line-strong") } }, axisTick: { show: false }, axisLabel: text },
      yAxis: { type: "value", splitLine: { lineStyle: { color: token("line") } }, axisLabel: { ...text, color: token("text-3"), formatter: short } },
      series: data.series!.map((s, i) => s.kind === "line" || s.kind === "step" || data.kind === "line"
        ? { name: s.name, type: "line", step: s.kind === "step" ? "middle" : false, symbol: "none", smooth: s.kind !== "step" && .25, lineStyle: { color: hue(s.hue), width: s.kind === "step" ? 1.5 : 2, type: s.kind === "step" || s.dashed ? [4, 3] : "solid" }, itemStyle: { color: hue(s.hue) }, areaStyle: data.kind === "line" && !s.dashed && i === 0 ? { color: hue(s.hue), opacity: .1 } : undefined, data: s.values }
        : { name: s.name, type: "bar", stack: s.stack === false ? undefined : "all", barMaxWidth: 28, itemStyle: { color: hue(s.hue), opacity: s.faint ? .38 : 1, borderRadius: i === last || s.stack === false ? [3, 3, 0, 0] : 0, borderColor: token("surface"), borderWidth: s.stack === false ? 0 : 1 }, data: s.values }) };
  }
}
