/** What the engine says to a line. Times are milliseconds since 1970. */
import type { Line } from "./commands.js";
import type { ContactView, Deadlines, DueFollowUp, Obstacle, Stats, WalletView } from "./generated.js";
import type {
  ChangeOutcome,
  DispatchOutcome,
  ExpireOutcome,
  FollowUpsOutcome,
  ImportOutcome,
  MessageRefused,
  OperatorMessageOutcome,
  ReplyOutcome,
  ReportOutcome,
} from "./outcomes.js";

export type {
  ContactView,
  Deadlines,
  DueFollowUp,
  GateState,
  GroupView,
  Obstacle,
  SenderView,
  Stats,
  Suppression,
  WalletView,
} from "./generated.js";

/** A command was applied: its number, its effective time (what a log stores), and an outcome an item. */
export interface Applied<Outcomes extends readonly unknown[]> {
  seq: number;
  at: number;
  outcomes: Outcomes;
}

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

type At<T> = { at: number } & T;

interface Answers {
  // generated: answers to commands
  policy: Applied<[ChangeOutcome]>;
  sender: Applied<[ChangeOutcome]>;
  group: Applied<[ChangeOutcome]>;
  dispatch: Applied<DispatchOutcome[]>;
  reply: Applied<[ReplyOutcome]>;
  report: Applied<[ReportOutcome]>;
  operatorMessage: Applied<[OperatorMessageOutcome]>;
  followUps: Applied<FollowUpsOutcome[]>;
  expire: Applied<ExpireOutcome[]>;
  clock: Applied<[ChangeOutcome]>;
  optOut: Applied<[ChangeOutcome]>;
  optIn: Applied<[ChangeOutcome]>;
  forget: Applied<[ChangeOutcome]>;
  forceUnblock: Applied<[ChangeOutcome]>;
  import: Applied<ImportOutcome[]>;
  // end
  contact: At<{ contact: ContactView }>;
  preview: At<{ outcomes: PreviewOutcome[] }>;
  explain: At<{ explanation: Explanation }>;
  dueFollowUps: At<{ followUps: DueFollowUp[] }>;
  sendable: At<{ sendable: boolean; retryAt?: number }>;
  deadline: At<Deadlines>;
  digest: At<{ digest: string }>;
  stats: At<{ stats: Stats }>;
}

/** What would become of a message. */
export type PreviewOutcome = DispatchOutcome;

/** The answer to a line of that type. */
export type AnswerOf<L extends Line> = L extends { op: keyof Answers }
  ? Answers[L["op"]]
  : L extends { op: "wallet"; senders: readonly unknown[] } | { op: "wallet"; remove: true }
    ? Applied<[ChangeOutcome]>
    : L extends { op: "wallet" }
      ? At<{ wallet: WalletView }>
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
