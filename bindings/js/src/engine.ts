import type { AnswerOf, Applied, ContactView, Explanation, MassivocpcResponse, PreviewOutcome } from "./answers.js";
import type { Binding } from "./binding.js";
import * as check from "./check.js";
import { BaseEngine } from "./column-engine.js";
import type { Batch, Fault, Line, MassivocpcBody, Question, Reply, Report, Target } from "./commands.js";
import { CpcError, invalid, refusal } from "./error.js";
import * as glue from "./glue/cpc_bg.js";
import { type Instant, millis } from "./instant.js";
import * as json from "./json.js";
import { Loader, type WasmSource } from "./load.js";
import type { DispatchOutcome, FollowUpsOutcome, ReplyOutcome, ReportOutcome } from "./outcomes.js";
import type { Advice, WhatsappCommands, WhatsappEvent } from "./whatsapp.js";

const loader = new Loader<Binding>(glue, "./cpc_bg.js");

/** Loads the WebAssembly; the entries without `/slim` have done it. Further calls do nothing. */
export function initialize(source: WasmSource | Promise<WasmSource>): Promise<void> {
  return loader.initialize(source);
}

/** The same at once, from bytes or a compiled module. */
export function initializeSync(source: BufferSource | WebAssembly.Module): void {
  loader.initializeSync(source);
}

export interface EngineOptions {
  /** The language of texts for people: reasons and messages of responses; `pt-BR` by default. */
  language?: "pt-BR" | "en";
}

/** The massivocpc endpoint's response. */
export interface MassivocpcResult {
  /** The HTTP status. */
  readonly status: number;
  /** The response body, JSON to be sent as it is. */
  readonly body: string;
  /** The response body as an object. */
  json(): MassivocpcResponse;
}

/**
 * One tenant's engine: a deterministic state machine over contacts and senders, without clock, storage or network.
 *
 * Every command says when it happens. A command that is refused as a whole throws a `CpcError` and changes nothing;
 * an item that is refused is an outcome. Free an engine when done with it, with `free()` or `using`.
 */
export class Engine extends BaseEngine<Binding> {
  readonly #language: string;

  /** An empty engine with the default policy, which `execute({ op: "policy", … })` changes. */
  constructor(options?: EngineOptions);
  /** @internal */
  constructor(options: EngineOptions | undefined, snapshot: Uint8Array);
  constructor(options: EngineOptions = {}, snapshot?: Uint8Array) {
    check.object(options, "options");
    const language = options.language ?? "pt-BR";
    if (language !== "pt-BR" && language !== "en") {
      throw invalid("language", "pt-BR or en");
    }
    super(loader.binding(), snapshot);
    this.#language = language;
  }

  /** An engine that behaves exactly as the one the snapshot was taken of. */
  static restore(snapshot: Uint8Array, options?: EngineOptions): Engine {
    // Without a snapshot this would be a new engine.
    return new Engine(options, check.column(snapshot, Uint8Array, "snapshot", 0));
  }

  /** Answers the body of `POST /api/messages/massivocpc`. Never throws for what the body says. */
  massivocpc(
    body: string | MassivocpcBody,
    at: Instant,
    options: {
      /** `spec` says only what the document has; `full` by default. */
      profile?: "full" | "spec";
    } = {},
  ): MassivocpcResult {
    const text = typeof body === "string" ? body : json.line(body);
    const now = millis(at, "at");
    const profile = options.profile ?? "full";
    if (profile !== "full" && profile !== "spec") throw invalid("profile", "full or spec");
    const spec = profile === "spec";
    const answer = this.call((binding, handle) => binding.massivocpc(handle, text, now, spec, this.#language));
    const response = answer.slice(3);
    return {
      status: Number(answer.slice(0, 3)),
      body: response,
      json: () => JSON.parse(response) as MassivocpcResponse,
    };
  }

  /** Carries out one command line. The type of its answer follows from its `op`. */
  execute<const L extends Line>(line: L): AnswerOf<L> {
    return this.#answer(json.line(line)) as AnswerOf<L>;
  }

  /** The same with texts, as `cpc replay` does: a refused line is answered with `{"error":…}`, not thrown. */
  executeLine(line: string): string {
    const text = check.text(line, "line");
    return this.call((binding, handle) => binding.execute(handle, text, this.#language));
  }

  /** Dispatches a batch of messages: one outcome a message, in order. */
  dispatch(batch: Batch & { at: Instant }): Applied<DispatchOutcome[]> {
    return this.execute({ ...batch, op: "dispatch" });
  }

  /** What `dispatch` would answer. Changes nothing. */
  preview(batch: Batch & { at: Instant }): PreviewOutcome[] {
    return this.execute({ ...batch, op: "preview" }).outcomes;
  }

  /** Records a message from a contact. */
  reply(reply: Reply & { at: Instant }): Applied<[ReplyOutcome]> {
    return this.execute({ ...reply, op: "reply" });
  }

  /** Records a delivery report. */
  report(report: Report & { at: Instant }): Applied<[ReportOutcome]> {
    return this.execute({ ...report, op: "report" });
  }

  /** Sends due follow-ups, 100 at most unless `limit` says otherwise. */
  followUps(when: { at: Instant; limit?: number | null }): Applied<FollowUpsOutcome[]> {
    return this.execute({ ...when, op: "followUps" });
  }

  /**
   * The commands that an event of `whatsappEvents` leads to as the engine stands, or why it leads to none. Changes
   * nothing: carry each out with `execute`, all of them as one entry of the log if there is one, before the next event is
   * asked about.
   */
  whatsappCommands(event: WhatsappEvent, at: Instant): WhatsappCommands {
    const text = json.line(event);
    const now = millis(at, "at");
    const answer = this.call((binding, handle) => binding.whatsappCommands(handle, text, now));
    return JSON.parse(answer) as WhatsappCommands;
  }

  /** What is known of a contact, by phone or client id. */
  contact(target: Target & { at: Instant }): ContactView {
    return this.execute({ ...target, op: "contact" }).contact;
  }

  /** Which rule decides about a contact, from which facts, what would lift it, and why not each sender. */
  explain(question: Question & { at: Instant }): Explanation {
    return this.execute({ ...question, op: "explain" }).explanation;
  }

  #answer(line: string): object {
    const text = this.call((binding, handle) => binding.execute(handle, line, this.#language));
    const answer = JSON.parse(text) as { error?: string; message?: string; field?: string };
    if (answer.error !== undefined) throw new CpcError(answer.error, answer.message ?? "", answer.field);
    return answer;
  }
}

/**
 * Whether a message of a contact's asks not to be written to any more: the `optOut` of its reply. It does if the whole
 * of it is such a word, `parar` or `stop`; case, accents, punctuation and symbols do not matter.
 */
export function isOptOut(message: string): boolean {
  return loader.binding().isOptOut(check.text(message, "message"));
}

/**
 * Whose fault an error code of WhatsApp's is, for the report of a failed delivery: 131026 is `contact`, 131049 is
 * `request`, and a code that is not known is `ambiguous`.
 */
export function faultOfCode(code: number): Fault {
  return adviceOfCode(code).fault;
}

/** All that an error code of WhatsApp's means, and what `whatsappCommands` does about it. */
export function adviceOfCode(code: number): Advice {
  if (typeof code !== "number") throw invalid("code", "a number");
  const fits = Number.isInteger(code) && code >= 0 && code < 2 ** 32;
  // No code has this number: it means what all unknown ones do.
  return JSON.parse(loader.binding().adviceOfCode(fits ? code : 2 ** 32 - 1)) as Advice;
}

/**
 * Takes a notification of the WhatsApp Cloud API apart into events, for `whatsappCommands`: the body of its webhook, as
 * text or parsed. The webhook's signature is for the host to check, before.
 */
export function whatsappEvents(notification: string | object): WhatsappEvent[] {
  const body = typeof notification === "string" ? notification : json.line(notification);
  const binding = loader.binding();
  try {
    return JSON.parse(binding.whatsappEvents(body)) as WhatsappEvent[];
  } catch (thrown) {
    throw refusal(thrown);
  }
}
