/** Command lines: all commands and queries, discriminated by `op`. */
import type {
  Batch,
  Imported,
  Maybe,
  Message,
  Policy,
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

export type WalletSetup = At<"wallet"> & WalletSettings & { remove?: Maybe<false> };

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
