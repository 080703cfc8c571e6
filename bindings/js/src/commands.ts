/** Command lines: all commands and queries, discriminated by `op`. */
import type {
  Batch,
  Imported,
  Maybe,
  Message,
  Policy,
  Question,
  Reply,
  Report,
  SenderChange,
  WalletSettings,
} from "./generated.js";
import type { Instant } from "./instant.js";

export type {
  Batch,
  EmptyTemplate,
  Fault,
  GateScope,
  Imported,
  Message,
  OperatorAffinity,
  Policy,
  Profile,
  Question,
  Reply,
  Report,
  SenderChange,
  SenderSetup,
  SenderState,
  Sticky,
  WalletSettings,
} from "./generated.js";

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

/** A message whose required members may be missing: it is answered with what it lacks. */
export type PartialMessage = { [M in keyof Message]?: Maybe<Message[M]> };

/** The body of `POST /api/messages/massivocpc`. */
export type MassivocpcBody = Omit<Batch, "atomic">;

/** A phone or a client id. */
export type Target = { phone: string; clientId?: Maybe<""> } | { clientId: string; phone?: Maybe<""> };

/** What every line has. */
interface At<Op extends string> {
  op: Op;
  at: Instant;
}

/** Lines that change something. */
export type Command =
  // generated: commands
  /** Replaces the policy. */
  | (At<"policy"> & { policy: Policy })
  /** Creates a wallet, or replaces its settings and its set of senders (RULES §5). */
  | (At<"wallet"> & WalletSettings & { remove?: Maybe<false> })
  /** Removes a wallet with its senders; pending follow-ups of its dispatches are cancelled. */
  | (At<"wallet"> & { tag: string; remove: true })
  /** Changes a sender, or adds it to the wallet if it is new. Fields that are not named stay as they are. */
  | (At<"sender"> & SenderChange & { tag: string; id: string; remove?: Maybe<false> })
  /** Removes a sender from its wallet. */
  | (At<"sender"> & { tag: string; id: string; remove: true })
  /** Sets the limit that the senders of a group share; without one they have none. */
  | (At<"group"> & { name: string; dailyLimit?: Maybe<number> })
  /** Messages that open contact cycles (RULES §4). */
  | (At<"dispatch"> & Batch)
  /** A message that came in from a contact (RULES §3.3). */
  | (At<"reply"> & Reply)
  /** A delivery report (RULES §7). */
  | (At<"report"> & Report)
  /** An operator wants to write (RULES §4.5). */
  | (At<"operatorMessage"> & { phone: string; specialistCode: string })
  /** Sends due follow-ups (RULES §6.3). */
  | (At<"followUps"> & { limit?: Maybe<number> })
  /** Lists cycles that ended unanswered since it was last asked, and frees memory. It decides nothing. */
  | (At<"expire"> & { limit?: Maybe<number> })
  /** Moves the clock, however far. */
  | (At<"clock">)
  /** Suppresses a contact until it opts in again (RULES §8). */
  | (At<"optOut"> & Target & { reason?: Maybe<string> })
  /** Lifts an opt-out and, for a phone, `undeliverable`. */
  | (At<"optIn"> & Target & { reason?: Maybe<string> })
  /** Drops all that is known of a contact; of an opt-out only a keyed hash stays. */
  | (At<"forget"> & Target & { reason?: Maybe<string> })
  /** Releases the open cycle of a gate (RULES §3.6). */
  | (At<"forceUnblock"> & Target & { reason?: Maybe<string> })
  /** Takes contacts over from another system. */
  | (At<"import"> & { contacts: readonly Imported[] })
  // end
  ;

/** Lines that ask something, and change nothing. */
export type Query =
  // generated: queries
  /** What is known of a contact. */
  | (At<"contact"> & Target)
  /** A wallet with its senders and their usage. */
  | (At<"wallet"> & { tag: string; windowMs?: null; operators?: null; senders?: null; remove?: Maybe<false> })
  /** What a dispatch would answer. */
  | (At<"preview"> & Batch)
  /** Why a dispatch would be answered as it would. */
  | (At<"explain"> & Question)
  /** The follow-ups that are due. */
  | (At<"dueFollowUps"> & { limit?: Maybe<number> })
  /** Whether a dispatch may still be sent. */
  | (At<"sendable"> & { dispatch: number; clientId?: Maybe<string> })
  /** When something happens next. */
  | (At<"deadline">)
  /** The digest of the state. */
  | (At<"digest">)
  /** How much the engine holds. */
  | (At<"stats">)
  // end
  ;

/** One command line. */
export type Line = Command | Query;

/** A wallet's settings, as a line. */
export type WalletSetup = Extract<Command, { op: "wallet"; senders: readonly unknown[] }>;
