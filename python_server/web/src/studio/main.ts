/** The studio's page. */
import { readHead } from "../head/model";
import { h, toggle } from "../player/dom";
import { Face } from "../player/face";
import { dark, editing, helpDialog, setTheme, startTheme } from "../player/shell";
import * as api from "./api";
import { section } from "./fields";
import { LiveFace } from "./live-face";
import { emotionPanel, enginePanel, facePanel, mappingPanel, shapesPanel } from "./panels";
import { type Side, Store, live, spoken } from "./settings";
import { type State, Workbench } from "./workbench";

class Studio {
  readonly store: Store;
  readonly face: Face;
  workbench: Workbench | undefined;
  microphone: LiveFace | undefined;
  private readonly alert = h("div", { class: "problem", role: "alert", hidden: true });
  private readonly status = h("span", { class: "quiet", role: "status" });
  /** Whether the face and the curves are what the settings ask for. */
  private readonly state = h("span", { class: "state", role: "status", "aria-label": "State of the clip" });
  private readonly level = h("meter", { min: 0, max: 1, title: "Loudness of the microphone", hidden: true });
  private readonly speak = h("button", { type: "button", title: "Speak and see the face answer" }, "● Microphone");
  private readonly plots = h("section", { class: "plots" });
  private readonly file = h("input", { type: "file", accept: "audio/*,.wav,.flac,.ogg,.mp3", hidden: true });
  private readonly sides: Record<Side, HTMLButtonElement>;

  constructor(private readonly root: HTMLElement, about: api.About, head: Awaited<ReturnType<typeof readHead>>) {
    this.store = new Store(about);
    const canvas = h("canvas", { tabindex: 0, "aria-label": "The talking head; W A S D turn it" });
    this.sides = { A: this.sideButton("A"), B: this.sideButton("B") };
    const life = toggle("Blink & gaze", "Blink, gaze and sway, laid over the animation (B)", true, (on) => (this.face.life = on));
    const front = h("button", { type: "button", title: "View from the front (V)", onclick: () => this.face.stage.home() }, "Front");
    const stage = h("section", { class: "face" }, canvas, this.state, h("div", { class: "tools row" }, life, front));
    const help = helpDialog();
    this.root.replaceChildren(h("main", { class: "studio" }, this.header(help), this.alert, stage, this.plots, this.panel()), help);
    this.face = new Face(canvas, head);
    this.plots.append(h("p", { class: "quiet empty" }, "Drop a recording anywhere, or speak into the microphone."));
    this.listen(life, help);
    this.showSide();
  }

  /** Animates a recording, or one of the studio's samples. */
  async open(name: string, content?: Blob): Promise<void> {
    const most = this.store.about.limits.upload_bytes;
    if (content && content.size > most) {
      return this.problem(new Error(`'${name}' has ${(content.size / 2 ** 20).toFixed(1)} MiB; this studio takes files up to ${(most / 2 ** 20).toFixed(0)} MiB`));
    }
    await this.trying(async () => {
      await this.hush();
      this.status.textContent = `Reading ${name} …`;
      const info = await api.bring(name, content);
      const events = { state: (state: State, text: string) => this.says(state, text), problem: (error: unknown) => this.problem(error) };
      this.workbench?.dispose();
      this.workbench = await Workbench.open(info, this.face, this.store, events);
      const { player } = this.workbench;
      if (player) this.plots.replaceChildren(player.transport, player.timeline.element, player.curveList);
      this.status.textContent = "";
    });
  }

  /** Listens to the microphone; a second call stops, and what was said becomes the recording. */
  async talk(): Promise<void> {
    if (this.microphone) return this.endTalk();
    await this.trying(async () => {
      this.workbench?.player?.pause();
      const events = {
        level: (value: number) => (this.level.value = value),
        delay: (seconds: number) => (this.status.textContent = `Live: the face answers after ${seconds.toFixed(2)} s`),
        warning: (text: string) => this.problem(new Error(text)),
        ended: (error: Error | null) => {
          if (error) this.problem(error);
          void this.endTalk();
        },
      };
      this.microphone = await LiveFace.start(this.face, live(this.store.settings, this.store.about.plain_nim), events);
      this.level.hidden = false;
      this.speak.textContent = "■ Stop";
    });
  }

  private async endTalk(): Promise<void> {
    const said = await this.hush();
    if (said && said.size > 8000) await this.open("microphone.wav", said);
  }

  private async hush(): Promise<Blob | undefined> {
    const { microphone } = this;
    this.microphone = undefined;
    this.level.hidden = true;
    this.speak.textContent = "● Microphone";
    return microphone?.stop();
  }

  private header(help: HTMLDialogElement): HTMLElement {
    const { samples } = this.store.about;
    this.speak.addEventListener("click", () => void this.talk());
    this.file.addEventListener("change", () => this.take(this.file.files));
    const compare = toggle("Plot both", "Plot the other settings' curves too, dashed", false, (on) => {
      if (this.workbench) this.workbench.compare = on;
    });
    return h(
      "header", { class: "row" }, h("h1", {}, "A2FBridge studio"), this.file,
      h("button", { type: "button", onclick: () => this.file.click() }, "Open a recording"),
      ...samples.map((name) => h("button", { type: "button", onclick: () => void this.open(name) }, `Sample “${name}”`)),
      this.speak, this.level, this.status, h("span", { class: "gap" }),
      h("div", { class: "row", role: "group", "aria-label": "Settings A and B" }, this.sides.A, this.sides.B,
        h("button", { type: "button", title: "Make the other settings equal to these", onclick: () => this.store.copy() }, "Copy to other"), compare),
      h("button", { type: "button", title: "Light or dark (T)", id: "theme", onclick: () => setTheme(!dark()) }, "◐"),
      h("button", { type: "button", title: "Keys (?)", onclick: () => help.showModal() }, "?"),
    );
  }

  private panel(): HTMLElement {
    const { store } = this;
    const reset = h("button", { type: "button", onclick: () => store.set(store.defaults()) }, "All back to the defaults");
    return h(
      "aside", { class: "panel", "aria-label": "Settings" },
      enginePanel(store), emotionPanel(store), facePanel(store), shapesPanel(store), mappingPanel(store),
      this.savePanel(), this.statusPanel(), reset,
    );
  }

  private savePanel(): HTMLElement {
    const { store } = this;
    const plain = store.about.plain_nim;
    const formats = store.about.formats.map(({ id, ending, title }) =>
      h("button", { type: "button", title, onclick: () => void this.export(id) }, `${title} ${ending}`));
    const yaml = h("button", { type: "button", onclick: () => void this.trying(() => api.save("/api/settings/yaml", spoken(store.settings, plain))) }, "Save settings (YAML)");
    const file = h("input", { type: "file", accept: ".yaml,.yml,.json", hidden: true });
    file.addEventListener("change", () => void this.trying(async () => {
      const [chosen] = file.files ?? [];
      file.value = "";
      if (!chosen) return;
      const { settings, ignored } = await api.readSettings(chosen);
      store.set({ ...store.defaults(), ...settings });
      if (ignored.length) this.problem(new Error(`Loaded. Of '${chosen.name}' this was ignored: ${ignored.join(", ")}`));
    }));
    const load = h("button", { type: "button", onclick: () => file.click() }, "Load settings");
    return section("Save", true, h("div", { class: "row formats" }, ...formats), h("div", { class: "row" }, yaml, load, file));
  }

  private statusPanel(): HTMLElement {
    const list = h("ul", { class: "checks" });
    const again = h("button", { type: "button" }, "Check");
    const run = () => this.trying(async () => {
      list.replaceChildren(h("li", {}, "…"));
      const found = await api.checks();
      list.replaceChildren(...found.map(({ name, ok, detail }) => h("li", { class: ok ? "good" : "bad" }, h("b", {}, `${ok ? "✓" : "✗"} ${name} `), detail)));
    });
    again.addEventListener("click", () => void run());
    return section("Is the server well?", false, again, list, h("p", { class: "quiet" }, `A2FBridge ${this.store.about.version}`));
  }

  private async export(format: string): Promise<void> {
    if (!this.workbench) return this.problem(new Error("There is no recording yet: open one, or speak and stop."));
    const { clip } = this.workbench.info;
    this.status.textContent = "Saving …";
    await this.trying(() => api.save(`/api/clips/${clip}/export?format=${format}`, spoken(this.store.settings, this.store.about.plain_nim)));
    this.status.textContent = "";
  }

  private sideButton(side: Side): HTMLButtonElement {
    return h("button", { type: "button", title: `Use settings ${side}`, onclick: () => this.store.use(side) }, side);
  }

  private showSide(): void {
    for (const side of ["A", "B"] as const) this.sides[side].setAttribute("aria-pressed", String(this.store.side === side));
  }

  private listen(life: HTMLButtonElement, help: HTMLDialogElement): void {
    this.store.addEventListener("change", () => {
      this.showSide();
      this.alert.hidden = true;
      this.workbench?.changed();
      this.microphone?.update(live(this.store.settings, this.store.about.plain_nim));
    });
    document.addEventListener("dragover", (event) => event.preventDefault());
    document.addEventListener("drop", (event) => {
      event.preventDefault();
      this.take(event.dataTransfer?.files);
    });
    new MutationObserver(() => this.workbench?.player?.timeline.redraw()).observe(document.documentElement, { attributeFilter: ["data-theme"] });
    document.addEventListener("keydown", (event) => {
      if (editing(event) || help.open) return;
      const keys: Record<string, () => void> = { b: () => life.click(), t: () => document.getElementById("theme")!.click(), "?": () => help.showModal() };
      const done = event.key in keys;
      keys[event.key]?.();
      if (done || this.face.stage.key(event.key) || this.workbench?.player?.key(event)) event.preventDefault();
    });
  }

  private take(files: FileList | null | undefined): void {
    const [file] = files ?? [];
    if (file) void this.open(file.name, file);
    this.file.value = "";
  }

  private says(state: State, text: string): void {
    this.state.dataset.state = state;
    this.state.textContent = text;
  }

  private async trying(work: () => Promise<void>): Promise<void> {
    this.alert.hidden = true;
    try {
      await work();
    } catch (error) {
      this.problem(error);
    }
  }

  private problem(error: unknown): void {
    this.status.textContent = "";
    this.alert.hidden = false;
    this.alert.replaceChildren(
      h("span", {}, error instanceof Error ? error.message : String(error)),
      h("button", { type: "button", "aria-label": "Close", onclick: () => (this.alert.hidden = true) }, "×"),
    );
  }
}

async function start(root: HTMLElement): Promise<void> {
  startTheme();
  const [about, head] = await Promise.all([api.about(), api.head().then(readHead)]);
  Object.assign(window, { a2fbridge: new Studio(root, about, head) });
}

const root = document.getElementById("studio-page")!;
start(root).catch((error: unknown) => {
  root.replaceChildren(h("p", { class: "problem", role: "alert" }, "The studio cannot start. ", String(error instanceof Error ? error.message : error)));
  console.error(error);
});
