import { invalid } from "./error.js";

/** A time: whole milliseconds since 1970, a `Date`, or a text in RFC 3339 (`2026-11-23T09:00:00-03:00`). */
export type Instant = number | Date | string;

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;

/** The milliseconds of a time. Whether they are in range is for the engine to say. */
export function millis(at: Instant, path: string): number {
  const ms = isDate(at) ? at.getTime() : typeof at === "string" ? parse(at) : at;
  if (!Number.isSafeInteger(ms)) throw invalid(path, "whole milliseconds, a Date, or an RFC 3339 text");
  return ms;
}

/** Whether a value is a date, of this realm or another. */
function isDate(value: unknown): value is Date {
  return Object.prototype.toString.call(value) === "[object Date]";
}

function parse(text: string): number {
  return RFC_3339.test(text) ? Math.trunc(Date.parse(text)) : Number.NaN;
}
