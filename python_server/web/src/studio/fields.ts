/** Form fields of the studio's panels. */
import { h } from "../player/dom";

export interface Slider {
  readonly element: HTMLElement;
  /** Shows a value and whether it differs from what holds when nothing is set. */
  show(value: number, unset: number): void;
}

export interface SliderOptions {
  readonly label: string;
  readonly low: number;
  readonly high: number;
  readonly unit?: string;
  readonly title?: string;
  changed(value: number): void;
  /** Called when the value is put back. */
  reset(): void;
}

/** A range with a number beside it that can be typed, and a button that puts it back. */
export function slider({ label, low, high, unit = "", title = "", changed, reset }: SliderOptions): Slider {
  const step = (high - low) / 200 || 1;
  const range = h("input", { type: "range", min: low, max: high, step, "aria-label": label });
  const number = h("input", { type: "number", min: low, max: high, step: "any", "aria-label": `${label}, number` });
  const back = h("button", { type: "button", class: "back", title: "Back to the default", "aria-label": `${label}: back to the default`, onclick: reset }, "↺");
  const say = (text: string) => {
    const value = Number(text);
    if (text !== "" && Number.isFinite(value)) changed(Math.min(Math.max(value, low), high));
  };
  range.addEventListener("input", () => say(range.value));
  number.addEventListener("change", () => say(number.value));
  const hint = title || `${low} to ${high} ${unit}`.trim();
  const element = h("div", { class: "slider", title: hint }, h("span", { class: "name" }, label, unit ? h("small", {}, ` ${unit}`) : ""), range, number, back);
  return {
    element,
    show(value, unset) {
      range.value = String(value);
      if (document.activeElement !== number) number.value = String(Number(value.toFixed(4)));
      const set = Math.abs(value - unset) > 1e-9;
      element.classList.toggle("set", set);
      back.disabled = !set;
    },
  };
}

/** A choice of texts; `options` are [value, text]. */
export function choice(label: string, options: readonly (readonly [string, string])[], changed: (value: string) => void): { element: HTMLElement; select: HTMLSelectElement } {
  const select = h("select", { "aria-label": label }, ...options.map(([value, text]) => h("option", { value }, text)));
  select.addEventListener("change", () => changed(select.value));
  return { element: h("label", { class: "choice" }, h("span", {}, label), select), select };
}

/** A part of the panel that folds. */
export function section(title: string, open: boolean, ...children: (Node | string)[]): HTMLDetailsElement {
  return h("details", open ? { open: true } : {}, h("summary", {}, title), h("div", { class: "body" }, ...children));
}
