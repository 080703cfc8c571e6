import type { ColumnBinding } from "./binding.js";
import * as check from "./check.js";
import { CpcError, invalid, refusal } from "./error.js";
import { type Instant, millis } from "./instant.js";

/** In a column of senders: the row has none. */
export const NO_SENDER = 0xffff_ffff;

/** Bits of a column of templates: which of a message's templates are not blank. */
export const Template = { main: 1, retry: 2, last: 4 } as const;

/** Where outcomes go: arrays of yours with a place for every row. NaN is none in columns of numbers. */
export interface OutcomeColumns {
  /** Numbers of `Status`. */
  status: Uint8Array;
  dispatch?: Float64Array;
  /** For `senderId`; `NO_SENDER` is none. */
  sender?: Uint32Array;
  /** The number to send to, its digits as a number. */
  to?: Float64Array;
  sendAt?: Float64Array;
  blockedUntil?: Float64Array;
  retryAt?: Float64Array;
}

/** A batch as columns, a place a row. */
export interface ColumnBatch {
  at: Instant;
  campaign: string;
  idAccount?: string | null;
  /** The wallet. */
  tag: string;
  /** Digits as numbers: 15 digits fit exactly. What is no whole number is an `invalid_phone`. */
  phones: Float64Array;
  /** The operator of all rows, or of each. */
  specialistCode: string | readonly string[];
  /** Must be true; holds for all rows. */
  closeTicket: boolean;
  /** The messages' own numbers; NaN is none in a `Float64Array`. */
  idMessages?: Float64Array | BigUint64Array;
  clientIds?: readonly (string | null | undefined)[];
  contracts?: readonly (string | null | undefined)[];
  /** Which templates a row has, of `Template`; the main one alone by default. The texts stay with you. */
  templates?: Uint8Array;
  /** Accept all or none. */
  atomic?: boolean;
  out: OutcomeColumns;
}

/** Replies as columns; each is a command of its own. */
export interface ColumnReplies {
  at: Instant;
  phones: Float64Array;
  /** When each was received, in ms; `at` where it is NaN. */
  receivedAt?: Float64Array;
  out: { status: Uint8Array };
}

/** Where follow-ups go. There are at most as many as `status` has places. */
export interface ColumnFollowUps {
  at: Instant;
  out: OutcomeColumns & {
    /** The phone, as it was posted. */
    phone?: Float64Array;
    /** The dispatch that is followed up. */
    origin?: Float64Array;
    stage?: Uint8Array;
  };
}

/** A wallet, whole: what is not named goes back to its default. */
export interface ColumnWallet {
  at: Instant;
  tag: string;
  windowMs?: number | null;
  senders: readonly {
    id: string;
    weight?: number | null;
    dailyLimit?: number | null;
    perSecond?: number | null;
    burst?: number | null;
  }[];
}

/** What a command of columns led to. */
export interface Receipt {
  /** How many commands have been applied, this one included. */
  seq: number;
  /** The effective time: what a log stores. */
  at: number;
  /** How many rows there are. */
  rows: number;
  /** How many of them were accepted, now or before. */
  accepted: number;
}

/** Frees the engines of objects that were garbage-collected without `free()`. */
const forgotten = new FinalizationRegistry<{ binding: ColumnBinding; handle: number }>(({ binding, handle }) =>
  binding.release(handle),
);

/** What every engine can do: columns, snapshots, and being freed. */
export abstract class BaseEngine<B extends ColumnBinding> {
  readonly #binding: B;
  #handle: number | undefined;

  protected constructor(binding: B, snapshot?: Uint8Array) {
    this.#binding = binding;
    if (snapshot === undefined) {
      this.#handle = binding.create();
    } else {
      const bytes = check.column(snapshot, Uint8Array, "snapshot", 0);
      this.#handle = guarded(() => binding.restore(bytes));
    }
    forgotten.register(this, { binding, handle: this.#handle }, this);
  }

  /** The clock: the effective time of the last applied command, in ms; `undefined` before the first. */
  get clock(): number | undefined {
    return optional(this.call((binding, handle) => binding.standing(handle))[0]);
  }

  /** How many commands have been applied. */
  get seq(): number {
    return this.call((binding, handle) => binding.standing(handle))[1] ?? 0;
  }

  /** When something happens next by itself, in ms: call `followUps`, and `expire`, then. */
  nextDeadline(): number | undefined {
    return optional(this.call((binding, handle) => binding.standing(handle))[2]);
  }

  /** Creates a wallet, or replaces its settings and its set of senders. */
  wallet(wallet: ColumnWallet): Receipt {
    check.object(wallet, "wallet");
    const at = millis(wallet.at, "at");
    const tag = check.text(wallet.tag, "tag");
    const windowMs = check.optionalNumber(wallet.windowMs, "windowMs");
    if (!Array.isArray(wallet.senders)) throw invalid("senders", "an array");
    const numbers = new Float64Array(wallet.senders.length * 4);
    const ids = wallet.senders.map((sender, index) => {
      const path = `senders[${index}]`;
      check.object(sender, path);
      numbers[index * 4] = check.optionalNumber(sender.weight, `${path}.weight`);
      numbers[index * 4 + 1] = check.optionalNumber(sender.dailyLimit, `${path}.dailyLimit`);
      numbers[index * 4 + 2] = check.optionalNumber(sender.perSecond, `${path}.perSecond`);
      numbers[index * 4 + 3] = check.optionalNumber(sender.burst, `${path}.burst`);
      const id = check.joinable(check.text(sender.id, `${path}.id`), `${path}.id`);
      if (id === "") throw invalid(`${path}.id`, "a text that is not empty");
      return id;
    });
    const all = check.joined(ids);
    return receipt(this.call((binding, handle) => binding.wallet(handle, at, tag, windowMs, all, numbers)));
  }

  /** Dispatches a batch of columns, and writes what became of each row into your arrays. */
  dispatchColumns(batch: ColumnBatch): Receipt {
    check.object(batch, "batch");
    const at = millis(batch.at, "at");
    const head = check.joined([
      check.joinable(batch.campaign, "campaign"),
      check.joinable(batch.idAccount, "idAccount"),
      check.joinable(batch.tag, "tag"),
    ]);
    const phones = check.column(batch.phones, Float64Array, "phones", 0);
    const rows = phones.length;
    const operators = check.texts(batch.specialistCode, "specialistCode", rows);
    const clientIds = check.texts(batch.clientIds, "clientIds", rows);
    const contracts = check.texts(batch.contracts, "contracts", rows);
    const closeTicket = check.flag(batch.closeTicket, "closeTicket");
    const atomic = check.flag(batch.atomic, "atomic", false);
    const templates = check.optionalColumn(batch.templates, Uint8Array, "templates", rows);
    const ids = batch.idMessages;
    const [integers, numbers] = check.isColumn(ids, BigUint64Array)
      ? [ids, new Float64Array(0)]
      : [new BigUint64Array(0), check.optionalColumn(ids, Float64Array, "idMessages", rows)];
    const out = outcomeColumns(batch.out, rows);
    return receipt(
      this.call((binding, handle) =>
        binding.dispatchColumns(
          handle,
          at,
          head,
          phones,
          integers,
          numbers,
          templates,
          operators,
          clientIds,
          contracts,
          closeTicket,
          atomic,
          ...out,
        ),
      ),
    );
  }

  /** Records replies, in order: all of them, or none if a time is refused. */
  replyColumns(replies: ColumnReplies): Receipt {
    check.object(replies, "replies");
    const at = millis(replies.at, "at");
    const phones = check.column(replies.phones, Float64Array, "phones", 0);
    const received = check.optionalColumn(replies.receivedAt, Float64Array, "receivedAt", phones.length);
    check.object(replies.out, "out");
    const status = check.column(replies.out.status, Uint8Array, "out.status", phones.length);
    return receipt(this.call((binding, handle) => binding.replyColumns(handle, at, phones, received, status)));
  }

  /** Sends due follow-ups: `rows` of the receipt says how many. */
  followUpColumns(followUps: ColumnFollowUps): Receipt {
    check.object(followUps, "followUps");
    const at = millis(followUps.at, "at");
    check.object(followUps.out, "out");
    const rows = check.column(followUps.out.status, Uint8Array, "out.status", 0).length;
    const [status, ...cycle] = outcomeColumns(followUps.out, rows);
    const phone = check.optionalColumn(followUps.out.phone, Float64Array, "out.phone", rows);
    const origin = check.optionalColumn(followUps.out.origin, Float64Array, "out.origin", rows);
    const stage = check.optionalColumn(followUps.out.stage, Uint8Array, "out.stage", rows);
    return receipt(
      this.call((binding, handle) =>
        binding.followUpColumns(handle, at, status, phone, origin, stage, ...cycle),
      ),
    );
  }

  /** The id of a sender that a column named. Numbers are those of this engine, until it is restored. */
  senderId(number: number): string | undefined {
    const id = this.call((binding, handle) => binding.senderId(handle, number));
    return id === "" ? undefined : id;
  }

  /** The engine as bytes, the same on every platform. */
  snapshot(): Uint8Array {
    return this.call((binding, handle) => binding.snapshot(handle));
  }

  /** A fingerprint of what the engine will decide by: 32 hexadecimal digits, the same on every platform. */
  digest(): string {
    return this.call((binding, handle) => binding.digest(handle));
  }

  /** Frees the engine's memory. Later calls on it are refused; freeing it again does nothing. */
  free(): void {
    const handle = this.#handle;
    if (handle === undefined) return;
    this.#handle = undefined;
    forgotten.unregister(this);
    this.#binding.release(handle);
  }

  /** The same as `free`, for `using`. */
  [Symbol.dispose](): void {
    this.free();
  }

  /** Calls the module for this engine, and throws its refusals as `CpcError`. */
  protected call<R>(run: (binding: B, handle: number) => R): R {
    const handle = this.#handle;
    if (handle === undefined) throw new CpcError("freed", "the engine was freed");
    return guarded(() => run(this.#binding, handle));
  }
}

function guarded<R>(run: () => R): R {
  try {
    return run();
  } catch (thrown) {
    throw refusal(thrown);
  }
}

function optional(value: number | undefined): number | undefined {
  return value === undefined || Number.isNaN(value) ? undefined : value;
}

function receipt(numbers: Float64Array): Receipt {
  const [seq = 0, at = 0, rows = 0, accepted = 0] = numbers;
  return { seq, at, rows, accepted };
}

/** The columns of outcomes, in the order in which the module takes them. */
function outcomeColumns(
  out: OutcomeColumns,
  rows: number,
): [Uint8Array, Float64Array, Uint32Array, Float64Array, Float64Array, Float64Array, Float64Array] {
  check.object(out, "out");
  return [
    check.column(out.status, Uint8Array, "out.status", rows),
    check.optionalColumn(out.dispatch, Float64Array, "out.dispatch", rows),
    check.optionalColumn(out.sender, Uint32Array, "out.sender", rows),
    check.optionalColumn(out.to, Float64Array, "out.to", rows),
    check.optionalColumn(out.sendAt, Float64Array, "out.sendAt", rows),
    check.optionalColumn(out.blockedUntil, Float64Array, "out.blockedUntil", rows),
    check.optionalColumn(out.retryAt, Float64Array, "out.retryAt", rows),
  ];
}
