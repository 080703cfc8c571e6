/** The engine without its WebAssembly: call `initialize` with it, from wherever you have it. */
export type * from "./answers.js";
export type * from "./column-engine.js";
export { NO_SENDER, Template } from "./column-engine.js";
export type * from "./commands.js";
export {
  adviceOfCode,
  Engine,
  type EngineOptions,
  faultOfCode,
  initialize,
  initializeSync,
  isOptOut,
  type MassivocpcResult,
  whatsappEvents,
} from "./engine.js";
export { CpcError } from "./error.js";
export type { Instant } from "./instant.js";
export type { WasmSource } from "./load.js";
export type * from "./outcomes.js";
export { Status, statusName } from "./status.js";
export type * from "./whatsapp.js";
