import type { Command, Fault } from "./commands.js";

/** One thing that a notification of WhatsApp says; a host of another gateway makes such objects by itself. */
export type WhatsappEvent =
  | { message: InboundMessage }
  | { optOut: { phone?: string } }
  | { status: DeliveryStatus }
  | { ignored: string };

/** A message that a contact wrote. */
export interface InboundMessage {
  /** The contact's phone in digits. WhatsApp may name a contact otherwise, or not at all. */
  phone?: string;
  /** Its text, or the title of the button that was pressed. */
  text?: string;
  /** When it came, in ms. */
  receivedAt?: number;
  /** Whether the host knows that it is an opt-out, whatever its text says. */
  optOut?: boolean;
}

/**
 * What happened to a message that went out. WhatsApp says `messageId`: what `biz_opaque_callback_data` was set to when
 * it went out. Set it to the dispatch's number, `17`, or to number and sender id, `17:5514990000001`; or look it up and
 * add `dispatch`, `sender` and `phone`.
 */
export interface DeliveryStatus {
  messageId?: string;
  /** `sent`, `delivered`, `read`, `failed`, or another. */
  status: string;
  /** The error's code, if it failed. */
  code?: number;
  /** The contact's phone as WhatsApp names it. */
  recipient?: string;
  /** When it happened, in ms. */
  happenedAt?: number;
  dispatch?: number;
  /** The sender that the message went out from. */
  sender?: string;
  /** The phone that the message was posted with; it goes before `recipient`. */
  phone?: string;
  /** Until when the sender is locked for new chats, in ms, if the error says that (code 463). */
  lockedUntil?: number;
}

/** What an event leads to. */
export interface WhatsappCommands {
  /** The commands in their order; none if the event is ignored. */
  commands: Command[];
  /** Why there are none: `reaction`, `status`, `change`… */
  ignored?: string;
}

/** What to do about an error code of WhatsApp's. */
export interface Advice {
  /** Whose fault it is. */
  fault: Fault;
  /** What happens to the sender beyond the quarantine that a report of its fault leads to. */
  sender: "none" | "hold" | "existingOnly" | "disable" | "disableGroup";
  /** How long a sender on `hold` rests. */
  holdMs?: number;
  /** Whether and when the message may be tried again. */
  retry: "asDecided" | "after" | "backOff" | "asTemplate" | "never";
  /** How long to wait, if `retry` is `after`. */
  afterMs?: number;
  /** Whether the contact has opted out by it. */
  optOut: boolean;
}
