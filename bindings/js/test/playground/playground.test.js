// The playground as its users have it: in a browser, with its keyboard, on a phone; and its files in `cpc replay`.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { launch, openPage, serve } from "../browser.js";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const folder = new URL("../../playground/dist/", import.meta.url).pathname;
const pictures = join(process.env.CPC_TARBALL, "../../pictures");
mkdirSync(pictures, { recursive: true });

let browser;
let server;
before(async () => {
  // Under a path, as the gateway serves it.
  server = await serve(folder, "/playground/");
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.close();
});

/** The playground, ready; the test fails if anything goes wrong on the page. */
async function playground(t, options = {}, hash = "") {
  const { page, problems, requests } = await openPage(browser, { locale: "pt-BR", ...options });
  t.after(async () => {
    await page.context().close();
    assert.deepEqual(problems, []);
    assert.deepEqual(requests.filter((url) => !url.startsWith(server.address) && !/^(blob|data):/.test(url)), []);
  });
  await page.goto(server.address + hash);
  await page.locator("#timeline").waitFor();
  return page;
}

const picture = (page, name) => page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
const row = (page, phone) => page.locator(".track", { hasText: phone });
const steps = (page) => page.locator(".log li").count();

async function violations(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document));
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(" ")).join(", ")}`);
}

test("a batch is dispatched, answered, and dispatched again", async (t) => {
  const page = await playground(t);
  await page.getByRole("button", { name: "Recomeçar" }).click();
  await page.getByText("Nenhum contato ainda").waitFor();
  await page.locator("summary", { hasText: "Carteira" }).click();
  await page.getByRole("button", { name: "Aplicar" }).click();
  await page.locator("summary", { hasText: "Lote" }).click();
  await page.getByRole("button", { name: "Disparar" }).click();
  const contact = row(page, "5511988876204");
  await contact.getByText(/^Bloqueado até/).waitFor();
  assert.equal(await contact.getByRole("button", { name: /^Disparo ·/ }).count(), 1);

  // Again: the same message is known by its number, the other contact is blocked until tomorrow.
  await page.getByRole("button", { name: "+1 h", exact: true }).click();
  await page.getByRole("button", { name: "Disparar" }).click();
  const refusals = page.getByRole("region", { name: "Recusas" });
  await refusals.getByText("contact_blocked").waitFor();
  assert.match(await refusals.textContent(), /Contato bloqueado até 24\/11\/2026 09:00:00.*Pode tentar a partir de ter., 24\/11, 09:00/s);

  const other = row(page, "97654-3210");
  await other.getByRole("button", { name: /^Respondeu/ }).click();
  await other.locator(".chip.replied").waitFor();
  await page.getByRole("button", { name: "Disparar" }).click();
  assert.equal(await other.getByRole("button", { name: /^Disparo ·/ }).count(), 2);
});

test("the clock moves to the next deadline, and follow-ups go out", async (t) => {
  const page = await playground(t);
  await page.getByRole("button", { name: "Até o próximo prazo" }).click();
  for (let tries = 0; tries < 10; tries++) {
    const send = page.getByRole("button", { name: "Enviar repescagens" });
    if (await send.isEnabled()) {
      await send.click();
      break;
    }
    await page.getByRole("button", { name: "Até o próximo prazo" }).click();
  }
  await row(page, "5511988876204").getByRole("button", { name: /^Repescagem 2/ }).waitFor();
});

test("a number is paused and exhausted, and every refusal is explained", async (t) => {
  const page = await playground(t);
  const numbers = page.getByRole("region", { name: "Números da carteira" });
  await numbers.getByRole("button", { name: "Pausar: 5514990000001" }).click();
  await numbers.getByText("pausado").waitFor();
  for (const id of ["5514990000002", "5514990000003"]) await numbers.getByRole("button", { name: `Esgotar: ${id}` }).click();
  await page.getByRole("button", { name: "+1 dia" }).click();
  const contact = row(page, "5531998765432");
  await page.getByRole("button", { name: "+1 h", exact: true }).click();
  await contact.getByRole("button", { name: /^Por quê/ }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("pode enviar").or(dialog.getByText("estado")).first().waitFor();
  assert.match(await dialog.textContent(), /5514990000001.*estado/s);
  assert.deepEqual(await violations(page), []);
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
});

test("what the engine refuses is said with its place, and changes nothing", async (t) => {
  const page = await playground(t);
  const count = await steps(page);
  const body = page.getByLabel("Lote (massivocpc)");
  for (const [text, expected] of [
    ["{", "invalid_json"],
    ['{"campaign":"c","tag":"emp1","messages":[{"phone":5}]}', "messages[0].phone"],
    ['{"campaign":"c","tag":"other","messages":[{"phone":"5"}]}', "unknown_wallet"],
  ]) {
    await body.fill(text);
    await page.getByRole("button", { name: "Disparar" }).click();
    await page.getByRole("alert").getByText(expected).first().waitFor();
  }
  await page.locator("summary", { hasText: "Política" }).click();
  await page.getByLabel("Política").fill('{"windowsMs":5}');
  await page.getByRole("button", { name: "Aplicar" }).click();
  await page.getByRole("alert").getByText("invalid_policy").waitFor();
  assert.equal(await steps(page), count);
});

test("time goes back, and a new action goes on from there", async (t) => {
  const page = await playground(t);
  const count = await steps(page);
  const before = await page.locator(".tracks").innerHTML();
  const slider = page.getByRole("slider");
  await slider.focus();
  for (let step = 0; step < 5; step++) await page.keyboard.press("ArrowLeft");
  await page.getByText("Você está vendo o passado").waitFor();
  assert.equal(await row(page, "5551987654321").count(), 0);
  await page.getByRole("button", { name: "Voltar ao fim" }).click();
  assert.equal(await page.locator(".tracks").innerHTML(), before);
  await page.locator(".log button").nth(2).click();
  await row(page, "5541991234567").getByRole("button", { name: /^Respondeu/ }).click();
  assert.equal(await steps(page), 4);
  assert.ok(count > 4);
});

test("a scenario travels as a link and as a file that cpc replay takes", async (t) => {
  const page = await playground(t);
  const lines = await page.locator(".log button").allTextContents();
  await page.getByRole("button", { name: "Copiar link" }).click();
  await page.getByText("Link copiado").waitFor();
  const hash = new URL(page.url()).hash;
  assert.match(hash, /^#s=[\w-]{50,}$/);
  await page.getByRole("button", { name: "Recomeçar" }).click();
  const other = await playground(t, {}, hash);
  assert.deepEqual(await other.locator(".log button").allTextContents(), lines);

  const [download] = await Promise.all([
    other.waitForEvent("download"),
    other.getByRole("button", { name: "Salvar arquivo" }).click(),
  ]);
  const file = join(pictures, "scenario.jsonl");
  await download.saveAs(file);
  const answers = execFileSync(process.env.CPC_BINARY, ["replay", file], { encoding: "utf8" }).trim().split("\n");
  assert.equal(answers.length, lines.length);
  // The last answer, as the playground shows it.
  await other.getByText("Resposta do motor").click();
  assert.deepEqual(JSON.parse(await other.locator("pre").textContent()), JSON.parse(answers.at(-1)));

  await page.locator("input[type=file]").setInputFiles(file);
  await row(page, "5511988876204").waitFor();
  assert.deepEqual(await page.locator(".log button").allTextContents(), lines);
});

test("a damaged link shows the example instead", async (t) => {
  const page = await playground(t, {}, "#s=AAAA!!");
  assert.equal(await steps(page), 10);
});

test("all of it can be done by keyboard alone", async (t) => {
  const page = await playground(t);
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
  await page.keyboard.press("Enter");
  const reached = new Set();
  for (let presses = 0; presses < 120; presses++) {
    await page.keyboard.press("Tab");
    reached.add(await page.evaluate(() => document.activeElement.getAttribute("aria-label") ?? document.activeElement.textContent));
  }
  for (const name of ["+1 h", "Respondeu: 5511988876204", "Pausar: 5514990000001", "Disparar"]) assert.ok(reached.has(name), name);
  // A mark says what it is when it has the focus.
  const mark = row(page, "5511988876204").getByRole("button", { name: /^Disparo ·/ });
  await mark.focus();
  assert.match(await mark.getAttribute("aria-label"), /^Disparo · seg., 23\/11, 09:00 · 5514990000001/);
});

for (const [name, options] of [
  ["light", { colorScheme: "light", viewport: { width: 1400, height: 1000 } }],
  ["dark", { colorScheme: "dark", viewport: { width: 1400, height: 1000 }, locale: "en-US" }],
  ["phone", { colorScheme: "light", viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }],
  ["phone-dark", { colorScheme: "dark", viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true, locale: "en-US" }],
]) {
  test(`${name}: nothing that axe finds, nothing wider than the screen`, async (t) => {
    const page = await playground(t, options);
    for (const summary of await page.locator("details:not([open]) > summary").all()) await summary.click();
    assert.deepEqual(await violations(page), []);
    const [wide, screen] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(wide <= screen, `${wide} > ${screen}`);
    await picture(page, name);
  });
}

test("both languages, and the page says which", async (t) => {
  const page = await playground(t);
  assert.equal(await page.getAttribute("html", "lang"), "pt-BR");
  await page.getByLabel("Idioma").selectOption("en");
  await page.getByRole("heading", { name: "Timeline" }).waitFor();
  await page.locator("html[lang=en]").waitFor();
  await page.getByRole("region", { name: "Refusals" }).getByText("The contact asked not to receive messages").first().waitFor();
  await page.reload();
  await page.getByRole("heading", { name: "Timeline" }).waitFor();
});
