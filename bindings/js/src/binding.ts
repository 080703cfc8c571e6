/** What the WebAssembly module offers, in the types of wasm-bindgen's glue. NaN is none in its numbers. */
export interface ColumnBinding {
  create(): number;
  restore(bytes: Uint8Array): number;
  release(handle: number): void;
  snapshot(handle: number): Uint8Array;
  digest(handle: number): string;
  /** The clock, the number of applied commands, the next deadline. */
  standing(handle: number): Float64Array;
  senderId(handle: number, number: number): string;
  wallet(
    handle: number,
    at: number,
    tag: string,
    windowMs: number,
    ids: string,
    numbers: Float64Array,
  ): Float64Array;
  dispatchColumns(
    handle: number,
    at: number,
    head: string,
    phones: Float64Array,
    idIntegers: BigUint64Array,
    idNumbers: Float64Array,
    templates: Uint8Array,
    operators: string,
    clientIds: string,
    contracts: string,
    closeTicket: boolean,
    atomic: boolean,
    statuses: Uint8Array,
    dispatches: Float64Array,
    senders: Uint32Array,
    to: Float64Array,
    sendAt: Float64Array,
    blockedUntil: Float64Array,
    retryAt: Float64Array,
  ): Float64Array;
  replyColumns(
    handle: number,
    at: number,
    phones: Float64Array,
    receivedAt: Float64Array,
    statuses: Uint8Array,
  ): Float64Array;
  followUpColumns(
    handle: number,
    at: number,
    statuses: Uint8Array,
    phones: Float64Array,
    origins: Float64Array,
    stages: Uint8Array,
    dispatches: Float64Array,
    senders: Uint32Array,
    to: Float64Array,
    sendAt: Float64Array,
    blockedUntil: Float64Array,
    retryAt: Float64Array,
  ): Float64Array;
}

/** The whole module: columns, and JSON. */
export interface Binding extends ColumnBinding {
  execute(handle: number, line: string, language: string): string;
  massivocpc(handle: number, body: string, at: number, spec: boolean, language: string): string;
  isOptOut(message: string): boolean;
  adviceOfCode(code: number): string;
  whatsappEvents(notification: string): string;
  whatsappCommands(handle: number, event: string, at: number): string;
}

/** wasm-bindgen's glue: the module's functions, its imports, and the setter of its instance. */
export type Glue<B> = B & { __wbg_set_wasm(exports: WebAssembly.Exports): void };
