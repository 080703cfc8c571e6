/** Columns alone, in less than half the bytes: no JSON, no command lines. Call `initialize` with `cpc-columns.wasm`. */
import type { ColumnBinding } from "./binding.js";
import * as check from "./check.js";
import { BaseEngine } from "./column-engine.js";
import * as glue from "./glue/cpc-columns_bg.js";
import { Loader, type WasmSource } from "./load.js";

export type * from "./column-engine.js";
export { NO_SENDER, Template } from "./column-engine.js";
export { CpcError } from "./error.js";
export type { Instant } from "./instant.js";
export type { WasmSource } from "./load.js";
export { Status, statusName } from "./status.js";

const loader = new Loader<ColumnBinding>(glue, "./cpc-columns_bg.js");

/** Loads the WebAssembly. Further calls do nothing. */
export function initialize(source: WasmSource | Promise<WasmSource>): Promise<void> {
  return loader.initialize(source);
}

/** The same at once, from bytes or a compiled module. */
export function initializeSync(source: BufferSource | WebAssembly.Module): void {
  loader.initializeSync(source);
}

/**
 * An engine that takes and gives columns. It is the same engine: its snapshots restore in an `Engine`, and those of
 * an `Engine`, with any policy, restore here.
 */
export class ColumnEngine extends BaseEngine<ColumnBinding> {
  /** An empty engine with the default policy. */
  constructor();
  /** @internal */
  constructor(snapshot: Uint8Array);
  constructor(snapshot?: Uint8Array) {
    super(loader.binding(), snapshot);
  }

  /** An engine that behaves exactly as the one the snapshot was taken of. */
  static restore(snapshot: Uint8Array): ColumnEngine {
    return new ColumnEngine(check.column(snapshot, Uint8Array, "snapshot", 0));
  }
}
