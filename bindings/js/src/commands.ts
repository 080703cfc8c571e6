/** Command lines: all commands and queries, discriminated by `op`. */
import type { Instant } from "./instant.js";

/** A member that may be left out; `null` and an empty text are the same as absent. */
type Maybe<T> = T | null | undefined;

/** Rules that can be chosen. A member that is not named is at its default. */
export interface Policy {
  /** How long a contact is left alone; 24 h. */
  windowMs?: Maybe<number>;
  /** Which gates a new contact must find open; `phoneOrClient`. */
  gate?: Maybe<"phoneOrClient" | "phone" | "client">;
  /** Whether a contact keeps its sender; `prefer`. */
  sticky?: Maybe<"prefer" | "require" | "off">;
  /** Whether an operator's messages go out from the senders that list the operator; `prefer`. */
  operatorAffinity?: Maybe<"prefer" | "require" | "ignore">;
  /** What a blank `mainTemplate` leads to; `warn`. */
  emptyTemplate?: Maybe<"warn" | "reject">;
  /** `strict` wants all members that the document's table requires; `standard`. */
  profile?: Maybe<"standard" | "strict">;
  /** Prefixes of the countries that may be contacted, or `["*"]`; `["55"]`. */
  countries?: Maybe<readonly string[]>;
  /** How far a command may be ahead of the clock; 30 days. */
  maxClockJumpMs?: Maybe<number>;
  /** How much older than its cycle a reply may seem; 1 s. */
  replySkewMs?: Maybe<number>;
  /** How long a contact is remembered; 30 days. */
  retentionMs?: Maybe<number>;
  /** The most messages of a batch; 100 000. */
  maxBatch?: Maybe<number>;
  /** The most phones and clients; 50 000 000. */
  maxContacts?: Maybe<number>;
  /** The longest that a sender's pace may put a message off; 1 h. */
  maxDelayMs?: Maybe<number>;
  /** When a follow-up that cannot go is due again, if nothing better is known; 15 min. */
  followUpRetryMs?: Maybe<number>;
  /** Whether a contact that stays silent to the last follow-up is blocked for good; false. */
  finalBlock?: Maybe<boolean>;
  /** How long delivery reports count; 48 h. */
  reportTtlMs?: Maybe<number>;
  /** How often a dispatch may move to another sender; 2. */
  maxFailover?: Maybe<number>;
  /** How long a failed sender rests; 1 h. */
  senderHoldMs?: Maybe<number>;
  /** How long operators may write after a reply; 24 h. */
  serviceWindowMs?: Maybe<number>;
  /** Contact hours; none. */
  hours?: Maybe<ContactHours>;
  /** The key of the hash that forgotten opt-outs leave: 32 hexadecimal digits. */
  hashKey?: Maybe<string>;
}

/** From when to when: `["09:00", "18:00"]`. */
export type Span = readonly [open: string, close: string];

/** When contacts may be made, in local time. */
export interface ContactHours {
  preset?: Maybe<"brConservador">;
  utcOffsetMinutes?: Maybe<number>;
  /** Offsets by area code. */
  dddOffsets?: Maybe<Readonly<Record<string, number>>>;
  week?: Maybe<Partial<Record<"mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun", Maybe<readonly Span[]>>>>;
  /** `2026-12-25` */
  closedDates?: Maybe<readonly string[]>;
}

/** A sender's settings, whole: what is not named goes back to its default. */
export interface SenderSetup {
  /** Usually its number; unique in the engine. */
  id: string;
  /** Its share of the wallet's dispatches; 1. */
  weight?: Maybe<number>;
  /** The most dispatches in any 24 h. */
  dailyLimit?: Maybe<number>;
  /** Its pace, messages a second on average. */
  perSecond?: Maybe<number>;
  /** Messages at once; 1. Needs `perSecond`. */
  burst?: Maybe<number>;
  /** The operators it is kept for. */
  operators?: Maybe<readonly string[]>;
  /** The group whose limit it shares. */
  group?: Maybe<string>;
}

export type SenderState = "ready" | "paused" | "existingOnly" | "quarantined" | "disabled";

/** What changes about a sender: an absent member stays as it is, `null` goes back to the default. */
export interface SenderChange extends Omit<SenderSetup, "id"> {
  state?: Maybe<SenderState>;
  /** When the state lapses into `ready`; needs `state`. */
  until?: Maybe<Instant>;
}

/** A message, as the massivocpc document has it. */
export interface Message {
  phone: string;
  /** The message's own number, 0 to 2^64-1: posting it again is harmless. */
  idMessage?: Maybe<number | bigint | string>;
  clientId?: Maybe<string>;
  contract?: Maybe<string>;
  /** Must be true. */
  closeTicket: boolean;
  /** The operator. */
  specialistCode: string;
  /** What is sent; may be blank. */
  mainTemplate: string;
  /** What is sent when the contact stays silent. */
  retryTemplate?: Maybe<string>;
  /** What is sent when it stays silent again. */
  lastTemplate?: Maybe<string>;
}

/** A message whose required members may be missing: it is answered with what it lacks. */
export type PartialMessage = { [M in keyof Message]?: Maybe<Message[M]> };

/** A batch of messages, decided in order. */
export interface Batch {
  campaign: string;
  idAccount?: Maybe<string>;
  /** The wallet. */
  tag: string;
  messages: readonly PartialMessage[];
  /** Accept all or none. */
  atomic?: Maybe<boolean>;
}

/** The body of `POST /api/messages/massivocpc`. */
export type MassivocpcBody = Omit<Batch, "atomic">;

/** A phone or a client id. */
export type Target = { phone: string; clientId?: Maybe<""> } | { clientId: string; phone?: Maybe<""> };

export interface Reply {
  phone: string;
  /** When it was received; `at` if absent or later. */
  receivedAt?: Maybe<Instant>;
  /** Whether it asks not to be written to any more. */
  optOut?: Maybe<boolean>;
}

/** Whose fault a failed delivery is: `request` is the message itself; `ambiguous` may have been delivered. */
export type Fault = "contact" | "sender" | "request" | "ambiguous";

/** What became of a dispatch. A failure without `fault` is `ambiguous`. */
export interface Report {
  dispatch: number;
  status: "sent" | "delivered" | "read" | "failed";
  fault?: Maybe<Fault>;
  sender?: Maybe<string>;
}

/** A contact as another system knew it. */
export interface Imported {
  phone: string;
  clientId?: Maybe<string>;
  /** When its last cycle began. */
  t0?: Maybe<Instant>;
  repliedAt?: Maybe<Instant>;
  sender?: Maybe<string>;
  optedOut?: Maybe<boolean>;
}

/** The contact, wallet and operator that `explain` is about. */
export interface Question {
  phone: string;
  clientId?: Maybe<string>;
  tag: string;
  specialistCode: string;
}

/** What every line has. */
interface At<Op extends string> {
  op: Op;
  at: Instant;
}

interface Limit {
  /** The most items; 100. */
  limit?: Maybe<number>;
}

export type WalletSetup = At<"wallet"> & {
  tag: string;
  senders: readonly SenderSetup[];
  windowMs?: Maybe<number>;
  operators?: Maybe<readonly string[]>;
  remove?: Maybe<false>;
};

/** Lines that change something. */
export type Command =
  | (At<"policy"> & { policy: Policy })
  | WalletSetup
  | (At<"wallet"> & { tag: string; remove: true })
  | (At<"sender"> & { tag: string; id: string; remove?: Maybe<false> } & SenderChange)
  | (At<"sender"> & { tag: string; id: string; remove: true })
  | (At<"group"> & { name: string; dailyLimit?: Maybe<number> })
  | (At<"dispatch"> & Batch)
  | (At<"reply"> & Reply)
  | (At<"report"> & Report)
  | (At<"operatorMessage"> & { phone: string; specialistCode: string })
  | (At<"followUps"> & Limit)
  | (At<"expire"> & Limit)
  | At<"clock">
  | (At<"optOut"> & Target)
  | (At<"optIn"> & Target)
  | (At<"forget"> & Target)
  | (At<"forceUnblock"> & Target & { reason?: Maybe<string> })
  | (At<"import"> & { contacts: readonly Imported[] });

/** Lines that ask something, and change nothing. */
export type Query =
  | (At<"contact"> & Target)
  | (At<"wallet"> & { tag: string; senders?: null; windowMs?: null; operators?: null; remove?: Maybe<false> })
  | (At<"preview"> & Batch)
  | (At<"explain"> & Question)
  | (At<"dueFollowUps"> & Limit)
  | (At<"sendable"> & { dispatch: number; clientId?: Maybe<string> })
  | At<"deadline">
  | At<"digest">
  | At<"stats">;

/** One command line. */
export type Line = Command | Query;
