import type { Glue } from "./binding.js";
import { CpcError } from "./error.js";

/** Where the WebAssembly comes from: its bytes, compiled, a response that has it, or an address to fetch. */
export type WasmSource = BufferSource | WebAssembly.Module | Response | URL | string;

/** A WebAssembly module and its glue, instantiated once. */
export class Loader<B> {
  readonly #glue: Glue<B>;
  readonly #importName: string;
  #ready = false;
  #pending: Promise<void> | undefined;

  /** @param importName the name under which the module imports its glue */
  constructor(glue: Glue<B>, importName: string) {
    this.#glue = glue;
    this.#importName = importName;
  }

  /** Instantiates the module. Further calls do nothing: engines live in the first instance. */
  initialize(source: WasmSource | Promise<WasmSource>): Promise<void> {
    this.#pending ??= this.#load(source).catch((error: unknown) => {
      // What failed to load may be tried again.
      this.#pending = undefined;
      throw error;
    });
    return this.#pending;
  }

  /** The same at once, from bytes or a compiled module. Browsers refuse that for large modules on a page. */
  initializeSync(source: BufferSource | WebAssembly.Module): void {
    if (this.#ready) return;
    const module = source instanceof WebAssembly.Module ? source : new WebAssembly.Module(source);
    this.#use(new WebAssembly.Instance(module, this.#imports()));
  }

  /** The module's functions. */
  binding(): B {
    if (this.#ready) return this.#glue;
    throw new CpcError("not_initialized", "the WebAssembly is not there yet: await initialize(…) first");
  }

  async #load(given: WasmSource | Promise<WasmSource>): Promise<void> {
    if (this.#ready) return;
    let source = await given;
    if (typeof source === "string" || source instanceof URL) source = await fetch(source);
    if (typeof Response === "function" && source instanceof Response) source = await bytesOf(source);
    const loaded = await WebAssembly.instantiate(source as BufferSource | WebAssembly.Module, this.#imports());
    // A compiled module gives an instance, bytes give both.
    this.#use(loaded instanceof WebAssembly.Instance ? loaded : (loaded as { instance: WebAssembly.Instance }).instance);
  }

  #imports(): WebAssembly.Imports {
    return { [this.#importName]: this.#glue as unknown as WebAssembly.ModuleImports };
  }

  #use(instance: WebAssembly.Instance): void {
    if (this.#ready) return;
    this.#glue.__wbg_set_wasm(instance.exports);
    const start = instance.exports["__wbindgen_start"];
    if (typeof start === "function") start();
    this.#ready = true;
  }
}

/** The bytes of a response: its content type is not relied on, since servers send different ones. */
async function bytesOf(response: Response): Promise<ArrayBuffer> {
  if (!response.ok) throw new CpcError("not_initialized", `the WebAssembly was not found: HTTP ${response.status}`);
  return response.arrayBuffer();
}
