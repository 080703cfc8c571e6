import { type Applied, CpcError, type DispatchOutcome, Engine, type ReplyOutcome } from "cpc-engine";

const at = Date.UTC(2026, 10, 23, 12);
const engine = new Engine();

const wallet = engine.execute({ op: "wallet", at, tag: "emp1", senders: [{ id: "5514990000001", dailyLimit: 10 }] });
const changed: "applied" | "unchanged" = wallet.outcomes[0].status;
const usage: number = engine.execute({ op: "wallet", at, tag: "emp1" }).wallet.senders.length;
const replied: Applied<[ReplyOutcome]> = engine.execute({ op: "reply", at, phone: "5511988876204" });

export function summary(outcome: DispatchOutcome): string {
  switch (outcome.status) {
    case "accepted":
      return `${outcome.sender} ${outcome.to} ${outcome.blockedUntil}`;
    case "contact_blocked":
      return `${outcome.reason} ${outcome.retryAt ?? "never"}`;
    case "invalid_field":
      return outcome.field;
    default:
      return outcome.status;
  }
}

// @ts-expect-error a policy has no such member
engine.execute({ op: "policy", at, policy: { windowsMs: 1 } });
// @ts-expect-error a phone is a text
engine.reply({ at, phone: 5511988876204 });
// @ts-expect-error no such operation
engine.execute({ op: "dance", at });
// @ts-expect-error a state that does not exist
engine.execute({ op: "sender", at, tag: "emp1", id: "1", state: "resting" });
// @ts-expect-error only an accepted message has a sender
export const sender = (outcome: DispatchOutcome): string => outcome.sender;
// @ts-expect-error a contact is a phone or a client, not both
engine.contact({ at, phone: "5511988876204", clientId: "c1" });

export { changed, CpcError, replied, usage };
