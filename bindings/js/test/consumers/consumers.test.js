// The package as its users have it: what `npm pack` makes, installed in projects of every kind.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Engine } from "cpc-engine";
import { createServer } from "vite";
import { launch, openPage, serve } from "../browser.js";

const tarball = process.env.CPC_TARBALL;
const projects = join(tarball, "../../consumers");
const tools = new URL("../../node_modules/.bin/", import.meta.url).pathname;

const run = (program, args, cwd) => execFileSync(program, args, { cwd, encoding: "utf8", timeout: 120_000 });

/** A project of its own, with the package installed and nothing else. */
function project(name) {
  const folder = join(projects, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(projects, { recursive: true });
  cpSync(new URL(`./${name}`, import.meta.url), folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: `consumer-${name}`, private: true, type: "module" }));
  run("npm", ["install", "--offline", "--no-audit", "--no-fund", "--no-package-lock", tarball], folder);
  return folder;
}

/** The digest of an engine whose clock was set, which pages show. */
function expected() {
  const engine = new Engine();
  engine.execute({ op: "clock", at: 1_795_435_200_000 });
  return engine.digest();
}

test("the package holds what it should, and none of its sources or tests", () => {
  const files = run("tar", ["--list", "--file", tarball], ".").trim().split("\n");
  const known = /^package\/(package\.json|README\.md|dist\/(cpc|cpc-columns)\.wasm|dist\/(LICENSE-(MIT|APACHE)|RULES\.md)|dist\/(esm|cjs)\/.+\.(js|cjs|d\.ts|d\.cts)|dist\/cjs\/package\.json)$/;
  for (const file of files) assert.match(file, known);
  for (const file of ["README.md", "dist/cpc.wasm", "dist/LICENSE-MIT", "dist/RULES.md"]) assert.ok(files.includes(`package/${file}`), file);
});

test("Node.js with import", () => {
  const [body, facts] = run("node", ["index.mjs"], project("node-esm")).trim().split("\n");
  assert.deepEqual(JSON.parse(body), { status: "success", message: "Mensagens enviadas com sucesso", processed: 1, errors: 0 });
  assert.equal(facts, "true true");
});

test("Node.js with require", () => {
  const output = run("node", ["index.cjs"], project("node-cjs")).trim().split("\n");
  assert.deepEqual(output, ["0,30 30", "true invalid_field phone", "true"]);
});

test("TypeScript, strict, in every way of finding modules", () => {
  const folder = project("typescript");
  const check = (...options) => run(join(tools, "tsc"), ["--project", ".", ...options], folder);
  const compiles = (...options) => assert.equal(check(...options), "");
  compiles("--module", "esnext", "--moduleResolution", "bundler");
  compiles("--module", "nodenext");
  // The same file, as a CommonJS module.
  renameSync(join(folder, "index.ts"), join(folder, "index.cts"));
  compiles("--module", "nodenext");
});

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

/** What a folder's page shows, in the browser. */
async function shown(folder) {
  const server = await serve(folder);
  try {
    const { page, problems } = await openPage(browser);
    await page.goto(server.address);
    const output = page.locator("output:not(:empty)");
    try {
      return await output.textContent();
    } catch {
      throw new Error(`the page shows nothing: ${problems.join("; ")}`);
    }
  } finally {
    await server.close();
  }
}

test("Vite, built and run in a browser", async () => {
  const folder = project("vite");
  run(join(tools, "vite"), ["build", "--logLevel", "warn"], folder);
  assert.ok(existsSync(join(folder, "dist/index.html")));
  assert.equal(await shown(join(folder, "dist")), `${expected()} true`);
});

test("Vite's development server, configured to leave the package as it is", async () => {
  const root = project("vite");
  const options = { root, configFile: false, logLevel: "error", optimizeDeps: { exclude: ["cpc-engine"] } };
  const server = await createServer({ ...options, server: { host: "127.0.0.1", port: 0, hmr: false, watch: null } });
  try {
    await server.listen();
    const { page } = await openPage(browser);
    await page.goto(server.resolvedUrls.local[0]);
    assert.equal(await page.locator("output:not(:empty)").textContent(), `${expected()} true`);
  } finally {
    await server.close();
  }
});

test("a page without a bundler", async () => {
  assert.equal(await shown(project("page")), expected());
});

test("a browser gives every native answer too, and the same bytes at the end", async () => {
  const folder = join(projects, "page");
  const same = process.env.CPC_SAME;
  const [last, digest] = readFileSync(join(same, "digests.txt"), "utf8").trimEnd().split("\n").at(-1).split(" ");
  for (const name of ["lines.jsonl", "answers.jsonl", `native-${last}.cpc`]) cpSync(join(same, name), join(folder, name));
  const server = await serve(folder);
  try {
    const { page } = await openPage(browser);
    page.setDefaultTimeout(120_000);
    await page.goto(server.address);
    const found = await page.evaluate(answerAll, `native-${last}.cpc`);
    assert.deepEqual(found, { lines: Number(last), differs: undefined, digest, snapshot: true });
  } finally {
    await server.close();
  }
});

/** Runs on the page: answers the lines, and says which answer differs first. */
async function answerAll(file) {
  const { Engine } = await import("/node_modules/cpc-engine/dist/esm/web.js");
  const read = async (name) => (await (await fetch(name)).text()).trimEnd().split("\n");
  const [lines, answers] = [await read("lines.jsonl"), await read("answers.jsonl")];
  let engine = new Engine();
  let differs;
  lines.forEach((line, index) => {
    if (line === '{"reset":true}') engine = new Engine();
    else if (engine.executeLine(line) !== answers[index]) differs ??= index + 1;
  });
  const native = new Uint8Array(await (await fetch(file)).arrayBuffer());
  const own = engine.snapshot();
  const snapshot = own.length === native.length && own.every((byte, index) => byte === native[index]);
  return { lines: lines.length, differs, digest: engine.digest(), snapshot };
}

test("a worker, which is given the module", async () => {
  assert.equal(await shown(project("worker")), `not_initialized ${expected()}`);
});

test("the README's first calls are those that are tested here", () => {
  const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  for (const entry of ["cpc-engine/slim", "cpc-engine/columns", "cpc-engine/cpc.wasm", "dist/esm/web.js", "require("]) {
    assert.ok(readme.includes(entry), entry);
  }
});
