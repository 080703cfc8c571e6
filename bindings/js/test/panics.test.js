// A module that panics when asked to: a panic ends its call, and no handle is locked by it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { CpcError } from "cpc-engine";
import { BaseEngine } from "../dist/esm/column-engine.js";
import { Loader } from "../dist/esm/load.js";
import { NINE } from "./support.js";

const folder = process.env.CPC_PANICS;
let loader;
before(async () => {
  const text = readFileSync(join(folder, "cpc-panics_bg.js"), "utf8");
  const glue = await import(`data:text/javascript,${encodeURIComponent(text)}`);
  loader = new Loader(glue, "./cpc-panics_bg.js");
  loader.initializeSync(readFileSync(join(folder, "cpc-panics_bg.wasm")));
});

class Panicking extends BaseEngine {
  constructor(snapshot) {
    super(loader.binding(), snapshot);
  }

  panicInQuestion() {
    this.call((binding, handle) => binding.panicInQuestion(handle));
  }

  panicInCommand() {
    this.call((binding, handle) => binding.panicInCommand(handle));
  }
}

function working() {
  const engine = new Panicking();
  tick(engine);
  return engine;
}

function tick(engine) {
  return engine.wallet({ at: NINE, tag: "emp1", senders: [{ id: "5514990000001" }] }).seq;
}

const isABug = (error) => {
  assert.ok(error instanceof CpcError);
  assert.equal(error.code, "internal_error");
  assert.ok(error.cause instanceof WebAssembly.RuntimeError);
  return true;
};

test("after a panic in a question the engine is as before, however often", () => {
  const engine = working();
  const before = engine.digest();
  for (let panics = 1; panics <= 1000; panics++) assert.throws(() => engine.panicInQuestion(), isABug);
  assert.equal(engine.digest(), before);
  assert.equal(tick(engine), 2);
  engine.free();
});

test("after a panic in a command that engine says so, and all others work on", () => {
  const [engine, other] = [working(), working()];
  const snapshot = engine.snapshot();
  assert.throws(() => engine.panicInCommand(), isABug);
  for (const call of [() => engine.digest(), () => tick(engine), () => engine.seq, () => engine.panicInQuestion()]) {
    assert.throws(call, { code: "poisoned" });
  }
  assert.equal(tick(other), 2);
  engine.free();
  assert.throws(() => engine.digest(), { code: "freed" });
  const restored = new Panicking(snapshot);
  assert.equal(tick(restored), 2);
});
