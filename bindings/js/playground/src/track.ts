/** A contact's life as bars and marks: what the engine said after every step, put side by side. */
import type { ContactView } from "cpc-engine";
import type { Outcome, Run, Step } from "./scenario.js";

export type State = ContactView["state"];

/** A stretch of time in one state. */
export interface Bar {
  state: State;
  from: number;
  to: number;
  /** It has not happened yet: what will be if nothing else happens. */
  ahead?: true;
}

export type MarkKind = "dispatch" | "followUp" | "reply" | "refused" | "optOut" | "report" | "other";

/** Something that happened. */
export interface Mark {
  kind: MarkKind;
  at: number;
  step: number;
  outcome: Outcome;
}

export interface Track {
  key: string;
  phone: string;
  view: ContactView;
  bars: Bar[];
  marks: Mark[];
}

/** A track for every contact, in the order in which they came. */
export function tracks(run: Run): Track[] {
  const last = run.steps.at(-1);
  if (!last) return [];
  return [...run.phones].map(([key, phone]) => ({
    key,
    phone,
    view: last.contacts.get(key) ?? { key, state: "free" },
    bars: bars(run, key),
    marks: marks(run, key),
  }));
}

function bars(run: Run, key: string): Bar[] {
  const found: Bar[] = [];
  run.steps.forEach((step, index) => {
    const view = step.contacts.get(key);
    const next = run.steps[index + 1]?.at ?? run.now;
    if (view && view.state !== "free") stretch(found, view, step.at, next);
  });
  const view = run.steps.at(-1)?.contacts.get(key);
  if (view?.state === "blocked" && view.until !== undefined && view.until > run.now) {
    found.push({ state: "blocked", from: run.now, to: view.until, ahead: true });
  }
  return found;
}

/** The bars of one view until the next one; a view says itself until when it holds. */
function stretch(found: Bar[], view: ContactView, from: number, to: number): void {
  const end = view.state === "blocked" && view.until !== undefined ? Math.min(view.until, to) : to;
  add(found, { state: view.state, from, to: end });
  if (end < to) add(found, { state: "expired", from: end, to });
}

function add(found: Bar[], bar: Bar): void {
  const last = found.at(-1);
  if (last && last.state === bar.state && last.to === bar.from) {
    last.to = bar.to;
  } else if (bar.to > bar.from) {
    found.push(bar);
  }
}

const KINDS: Record<string, MarkKind> = {
  dispatch: "dispatch",
  followUps: "followUp",
  reply: "reply",
  report: "report",
  optOut: "optOut",
};

function marks(run: Run, key: string): Mark[] {
  return run.steps.flatMap((step, index) =>
    step.outcomes.filter((outcome) => keyOf(run, step, outcome) === key).flatMap((outcome) => {
      const kind = kindOf(step, outcome);
      return kind ? [{ kind, at: outcome.sendAt ?? step.at, step: index, outcome }] : [];
    }),
  );
}

function kindOf(step: Step, outcome: Outcome): MarkKind | undefined {
  const kind = KINDS[step.line.op];
  if (outcome.status === "opted_out" && kind === "reply") return "optOut";
  const sends = kind === "dispatch" || kind === "followUp";
  if (sends && outcome.status !== "accepted" && outcome.status !== "already_accepted") return "refused";
  return kind;
}

/** The contact of an outcome: found by the phone in the outcome or its line, or by the dispatch. */
function keyOf(run: Run, step: Step, outcome: Outcome): string | undefined {
  const phone = outcome.phone ?? step.line.phone;
  if (phone !== undefined) return run.keys.get(phone);
  const { dispatch } = step.line;
  if (dispatch === undefined) return undefined;
  const made = run.steps.flatMap((each) => each.outcomes).find((each) => each.dispatch === dispatch && each.phone);
  return made?.phone === undefined ? undefined : run.keys.get(made.phone);
}
