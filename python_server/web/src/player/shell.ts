/** What the page around a player has: theme, help, and keys. */
import { h } from "./dom";

const KEYS: [string, string][] = [
  ["space, K", "play or pause"],
  ["← →", "one frame back or on; with shift ten"],
  ["home, end", "first, last frame"],
  ["+ −", "faster, slower"],
  ["Z, shift Z", "closer, wider time axis"],
  ["W A S D, Q E", "turn the view, nearer, farther"],
  ["V", "view from the front"],
  ["B", "blink and gaze on or off"],
  ["T", "light or dark"],
  ["?", "this help"],
];

export function dark(): boolean {
  return document.documentElement.dataset.theme === "dark";
}

/** Takes the system's choice of light or dark at the start. */
export function startTheme(): void {
  setTheme(matchMedia("(prefers-color-scheme: dark)").matches);
}

export function setTheme(on: boolean): void {
  document.documentElement.dataset.theme = on ? "dark" : "light";
}

export function helpDialog(): HTMLDialogElement {
  const rows = KEYS.flatMap(([key, meaning]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, meaning)]);
  const close = h("button", { type: "button" }, "Close");
  const dialog = h("dialog", { "aria-label": "Keys" }, h("dl", {}, ...rows), h("p", { class: "quiet" }, "Drag the face to turn it, drag over the curves to scrub, wheel to zoom."), close);
  close.addEventListener("click", () => dialog.close());
  return dialog;
}

/** Whether a key press belongs to a field that is being edited. */
export function editing(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement;
  if (event.ctrlKey || event.metaKey || event.altKey) return true;
  if (target instanceof HTMLInputElement) return !["checkbox", "button"].includes(target.type) || event.key === " ";
  return target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement
    || (target instanceof HTMLButtonElement && [" ", "Enter"].includes(event.key));
}
