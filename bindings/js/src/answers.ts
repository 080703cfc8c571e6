/** What the engine says to a line. Times are milliseconds since 1970. */
import type { Line, SenderState } from "./commands.js";
import type {
  ChangeOutcome,
  DispatchOutcome,
  ExpireOutcome,
  FollowUpOutcome,
  ImportOutcome,
  MessageRefused,
  OperatorOutcome,
  ReplyOutcome,
  ReportOutcome,
} from "./outcomes.js";

/** A command was applied: its number, its effective time (what a log stores), and an outcome an item. */
export interface Applied<Outcomes extends readonly unknown[]> {
  seq: number;
  at: number;
  outcomes: Outcomes;
}

/** What is known of a contact. */
export interface ContactView {
  /** The contact key of a phone, or the client's id. */
  key: string;
  state: "free" | "blocked" | "expired" | "replied" | "suppressed";
  /** When its last cycle began. */
  since?: number;
  /** Until when it is blocked; absent if finally. */
  until?: number;
  dispatch?: number;
  /** Its last sender. */
  sender?: string;
  stage?: 0 | 1 | 2;
  lastReply?: number;
  pendingStages?: (1 | 2)[];
  suppression?: "optedOut" | "undeliverable";
}

export interface SenderView {
  id: string;
  state: SenderState;
  until?: number;
  weight: number;
  /** Its dispatches in the last 24 h. */
  usage: number;
  dailyLimit?: number;
  perSecond?: number;
  burst?: number;
  operators?: string[];
  group?: { name: string; usage: number; dailyLimit?: number };
}

export interface WalletView {
  tag: string;
  windowMs?: number;
  operators?: string[];
  /** In the order in which they were added. */
  senders: SenderView[];
}

/** Why a sender cannot serve a contact now. */
export type Obstacle = "state" | "dailyLimit" | "groupLimit" | "pace" | "notLastSender" | "operator";

/** Whether one sender could serve a contact. */
export type SenderVerdict =
  | { id: string; eligible: true; sendAt: number }
  | { id: string; eligible: false; obstacles: Obstacle[]; eligibleAt?: number };

/** Which rule decides about a contact, from which facts, and what would lift it. */
export interface Explanation {
  status: "accepted" | MessageRefused["status"];
  code: number;
  field?: string;
  retryAt?: number;
  /** Why, in words; of a refusal. */
  reason?: string;
  /** What would lift it, in words; of a refusal. */
  message?: string;
  phone?: ContactView;
  client?: ContactView;
  senders: SenderVerdict[];
}

/** When something happens next by itself. */
export interface Deadlines {
  /** When the next follow-up is due. */
  followUp?: number;
  /** When the next open cycle ends. */
  expiry?: number;
}

/** A follow-up that is due. */
export interface DueFollowUp {
  phone: string;
  stage: 1 | 2;
  origin?: number;
  /** When it became due, in ms. */
  due: number;
}

/** How much the engine holds. */
export interface Stats {
  seq: number;
  dispatches: number;
  phones: number;
  clients: number;
  blocked: number;
  optedOut: number;
  pendingFollowUps: number;
  wallets: number;
  senders: number;
}

type Told<T> = { at: number } & T;

interface Answers {
  policy: Applied<[ChangeOutcome]>;
  sender: Applied<[ChangeOutcome]>;
  group: Applied<[ChangeOutcome]>;
  dispatch: Applied<DispatchOutcome[]>;
  reply: Applied<[ReplyOutcome]>;
  report: Applied<[ReportOutcome]>;
  operatorMessage: Applied<[OperatorOutcome]>;
  followUps: Applied<FollowUpOutcome[]>;
  expire: Applied<ExpireOutcome[]>;
  clock: Applied<[ChangeOutcome]>;
  optOut: Applied<[ChangeOutcome]>;
  optIn: Applied<[ChangeOutcome]>;
  forget: Applied<[ChangeOutcome]>;
  forceUnblock: Applied<[ChangeOutcome]>;
  import: Applied<ImportOutcome[]>;
  contact: Told<{ contact: ContactView }>;
  preview: Told<{ outcomes: PreviewOutcome[] }>;
  explain: Told<{ explanation: Explanation }>;
  dueFollowUps: Told<{ followUps: DueFollowUp[] }>;
  sendable: Told<{ sendable: boolean; retryAt?: number }>;
  deadline: Told<Deadlines>;
  digest: Told<{ digest: string }>;
  stats: Told<{ stats: Stats }>;
}

/** What would become of a message. */
export type PreviewOutcome = DispatchOutcome;

/** The answer to a line of that type. */
export type AnswerOf<L extends Line> = L extends { op: keyof Answers }
  ? Answers[L["op"]]
  : L extends { op: "wallet"; senders: readonly unknown[] } | { op: "wallet"; remove: true }
    ? Applied<[ChangeOutcome]>
    : L extends { op: "wallet" }
      ? Told<{ wallet: WalletView }>
      : never;

/** Whether the endpoint took all messages, some, or none. */
export type MassivocpcResponse =
  | { status: "success"; message: string; processed: number; errors: 0 }
  | { status: "partial" | "error"; message: string; processed: number; errors: MassivocpcError[] };

/** A refused message, or what was wrong with the body as a whole. */
export interface MassivocpcError {
  phone?: string;
  reason: string;
  code: string;
  idMessage?: number | string;
  field?: string;
  firstIndex?: number;
  retryAt?: number;
}
