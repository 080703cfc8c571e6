/** What commands lead to: one outcome an item, discriminated by its `status`. Times are milliseconds since 1970. */

interface Item<S extends string, C extends number> {
  status: S;
  code: C;
}

/** An item that was not done, and why, in words. */
interface Refused<S extends string, C extends number> extends Item<S, C> {
  reason: string;
}

/** The phone as it was posted. */
interface Posted {
  phone: string;
}

interface Retry {
  /** When asking again could help; absent if never, or not known. */
  retryAt?: number;
}

/** A cycle: its number, its sender, when to send, and until when the contact is left alone. */
interface Cycle {
  dispatch: number;
  sender: string;
  sendAt: number;
  blockedUntil: number;
}

/** `phone` is absent if it was. */
export type InvalidPhone = Refused<"invalid_phone", 10> & Partial<Posted>;
export type InvalidField = Refused<"invalid_field", 11> & Posted & { field: string };
export type OptedOut = Refused<"opted_out", 20> & Posted;
export type ContactsFull = Refused<"contacts_full", 80> & Posted;

/** The message goes out. */
export type Accepted = Item<"accepted", 0> &
  Posted &
  Cycle & { to: string; stage: 0; warnings?: ["empty_template"] };
/** The same message was accepted before: a success, and nothing is sent again. */
export type AlreadyAccepted = Item<"already_accepted", 31> & Posted & Cycle & { stage: 0 | 1 | 2 };

/** What a message of a batch can be refused for, in order of precedence. */
export type MessageRefused =
  | InvalidPhone
  | InvalidField
  | (Refused<"close_ticket_required", 12> & Posted)
  | (Refused<"empty_template", 13> & Posted)
  | OptedOut
  | (Refused<"undeliverable", 21> & Posted)
  | (Refused<"duplicate_in_batch", 30> & Posted & { firstIndex: number; retryAt: number })
  | (Refused<"contact_blocked", 40> & Posted & Retry)
  | (Refused<"out_of_hours", 50> & Posted & Retry)
  | (Refused<"unknown_operator", 60> & Posted)
  | (Refused<"no_sender_available", 70> & Posted & Retry)
  | ContactsFull
  | (Refused<"not_attempted", 90> & Posted);

/** What became of a message. */
export type DispatchOutcome = Accepted | AlreadyAccepted | MessageRefused;

/** Which stage of which dispatch a follow-up is. */
interface FollowUp {
  phone: string;
  stage: 1 | 2;
  origin: number;
}

/** What became of a due follow-up. One that was refused stays pending. */
export type FollowUpOutcome = FollowUp &
  (
    | (Item<"accepted", 0> & Cycle & { to: string })
    | Refused<"opted_out", 20>
    | Refused<"undeliverable", 21>
    | (Refused<"contact_blocked", 40> & Retry)
    | (Refused<"out_of_hours", 50> & Retry)
    | Refused<"unknown_operator", 60>
    | (Refused<"no_sender_available", 70> & Retry)
  );

export type ReplyOutcome =
  | (Item<"replied", 110> & Posted)
  | (Refused<"stale_reply", 111> & Posted)
  | OptedOut
  | InvalidPhone;

export type ReportOutcome =
  | Item<"applied", 100>
  | (Item<"moved", 120> & Omit<Cycle, "dispatch"> & { to: string })
  | Item<"released", 121>
  | Item<"kept", 122>
  | Refused<"stale_report", 123>
  | Refused<"unknown_dispatch", 124>;

export type OperatorOutcome =
  | (Item<"allowed", 130> & Posted)
  | (Refused<"manual_start_denied", 131> & Posted)
  | OptedOut
  | InvalidPhone;

/** A cycle that ended unanswered; `phone` is the contact's key. */
export type ExpireOutcome = Item<"expired", 140> & { phone: string; dispatch?: number; expiredAt: number };

export type ImportOutcome =
  | (ChangeOutcome & Posted)
  | InvalidPhone
  | InvalidField
  | ContactsFull;

/** Whether something changed, or was so already. */
export type ChangeOutcome = Item<"applied", 100> | Item<"unchanged", 101>;

/** Every name of a status. */
export type StatusName =
  | DispatchOutcome["status"]
  | ReplyOutcome["status"]
  | ReportOutcome["status"]
  | OperatorOutcome["status"]
  | ExpireOutcome["status"]
  | ChangeOutcome["status"];
