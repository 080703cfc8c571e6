import { CpcError, invalid } from "./error.js";

/**
 * A command line as JSON. Big integers become texts of their digits, which count the same. A message's own number
 * beyond 2^53-1 is refused as a number: it was rounded already, and the wrong message would be taken for a
 * repetition.
 */
export function line(value: unknown): string {
  if (typeof value !== "object" || value === null) throw new CpcError("invalid_field", "expected an object");
  exactNumbers((value as { messages?: unknown }).messages);
  try {
    return JSON.stringify(value);
  } catch {
    return withBigIntegers(value);
  }
}

function withBigIntegers(value: object): string {
  try {
    return JSON.stringify(value, (_, member: unknown) => (typeof member === "bigint" ? `${member}` : member));
  } catch {
    // Circular, or with a `toJSON` that fails; what it says may repeat values.
    throw new CpcError("invalid_json", "the object cannot be written as JSON");
  }
}

function exactNumbers(messages: unknown): void {
  if (!Array.isArray(messages)) return;
  messages.forEach((message: { idMessage?: unknown } | null | undefined, index) => {
    const id = message?.idMessage;
    if (typeof id === "number" && !Number.isSafeInteger(id) && Math.abs(id) > 1) {
      throw invalid(`messages[${index}].idMessage`, "a whole number up to 2^53-1, a BigInt or a text");
    }
  });
}
