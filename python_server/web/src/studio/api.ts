/** The studio's HTTP interface (docs/web.md). */
import { Clip } from "../player/clip";
import type { Settings } from "./settings";

export interface Parameter {
  readonly name: string;
  readonly default: number;
  readonly low: number;
  readonly high: number;
  readonly unit: string;
  readonly group: string;
}

export interface Pack {
  readonly id: string;
  readonly title: string;
  readonly identities: readonly string[];
  readonly look_ahead: number;
  readonly parameters: Readonly<Record<string, number>>;
}

export interface About {
  readonly version: string;
  readonly server: string | null;
  readonly plain_nim: boolean;
  readonly packs: readonly Pack[];
  readonly parameters: readonly Parameter[];
  readonly emotions: readonly string[];
  readonly automatic_emotion: boolean;
  readonly shapes: readonly string[];
  readonly solvers: readonly string[];
  readonly tables: readonly { readonly id: string; readonly title: string }[];
  readonly formats: readonly { readonly id: string; readonly ending: string; readonly title: string }[];
  readonly limits: { readonly upload_bytes: number; readonly clip_seconds: number };
  readonly samples: readonly string[];
}

export interface ClipInfo {
  readonly clip: string;
  readonly name: string;
  readonly seconds: number;
}

export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** A request that failed; its message is for the user. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(message: string, readonly status = 0) {
    super(message);
  }
}

/** The token that stands in the address, `#token=...`; it is taken out of what the browser shows. */
export const token = ((): string | undefined => {
  const found = new URLSearchParams(location.hash.slice(1)).get("token") ?? undefined;
  if (found !== undefined) history.replaceState(null, "", location.pathname);
  return found;
})();

export const about = async (): Promise<About> => (await ask("/api/about")).json() as Promise<About>;

export const checks = async (): Promise<Check[]> => ((await (await ask("/api/checks")).json()) as { checks: Check[] }).checks;

export const head = async (): Promise<Uint8Array> => new Uint8Array(await (await ask("/assets/head.npz")).arrayBuffer());

/** Brings a recording, or with a name alone a sample of the studio's. */
export async function bring(name: string, content?: Blob): Promise<ClipInfo> {
  const query = new URLSearchParams(content ? { name } : { sample: name });
  return (await ask(`/api/clips?${query}`, content ?? new Blob())).json() as Promise<ClipInfo>;
}

export const sound = async (clip: ClipInfo): Promise<Blob> => (await ask(`/api/clips/${clip.clip}/audio`)).blob();

/** The stream of frames of a clip. */
export async function animation(clip: ClipInfo, settings: Settings, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
  return (await ask(`/api/clips/${clip.clip}/animation`, JSON.stringify(settings), signal)).body!;
}

/** The face at a time of a clip, by itself; as a clip of one frame. */
export async function pose(clip: ClipInfo, settings: Settings, seconds: number): Promise<Clip> {
  const response = await ask(`/api/clips/${clip.clip}/pose?time=${seconds}`, JSON.stringify(settings));
  const { names, weights } = (await response.json()) as { names: string[]; weights: number[] };
  return new Clip(names, "a2f", [1, 1], new Float32Array(weights));
}

/** Saves a file that the studio makes. */
export async function save(path: string, body: unknown): Promise<void> {
  const response = await ask(path, JSON.stringify(body));
  const name = /filename="([^"]+)"/.exec(response.headers.get("Content-Disposition") ?? "")?.[1] ?? "animation";
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await response.blob());
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** The settings in a file, and the keys of it that say nothing to a studio. */
export async function readSettings(file: Blob): Promise<{ settings: Settings; ignored: string[] }> {
  const response = await ask("/api/settings/read", file);
  const ignored = JSON.parse(response.headers.get("a2fbridge-ignored") ?? "[]") as string[];
  return { settings: (await response.json()) as Settings, ignored };
}

async function ask(path: string, body?: string | Blob, signal?: AbortSignal): Promise<Response> {
  const headers: Record<string, string> = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  if (typeof body === "string") headers["Content-Type"] = "application/json";
  let response: Response;
  try {
    response = await fetch(path, { method: body === undefined ? "GET" : "POST", body: body ?? null, headers, signal: signal ?? null });
  } catch (error) {
    if ((error as Error).name === "AbortError") throw error;
    throw new ApiError("The studio does not answer: is it still running?");
  }
  if (!response.ok) throw new ApiError(await reason(response), response.status);
  return response;
}

async function reason(response: Response): Promise<string> {
  try {
    return ((await response.json()) as { error: { message: string } }).error.message;
  } catch {
    return `the studio answered ${response.status} ${response.statusText}`;
  }
}
