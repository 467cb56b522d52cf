/** The page that `a2fbridge animate -o OUT.html` writes: everything it shows lies in its own elements. */
import { readHead } from "../head/model";
import { Clip } from "../player/clip";
import { h, toggle } from "../player/dom";
import { Face } from "../player/face";
import { Player } from "../player/player";
import { dark, editing, helpDialog, setTheme, startTheme } from "../player/shell";

interface About {
  title: string;
  detail: string;
}

async function start(root: HTMLElement): Promise<void> {
  startTheme();
  const about = JSON.parse(embedded("about")!.textContent!) as About;
  const [head, clip] = await Promise.all([readHead(bytes("head")!), Clip.read(bytes("animation")!)]);
  const sound = bytes("sound");
  const canvas = h("canvas", { tabindex: 0, "aria-label": "The talking head; W A S D turn it" });
  const life = toggle("Blink & gaze", "Blink, gaze and sway, laid over the animation (B)", true, (on) => (face.life = on));
  const front = h("button", { type: "button", title: "View from the front (V)" }, "Front");
  const stage = h("section", { class: "face" }, canvas, h("div", { class: "tools row" }, life, front));
  const theme = h("button", { type: "button", title: "Light or dark (T)", onclick: () => setTheme(!dark()) }, "◐");
  const help = helpDialog();
  const save = h("a", { download: `${about.title}.npz`, title: "The animation as a NumPy archive" }, "NPZ");
  save.href = URL.createObjectURL(new Blob([bytes("animation")!], { type: "application/octet-stream" }));
  const header = h(
    "header", { class: "row" }, h("h1", {}, about.title), h("span", { class: "quiet" }, about.detail), h("span", { class: "gap" }),
    save, theme, h("button", { type: "button", title: "Keys (?)", onclick: () => help.showModal() }, "?"),
  );
  const plots = h("section", { class: "plots" });
  root.replaceChildren(h("main", { class: "viewer" }, header, stage, plots), help);
  const face = new Face(canvas, head);
  const player = new Player(clip, face, sound && new Blob([sound], { type: embedded("sound")!.dataset.type! }));
  plots.append(player.transport, player.timeline.element, player.curveList);
  front.addEventListener("click", () => face.stage.home());
  new MutationObserver(() => player.timeline.redraw()).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  document.addEventListener("keydown", (event) => {
    if (editing(event) || help.open) return;
    const keys: Record<string, () => void> = { b: () => life.click(), t: () => theme.click(), "?": () => help.showModal() };
    const done = event.key in keys;
    keys[event.key]?.();
    if (done || face.stage.key(event.key) || player.key(event)) event.preventDefault();
  });
  // For scripts, and for whoever opens the console.
  Object.assign(window, { a2fbridge: { player, face } });
}

function embedded(id: string): HTMLElement | null {
  return document.getElementById(`a2fbridge-${id}`);
}

function bytes(id: string): Uint8Array<ArrayBuffer> | undefined {
  const text = embedded(id)?.textContent?.trim();
  return text ? Uint8Array.from(atob(text), (c) => c.charCodeAt(0)) : undefined;
}

const root = document.getElementById("a2fbridge-page")!;
start(root).catch((error: unknown) => {
  const webgl = String(error).includes("WebGL");
  const text = webgl ? "This browser gives the page no WebGL 2, which draws the face." : "This page cannot show its animation.";
  root.replaceChildren(h("p", { class: "problem", role: "alert" }, text, h("br"), h("small", {}, String(error))));
  console.error(error);
});
