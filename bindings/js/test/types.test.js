// The types are exact: every conformance vector and its answer, as literals, satisfy those of their `op`.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Engine } from "cpc-engine";

const folder = join(process.env.CPC_SAME, "types");
const root = new URL("..", import.meta.url).pathname;

const CONFIG = {
  extends: join(root, "tsconfig.base.json"),
  compilerOptions: {
    module: "nodenext",
    noEmit: true,
    typeRoots: [join(root, "node_modules/@types")],
    paths: { "cpc-engine": [join(root, "dist/esm/node.d.ts")] },
  },
  files: ["vectors.ts"],
};

/** As a user would write it: what a number cannot hold is a text. */
const literal = (json) => json.replace(/(?<="idMessage":)\d{16,}/g, (digits) => `"${digits}"`);

function compile(cases) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(CONFIG));
  const head = `import type { AnswerOf, Line } from "cpc-engine";
declare function answered<const L extends Line>(line: L, answer: AnswerOf<L>): void;
`;
  writeFileSync(join(folder, "vectors.ts"), head + cases.map(([line, answer]) => `answered(${line}, ${answer});\n`).join(""));
  const run = () => execFileSync(join(root, "node_modules/.bin/tsc"), ["--project", folder], { encoding: "utf8" });
  try {
    return run();
  } catch (error) {
    return error.stdout;
  }
}

/** Every vector that the engine carries out, with its answer. */
function answered() {
  const lines = readFileSync(join(process.env.CPC_SAME, "lines.jsonl"), "utf8").split("\n");
  const cases = [];
  let engine = new Engine();
  // What follows the vectors is of the same few kinds.
  for (const line of lines.slice(0, 1500)) {
    if (line === '{"reset":true}') {
      engine = new Engine();
      continue;
    }
    if (line === "") continue;
    const answer = engine.executeLine(line);
    if (!answer.startsWith('{"error"')) cases.push([literal(line), literal(answer)]);
  }
  return cases;
}

test("every vector and its answer has the type of its op", () => {
  const cases = answered();
  assert.ok(cases.length > 500, `${cases.length} vectors`);
  assert.equal(compile(cases), "");
});

test("an answer with a member too many, too few or of another type is none", () => {
  const line = '{"op":"digest","at":1}';
  for (const answer of ['{"at":1}', '{"at":1,"digest":5}', '{"at":1,"digest":"x","seq":1}']) {
    assert.match(compile([[line, answer]]), /error TS/);
  }
  assert.match(compile([['{"op":"reply","at":1,"phone":5}', '{"seq":1,"at":1,"outcomes":[{"status":"replied","code":110}]}']]), /error TS/);
});
