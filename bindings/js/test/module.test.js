// What the WebAssembly asks of its host, and how much of it there is.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

const file = (name) => readFileSync(new URL(`../${name}`, import.meta.url));
const forms = ["cpc", "cpc-columns"];

/** wasm-bindgen's own: errors and texts on their way out, and columns on their way back. No clock, no randomness. */
const GLUE = /^__wb(indgen_init_externref_table|g___wbindgen_(throw|copy_to_typed_array)_[0-9a-f]+)$/;

/** JavaScript's Unicode tables, by which messages are compared with opt-out words. */
const LETTERS = /^__wbg_(new|normalize|replace|toLowerCase|__wbindgen_string_get)_[0-9a-f]+$/;

/** The one conversion there is: a text for JavaScript. */
function isText(form, name) {
  const [, body] = file(`src/glue/${form}_bg.js`).toString().split(`export function ${name}(`);
  return name.startsWith("__wbindgen_generic_") && /^[^}]*Ref\(String\) -> Externref/.test(body);
}

for (const form of forms) {
  test(`${form}.wasm imports nothing but wasm-bindgen's glue`, () => {
    const imports = WebAssembly.Module.imports(new WebAssembly.Module(file(`dist/${form}.wasm`)));
    assert.ok(imports.length > 0);
    for (const { module, name, kind } of imports) {
      assert.deepEqual([module, kind], [`./${form}_bg.js`, "function"]);
      assert.ok(GLUE.test(name) || isText(form, name) || (form === "cpc" && LETTERS.test(name)), name);
    }
  });

  test(`${form}.wasm says nothing of where it was built`, () => {
    const text = file(`dist/${form}.wasm`).toString("latin1");
    assert.doesNotMatch(text, /\/(root|home|tmp|work|usr)\/|registry|\.cargo/);
  });
}

/** Gzipped, as it travels. */
const size = (bytes) => gzipSync(bytes, { level: 9 }).length;

/** Modules of the package that an entry loads. */
function modules(entry, seen = new Set()) {
  if (seen.has(entry)) return seen;
  seen.add(entry);
  for (const [, name] of file(`dist/esm/${entry}`).toString().matchAll(/from "\.\/([^"]+)"/g)) modules(name, seen);
  return seen;
}

const scripts = (entry) => [...modules(entry)].reduce((sum, name) => sum + size(file(`dist/esm/${name}`)), 0);

test("no size has grown by more than 5 % over the record", () => {
  const recorded = JSON.parse(file("size.json"));
  const found = {
    "cpc.wasm": size(file("dist/cpc.wasm")),
    "cpc-columns.wasm": size(file("dist/cpc-columns.wasm")),
    "web.js": scripts("web.js"),
    "columns.js": scripts("columns.js"),
  };
  assert.deepEqual(Object.keys(recorded), Object.keys(found));
  for (const [name, bytes] of Object.entries(found)) {
    const limit = Math.floor(recorded[name] * 1.05);
    assert.ok(bytes <= limit, `${name} is ${bytes} bytes, the record in size.json says ${recorded[name]}`);
  }
});

test("nothing runs when the package is installed, and it needs no other package", () => {
  const { scripts: hooks, dependencies } = JSON.parse(file("package.json"));
  assert.deepEqual([hooks, dependencies], [undefined, undefined]);
});

test("every export is there, with its types first", () => {
  const { exports } = JSON.parse(file("package.json"));
  const packed = (path) => assert.ok(readdirSync(new URL(`../${path}/..`, import.meta.url)).includes(path.split("/").at(-1)), path);
  for (const target of Object.values(exports)) {
    if (typeof target === "string") {
      packed(target);
      continue;
    }
    for (const conditions of Object.values(target)) {
      assert.equal(Object.keys(conditions)[0], "types");
      assert.equal(Object.keys(conditions).at(-1), "default");
      Object.values(conditions).forEach(packed);
    }
  }
});
