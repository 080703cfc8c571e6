// What several tests begin with.
import { Engine } from "cpc-engine";

/** 2026-11-23T12:00:00Z, 09:00 in Brasília. */
export const NINE = 1_795_435_200_000;
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

export const message = (phone, more = {}) => ({
  phone,
  closeTicket: true,
  specialistCode: "admin",
  mainTemplate: "Olá",
  ...more,
});

/** An engine with one wallet, at nine. */
export function ready(options) {
  const engine = new Engine(options);
  engine.execute({
    op: "wallet",
    at: NINE,
    tag: "emp1",
    senders: [{ id: "5514990000001", dailyLimit: 1000 }, { id: "5514990000002" }],
  });
  return engine;
}

export const batch = (messages, at = NINE) => ({ at, campaign: "teste", tag: "emp1", messages });
