import type { StatusName } from "./outcomes.js";

/** The number of every status. Names and numbers never change their meaning. */
export const Status = {
  accepted: 0,
  invalid_phone: 10,
  invalid_field: 11,
  close_ticket_required: 12,
  empty_template: 13,
  opted_out: 20,
  undeliverable: 21,
  duplicate_in_batch: 30,
  already_accepted: 31,
  contact_blocked: 40,
  out_of_hours: 50,
  unknown_operator: 60,
  no_sender_available: 70,
  contacts_full: 80,
  not_attempted: 90,
  applied: 100,
  unchanged: 101,
  replied: 110,
  stale_reply: 111,
  moved: 120,
  released: 121,
  kept: 122,
  stale_report: 123,
  unknown_dispatch: 124,
  allowed: 130,
  manual_start_denied: 131,
  expired: 140,
} as const satisfies Record<StatusName, number>;

const NAMES = new Map<number, StatusName>(
  Object.entries(Status).map(([name, code]) => [code, name as StatusName]),
);

/** The name of a status that a column holds; `undefined` if no status has the number. */
export function statusName(code: number): StatusName | undefined {
  return NAMES.get(code);
}
