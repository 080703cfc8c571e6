// The conformance vectors and 100 000 random commands, answered natively before: the same bytes here.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Engine, isOptOut } from "cpc-engine";

const folder = process.env.CPC_SAME;
const RESET = '{"reset":true}';

const read = (name) => readFileSync(join(folder, name), "utf8").trimEnd().split("\n");
const lines = read("lines.jsonl");
const answers = read("answers.jsonl");
const digests = read("digests.txt").map((line) => line.split(" "));

test("every answer, snapshot and digest is the native one, byte by byte", () => {
  assert.ok(lines.length > 100_000 && lines.length === answers.length, `${lines.length} lines`);
  const marks = new Map(digests.map(([line, digest]) => [Number(line), digest]));
  assert.ok(marks.size >= 5);
  let engine = new Engine();
  lines.forEach((line, index) => {
    if (line === RESET) {
      engine.free();
      engine = new Engine();
      return;
    }
    if (engine.executeLine(line) !== answers[index]) {
      assert.equal(engine.executeLine(line), answers[index], `line ${index + 1}`);
    }
    const digest = marks.get(index + 1);
    if (digest === undefined) return;
    const snapshot = engine.snapshot();
    const native = readFileSync(join(folder, `native-${index + 1}.cpc`));
    assert.equal(native.compare(snapshot), 0, `snapshot after line ${index + 1}`);
    assert.equal(engine.digest(), digest);
    // For the native half, which goes on from it.
    writeFileSync(join(folder, `wasm-${index + 1}.cpc`), snapshot);
  });
});

test("a native snapshot goes on as the engine it was taken of", () => {
  const middle = Number(digests[Math.floor(digests.length / 2)][0]);
  const engine = Engine.restore(readFileSync(join(folder, `native-${middle}.cpc`)));
  for (let index = middle; index < lines.length; index++) {
    const answer = engine.executeLine(lines[index]);
    if (answer !== answers[index]) assert.fail(`line ${index + 1} is answered otherwise`);
  }
  const [last, digest] = digests.at(-1);
  assert.deepEqual([lines.length, engine.digest()], [Number(last), digest]);
});

test("an opt-out with any character in it is one natively", () => {
  const asked = read("opt-outs.txt").map((line) => line.split(" "));
  assert.ok(asked.length >= 5);
  for (const [message, ...letters] of asked) {
    const native = new Set(letters.map(Number));
    const differing = [];
    for (let letter = 0; letter <= 0x10ffff; letter++) {
      const character = String.fromCodePoint(letter);
      // Half of a pair, and what this version of Node.js has never heard of: letters are made small by its tables.
      if (/\p{Cs}|\p{Cn}/u.test(character)) continue;
      if (isOptOut(message.replace("?", () => character)) !== native.has(letter)) differing.push(letter.toString(16));
    }
    assert.deepEqual(differing, [], message);
    assert.equal(native.size > 0, message !== "?", message);
  }
});
