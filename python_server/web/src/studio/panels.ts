/** The panels in which settings are made; each shows the store and writes to it. */
import { h } from "../player/dom";
import { choice, section, slider, type Slider } from "./fields";
import type { Group, Store } from "./settings";

const RATES = ["24/1", "25/1", "30000/1001", "30/1", "50/1", "60000/1001", "60/1", "120/1"];
const SOLVERS: Record<string, string> = { bvls: "exact", admm: "NVIDIA's four steps" };
const TITLES: Record<string, string> = { sound: "Sound", face: "Face", mouth: "Mouth", eyes: "Eyes", tongue: "Tongue", teeth: "Teeth" };

/** Pack, identity, solver, frame rate: what a plain NIM cannot be asked for. */
export function enginePanel(store: Store): HTMLElement {
  const { about } = store;
  const where = about.server ? `Server ${about.server}${about.plain_nim ? ", a NIM" : ""}` : "This machine";
  if (about.plain_nim) {
    return section("Engine", false, h("p", { class: "quiet" }, `${where}: pack, solver and frame rate are the server's own.`));
  }
  const pack = choice("Pack", about.packs.map(({ id, title }) => [id, title]), (id) => store.set({ pack: id, identity: null }));
  const identity = choice("Identity", [], (name) => store.set({ identity: name }));
  const solver = choice("Solver", [["", "the server's"], ...about.solvers.map((s) => [s, SOLVERS[s] ?? s] as const)], (s) => store.set({ solver: s }));
  const rate = choice("Frame rate", RATES.map((r) => [r, `${Number((Number(r.split("/")[0]) / Number(r.split("/")[1])).toFixed(2))} fps`]), (r) => store.set({ frame_rate: r }));
  follow(store, () => {
    const { settings } = store;
    const names = store.pack?.identities ?? [];
    identity.select.replaceChildren(...names.map((name) => h("option", { value: name }, name)));
    identity.element.hidden = names.length < 2;
    if (!RATES.includes(settings.frame_rate)) rate.select.append(h("option", { value: settings.frame_rate }, settings.frame_rate));
    pack.select.value = settings.pack;
    identity.select.value = settings.identity ?? names[0] ?? "";
    solver.select.value = settings.solver;
    rate.select.value = settings.frame_rate;
  });
  return section("Engine", true, h("p", { class: "quiet" }, where), pack.element, identity.element, rate.element, solver.element);
}

export function emotionPanel(store: Store): HTMLElement {
  const automatic = h("input", { type: "checkbox" });
  automatic.addEventListener("change", () => store.set({ emotion: automatic.checked ? "auto" : "given" }));
  const label = h("label", { class: "check" }, automatic, "Automatic: heard in the voice; the sliders are preferred emotions");
  label.hidden = !store.about.automatic_emotion;
  follow(store, () => (automatic.checked = store.settings.emotion === "auto"));
  return section("Emotion", true, label, ...entries(store, "emotions", store.about.emotions.map((name) => ({ name, low: 0, high: 1, unset: () => 0 }))));
}

export function facePanel(store: Store): HTMLElement {
  const groups = [...new Set(store.about.parameters.map(({ group }) => group))];
  const rows = groups.flatMap((group) => {
    const parameters = store.about.parameters.filter((parameter) => parameter.group === group);
    const sliders = entries(store, "parameters", parameters.map(({ name, low, high, unit, default: fallback }) => ({
      name, low, high, unit, unset: () => store.pack?.parameters[name] ?? fallback,
    })));
    return [h("h3", {}, TITLES[group] ?? group), ...sliders];
  });
  return section("Face parameters", false, ...rows);
}

/** Gain and offset of every blend shape. */
export function shapesPanel(store: Store): HTMLElement {
  const filter = h("input", { type: "search", placeholder: "Find a blend shape", "aria-label": "Find a blend shape" });
  const clamp = h("input", { type: "checkbox" });
  clamp.addEventListener("change", () => store.set({ clamp: clamp.checked }));
  const gains = entries(store, "multipliers", store.about.shapes.map((name) => ({ name, label: `${name} ×`, low: 0, high: 3, unset: () => 1 })));
  const offsets = entries(store, "offsets", store.about.shapes.map((name) => ({ name, label: `${name} +`, low: -1, high: 1, unset: () => 0 })));
  const list = h("div", { class: "shapes" }, ...store.about.shapes.map((_, k) => h("div", {}, gains[k]!, offsets[k]!)));
  filter.addEventListener("input", () => {
    const wanted = filter.value.trim().toLowerCase();
    [...list.children].forEach((row, k) => ((row as HTMLElement).hidden = !store.about.shapes[k]!.toLowerCase().includes(wanted)));
  });
  follow(store, () => (clamp.checked = store.settings.clamp));
  return section("Blend shapes: gain and offset", false, h("label", { class: "check" }, clamp, "Keep weights within 0 to 1"), filter, list);
}

export function mappingPanel(store: Store): HTMLElement {
  const table = choice("Curves of", [["", "blend shapes (no mapping)"], ...store.about.tables.map(({ id, title }) => [id, title] as const)], (id) => store.set({ mapping: id || null }));
  follow(store, () => (table.select.value = store.settings.mapping ?? ""));
  return section("Mapping", false, table.element, h("p", { class: "quiet" }, "The plot shows the rig's curves, and tables of curves are saved with them. The face here goes on by blend shapes."));
}

interface Entry {
  readonly name: string;
  readonly label?: string;
  readonly low: number;
  readonly high: number;
  readonly unit?: string;
  unset(): number;
}

function entries(store: Store, group: Group, wanted: readonly Entry[]): HTMLElement[] {
  const made = wanted.map((entry): [Entry, Slider] => [entry, slider({
    label: entry.label ?? entry.name, low: entry.low, high: entry.high, ...(entry.unit ? { unit: entry.unit } : {}),
    changed: (value) => store.setEntry(group, entry.name, value, entry.unset()),
    reset: () => store.setEntry(group, entry.name, entry.unset(), entry.unset()),
  })]);
  follow(store, () => {
    const set = store.settings[group];
    for (const [entry, field] of made) field.show(set[entry.name] ?? entry.unset(), entry.unset());
  });
  return made.map(([, field]) => field.element);
}

function follow(store: Store, show: () => void): void {
  store.addEventListener("change", show);
  show();
}
