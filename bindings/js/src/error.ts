/**
 * Why a call was refused. Nothing has changed: the engine is as before, and works on.
 *
 * `code` is a name of the rules (`unknown_wallet`, `clock_jump`, `invalid_field`…), or one of the package's own:
 *
 * | code | |
 * |---|---|
 * | `not_initialized` | `initialize` of a slim entry was not called, or is not done |
 * | `freed` | the engine was freed |
 * | `poisoned` | a bug stopped a command halfway; free this engine and restore a snapshot |
 * | `invalid_snapshot` | the bytes are no whole snapshot of this version |
 * | `internal_error` | a bug stopped the call; `cause` has what WebAssembly said |
 *
 * Neither `message` nor `path` ever repeats a value, which may be personal data.
 */
export class CpcError extends Error {
  override readonly name = "CpcError";
  /** What is wrong, by name. */
  readonly code: string;
  /** The member at fault, `messages[3].closeTicket`; `undefined` if none is. */
  readonly path: string | undefined;

  constructor(code: string, message: string, path?: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.path = path;
  }
}

/** A member that does not fit. */
export function invalid(path: string, expected: string): CpcError {
  return new CpcError("invalid_field", `${path}: expected ${expected}`, path);
}

/** The error that WebAssembly threw: a refusal is one text of three lines, a trap is a bug. */
export function refusal(thrown: unknown): unknown {
  if (thrown instanceof WebAssembly.RuntimeError) {
    return new CpcError("internal_error", "a bug stopped the call", undefined, thrown);
  }
  if (typeof thrown !== "string") return thrown;
  const [code = "", path = "", ...message] = thrown.split("\n");
  return new CpcError(code, message.join("\n"), path === "" ? undefined : path);
}
