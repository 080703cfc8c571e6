import type { StatusName } from "./outcomes.js";

/** The number of every status. Names and numbers never change their meaning. */
export const Status = {
  // generated: statuses
  /** The message goes out; its contact is blocked from then on. */
  accepted: 0,
  /** Not a phone, or of a country that is not allowed. */
  invalid_phone: 10,
  /** A required member is missing, or one is malformed. */
  invalid_field: 11,
  /** `closeTicket` is missing or not true. */
  close_ticket_required: 12,
  /** `mainTemplate` is blank, and the policy refuses that. */
  empty_template: 13,
  /** The phone, or the client, has opted out. */
  opted_out: 20,
  /** The phone was found not to be reachable at all. */
  undeliverable: 21,
  /** An earlier message of the same batch took one of the gates. */
  duplicate_in_batch: 30,
  /** The same message was accepted before; a success, nothing is sent again. */
  already_accepted: 31,
  /** A gate is blocked: the contact has not answered, and its window is not over. */
  contact_blocked: 40,
  /** It is outside the contact hours, or would be when the message goes out. */
  out_of_hours: 50,
  /** The wallet lists operators, and this is none of them. */
  unknown_operator: 60,
  /** No sender of the wallet can serve this contact now. */
  no_sender_available: 70,
  /** A new contact would exceed `maxContacts`. */
  contacts_full: 80,
  /** Another message of an atomic batch was refused. */
  not_attempted: 90,
  /** The command did what it says. */
  applied: 100,
  /** It was so already. */
  unchanged: 101,
  /** The contact answered, or wrote by itself. */
  replied: 110,
  /** The reply is older than the open cycle; it frees nothing. */
  stale_reply: 111,
  /** The dispatch goes out from another sender. */
  moved: 120,
  /** The cycle was released: its gates are free again. */
  released: 121,
  /** It may have been delivered: the gates stay as they are. */
  kept: 122,
  /** The report is too late, or contradicts what is known; nothing changes. */
  stale_report: 123,
  /** No such dispatch was ever made. */
  unknown_dispatch: 124,
  /** The operator may write. */
  allowed: 130,
  /** Operators do not open conversations. */
  manual_start_denied: 131,
  /** A cycle ended unanswered. */
  expired: 140,
  // end
} as const satisfies Record<StatusName, number>;

const NAMES = new Map<number, StatusName>(
  Object.entries(Status).map(([name, code]) => [code, name as StatusName]),
);

/** The name of a status that a column holds; `undefined` if no status has the number. */
export function statusName(code: number): StatusName | undefined {
  return NAMES.get(code);
}
