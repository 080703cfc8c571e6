/** A scenario: command lines, and what the engine makes of them. It decides nothing itself. */
import { type ContactView, Engine, type Explanation, type SenderView, type WalletView } from "cpc-engine";

export type Language = "pt-BR" | "en";

/** A command line as it was parsed, for what is shown of it. */
export interface ParsedLine {
  op: string;
  tag?: string;
  phone?: string;
  id?: string;
  dispatch?: number;
  campaign?: string;
  senders?: { id: string }[];
  messages?: { phone?: string; specialistCode?: string; clientId?: string }[];
}

/** Any outcome, by the members that are shown. */
export interface Outcome {
  status: string;
  code: number;
  phone?: string;
  reason?: string;
  dispatch?: number;
  sender?: string;
  sendAt?: number;
  stage?: number;
  retryAt?: number;
  blockedUntil?: number;
}

export interface Refusal {
  error: string;
  message: string;
  field?: string;
}

/** A line that was carried out. */
export interface Step {
  text: string;
  line: ParsedLine;
  answer: string;
  /** When it took effect. */
  at: number;
  outcomes: Outcome[];
  refusal?: Refusal;
  /** Every contact known by then, as the engine sees it right after. */
  contacts: Map<string, ContactView>;
}

/** The steps carried out so far, and the engine's state after them. */
export interface Run {
  steps: Step[];
  now: number;
  wallets: WalletView[];
  deadlines: { followUp?: number; expiry?: number };
  /** Every contact's key and its phone, as it was first posted. */
  phones: Map<string, string>;
  /** The contact key of each phone, in every form in which it was written. */
  keys: Map<string, string>;
}

/** The first instant of an empty scenario: Monday 2026-11-23, 09:00 in Brasília. */
export const START = Date.parse("2026-11-23T09:00:00-03:00");

/** Carries out lines, one after the other, on a new engine. */
export function run(lines: readonly string[], language: Language): Run {
  const engine = new Engine({ language });
  try {
    const keys = new Map<string, string>();
    const tags = new Set<string>();
    const steps = lines.map((text) => step(engine, text, keys, tags));
    const phones = new Map<string, string>();
    for (const [phone, key] of keys) if (!phones.has(key)) phones.set(key, phone);
    const now = engine.clock ?? START;
    const { followUp, expiry } = engine.execute({ op: "deadline", at: now });
    return {
      steps,
      now,
      phones,
      keys,
      wallets: [...tags].flatMap((tag) => walletOf(engine, tag, now)),
      deadlines: { ...(followUp !== undefined && { followUp }), ...(expiry !== undefined && { expiry }) },
    };
  } finally {
    engine.free();
  }
}

function step(engine: Engine, text: string, keys: Map<string, string>, tags: Set<string>): Step {
  const answer = engine.executeLine(text);
  const { outcomes = [], ...rest } = JSON.parse(answer) as { outcomes?: Outcome[] } & Partial<Refusal>;
  const line = parse(text);
  const at = engine.clock ?? START;
  if (line.op === "wallet" && line.tag) tags.add(line.tag);
  if (rest.error === undefined) {
    for (const phone of mentioned(line, outcomes)) remember(engine, phone, at, keys);
  }
  const contacts = new Map([...keys].map(([phone, key]) => [key, engine.contact({ at, phone })]));
  const refusal = rest.error === undefined ? {} : { refusal: rest as Refusal };
  return { text, line, answer, at, outcomes, contacts, ...refusal };
}

function parse(text: string): ParsedLine {
  try {
    return JSON.parse(text) as ParsedLine;
  } catch {
    return { op: "?" };
  }
}

function mentioned(line: ParsedLine, outcomes: Outcome[]): string[] {
  const posted = outcomes.map((outcome) => outcome.phone);
  return [line.phone, ...posted].filter((phone): phone is string => phone !== undefined);
}

function remember(engine: Engine, phone: string, at: number, keys: Map<string, string>): void {
  try {
    keys.set(phone, engine.contact({ at, phone }).key);
  } catch {
    // Not a phone: the outcome says so.
  }
}

function walletOf(engine: Engine, tag: string, at: number): WalletView[] {
  try {
    return [engine.execute({ op: "wallet", at, tag }).wallet];
  } catch {
    // It was removed again.
    return [];
  }
}

/** Asks an engine, after these lines, why a contact may or may not be written to. */
export function explain(
  lines: readonly string[],
  language: Language,
  question: { phone: string; tag: string; specialistCode: string },
): Explanation | Refusal {
  const engine = new Engine({ language });
  try {
    for (const line of lines) engine.executeLine(line);
    return engine.explain({ ...question, at: engine.clock ?? START });
  } catch (error) {
    return error as Refusal & Error & { error: string };
  } finally {
    engine.free();
  }
}

/** The engine's answer to one more line, which does not become part of the scenario. */
export function attempt(lines: readonly string[], line: string): Refusal | undefined {
  const engine = new Engine();
  try {
    for (const before of lines) engine.executeLine(before);
    const answer = JSON.parse(engine.executeLine(line)) as Partial<Refusal>;
    return answer.error === undefined ? undefined : (answer as Refusal);
  } finally {
    engine.free();
  }
}

/** One line of JSON from a text of many: white space in JSON means nothing, and texts in it have no line ends. */
export function oneLine(json: string): string {
  return json.trim().replace(/\s*[\r\n]\s*/g, " ").replaceAll("\t", " ");
}

/** A massivocpc body as a command line: the same text, so that its numbers keep all of their digits. */
export function dispatchLine(body: string, at: number): string {
  const text = oneLine(body);
  if (!text.startsWith("{")) return text;
  const members = text.slice(1).trimStart();
  return `{"op":"dispatch","at":${at}${members.startsWith("}") ? "" : ","}${members}`;
}

/** A sender whose limit is reached. */
export function exhausted(sender: SenderView): boolean {
  return sender.dailyLimit !== undefined && sender.usage >= sender.dailyLimit;
}
