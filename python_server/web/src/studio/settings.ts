/** What can be set, twice: settings A and B. */
import type { Changes } from "../../packages/a2fbridge-live/src/session";
import type { About, Pack } from "./api";

export interface Settings {
  pack: string;
  identity: string | null;
  solver: string;
  frame_rate: string;
  emotions: Record<string, number>;
  emotion: "given" | "auto";
  parameters: Record<string, number>;
  multipliers: Record<string, number>;
  offsets: Record<string, number>;
  clamp: boolean;
  mapping: string | null;
}

export type Side = "A" | "B";
export type Group = "emotions" | "parameters" | "multipliers" | "offsets";

/** Holds both settings; `change` says that the ones in use are others now. */
export class Store extends EventTarget {
  private readonly sides: Record<Side, Settings>;
  private now: Side = "A";

  constructor(readonly about: About) {
    super();
    this.sides = { A: this.defaults(), B: this.defaults() };
  }

  get side(): Side {
    return this.now;
  }

  get settings(): Settings {
    return this.sides[this.now];
  }

  get other(): Settings {
    return this.sides[this.now === "A" ? "B" : "A"];
  }

  /** The pack in use. */
  get pack(): Pack | undefined {
    return this.about.packs.find(({ id }) => id === this.settings.pack) ?? this.about.packs[0];
  }

  set(changes: Partial<Settings>): void {
    this.sides[this.now] = { ...this.settings, ...changes };
    this.changed();
  }

  /** Sets one entry of a group; a value equal to `unset` is left out. */
  setEntry(group: Group, name: string, value: number, unset: number): void {
    const entries = { ...this.settings[group], [name]: value };
    if (value === unset) delete entries[name];
    this.set({ [group]: entries });
  }

  use(side: Side): void {
    this.now = side;
    this.changed();
  }

  /** Makes the other settings equal to these. */
  copy(): void {
    this.sides[this.now === "A" ? "B" : "A"] = structuredClone(this.settings);
    this.changed();
  }

  defaults(): Settings {
    return {
      pack: this.about.packs[0]?.id ?? "", identity: null, solver: "", frame_rate: "30/1", emotions: {}, emotion: "given",
      parameters: {}, multipliers: {}, offsets: {}, clamp: false, mapping: null,
    };
  }

  private changed(): void {
    this.dispatchEvent(new Event("change"));
  }
}

/** The settings as the studio takes them: what is not chosen, or cannot be asked of a plain NIM, is left out. */
export function spoken(settings: Settings, plain: boolean): Settings {
  const unsaid = plain ? ["pack", "identity", "solver", "frame_rate"] : [];
  const kept = Object.entries(settings).filter(([key, value]) => value !== null && value !== "" && !unsaid.includes(key));
  return Object.fromEntries(kept) as unknown as Settings;
}

/** The settings as a live stream takes them. */
export function live(settings: Settings, plain: boolean): Changes {
  const { frame_rate, mapping: _, clamp, ...rest } = spoken(settings, plain);
  // Left out, clamping is as the server is set.
  return { ...rest, ...(frame_rate ? { frameRate: frame_rate } : {}), ...(clamp ? { clamp } : {}) } as Changes;
}
