/** The list of all curves: which are plotted, and their values at the cursor. */
import { h } from "./dom";

/** Colours that stay apart on light and dark ground. */
export const COLOURS = ["#3b82f6", "#f97316", "#10b981", "#e0409a", "#d0a000", "#8b5cf6", "#ef4444", "#06a5c0", "#7aa52c", "#b07050"];

interface Row {
  box: HTMLInputElement;
  bar: HTMLElement;
  value: HTMLElement;
  element: HTMLElement;
}

export class Chooser {
  readonly element: HTMLElement;
  private readonly rows: Row[];
  private colours = new Map<string, string>();

  constructor(readonly names: readonly string[], chosen: readonly string[], private readonly changed: () => void) {
    this.rows = names.map((name) => this.row(name, chosen.includes(name)));
    const filter = h("input", { type: "search", placeholder: "Find a curve", "aria-label": "Find a curve" });
    filter.addEventListener("input", () => {
      const wanted = filter.value.trim().toLowerCase();
      this.rows.forEach(({ element }, k) => (element.hidden = !names[k]!.toLowerCase().includes(wanted)));
    });
    const none = h("button", { type: "button", onclick: () => this.choose([]) }, "None");
    const lively = h("button", { type: "button", onclick: () => this.choose(chosen) }, "Liveliest");
    this.element = h("div", { class: "chooser" }, h("div", { class: "row" }, filter, lively, none), h("div", { class: "list" }, ...this.rows.map((r) => r.element)));
    this.recolour();
  }

  /** Chosen names with their colours, in order. */
  get chosen(): { name: string; colour: string }[] {
    return [...this.colours].map(([name, colour]) => ({ name, colour }));
  }

  choose(names: readonly string[]): void {
    this.rows.forEach(({ box }, k) => (box.checked = names.includes(this.names[k]!)));
    this.recolour();
    this.changed();
  }

  /** Shows values, in the order of the names. */
  show(values: ArrayLike<number>): void {
    this.rows.forEach(({ bar, value }, k) => {
      const v = values[k] ?? 0;
      const text = v.toFixed(3);
      if (value.textContent === text) return;
      value.textContent = text;
      bar.style.transform = `scaleX(${Math.min(Math.max(v, 0), 1).toFixed(3)})`;
    });
  }

  private row(name: string, on: boolean): Row {
    const box = h("input", { type: "checkbox" });
    box.checked = on;
    box.addEventListener("change", () => {
      this.recolour();
      this.changed();
    });
    const bar = h("span", { class: "bar" });
    const value = h("output", {});
    return { box, bar, value, element: h("label", {}, box, h("span", { class: "name" }, name), h("span", { class: "meter" }, bar), value) };
  }

  /** A chosen curve keeps its colour; a new one takes the first that is free. */
  private recolour(): void {
    const kept = new Map<string, string>();
    const on = this.names.filter((_, k) => this.rows[k]!.box.checked);
    for (const name of on) if (this.colours.has(name)) kept.set(name, this.colours.get(name)!);
    const taken = new Set(kept.values());
    on.forEach((name, i) => {
      const colour = kept.get(name) ?? COLOURS.find((c) => !taken.has(c)) ?? COLOURS[i % COLOURS.length]!;
      kept.set(name, colour);
      taken.add(colour);
    });
    this.colours = new Map(on.map((name) => [name, kept.get(name)!]));
    this.rows.forEach(({ bar, box, element }, k) => {
      element.classList.toggle("chosen", box.checked);
      bar.style.background = box.style.accentColor = this.colours.get(this.names[k]!) ?? "";
    });
  }
}
