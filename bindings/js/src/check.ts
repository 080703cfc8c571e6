import { invalid } from "./error.js";

/** Types are checked here as well as by the compiler: JavaScript calls have none. */

export function text(value: unknown, path: string): string {
  if (typeof value !== "string") throw invalid(path, "a text");
  return value;
}

/** A text that may be left out. */
export function optionalText(value: unknown, path: string): string {
  return value === undefined || value === null ? "" : text(value, path);
}

export function flag(value: unknown, path: string, absent?: boolean): boolean {
  if ((value === undefined || value === null) && absent !== undefined) return absent;
  if (typeof value !== "boolean") throw invalid(path, "true or false");
  return value;
}

export function object(value: unknown, path: string): void {
  if (typeof value !== "object" || value === null) throw invalid(path, "an object");
}

/** A number that may be left out; NaN is none. */
export function optionalNumber(value: unknown, path: string): number {
  if (value === undefined || value === null) return Number.NaN;
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw invalid(path, "a whole number");
  return value as number;
}

type Column = Uint8Array | Uint32Array | Float64Array | BigUint64Array;

interface ColumnType<T extends Column> {
  new (length: number): T;
  readonly name: string;
}

/** Whether a value is such an array, of this realm or another: test runners and frames have their own. */
export function isColumn<T extends Column>(value: unknown, type: ColumnType<T>): value is T {
  return ArrayBuffer.isView(value) && (value as Partial<Column>)[Symbol.toStringTag] === type.name;
}

/** A column with room for every row. */
export function column<T extends Column>(value: unknown, type: ColumnType<T>, path: string, rows: number): T {
  if (!isColumn(value, type)) throw invalid(path, `a ${type.name}`);
  if (value.length < rows) throw invalid(path, `a place for each of ${rows} rows`);
  return value;
}

/** A column that may be left out; an empty one is none. */
export function optionalColumn<T extends Column>(value: unknown, type: ColumnType<T>, path: string, rows: number): T {
  return value === undefined || value === null ? new type(0) : column(value, type, path, rows);
}

const NUL = "\0";

/** A text that may be left out, and that can be joined with others. */
export function joinable(value: unknown, path: string): string {
  const one = optionalText(value, path);
  if (one.includes(NUL)) throw invalid(path, "a text without NUL");
  return one;
}

/** Texts as the module takes several at once. */
export function joined(texts: readonly string[]): string {
  return texts.join(NUL);
}

/** One text for all rows, or one a row. */
export function texts(value: unknown, path: string, rows: number): string {
  if (!Array.isArray(value)) return joinable(value, path);
  if (value.length !== rows) throw invalid(path, `${rows} texts, one a row`);
  return joined(value.map((item: unknown, row) => joinable(item, `${path}[${row}]`)));
}
