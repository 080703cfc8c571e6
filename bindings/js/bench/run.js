// `cargo xtask bench js`: the contest in Node.js and in Chromium.
import { Engine } from "cpc-engine";
import { launch, openPage, serve } from "../test/browser.js";
import { contest } from "./contest.js";

const SIZES = [100_000, 1_000_000];
const RUNS = 3;
/** How many times as fast as plain JavaScript the engine is to be, on a million contacts. */
const GOALS = { columns: 2, massivocpc: 1.5 };

function print(where, rows) {
  console.log(`\n${where}: nanoseconds a decision, first contact / blocked; medians of ${RUNS}`);
  for (const row of rows) {
    const pair = (one, other) => `${one.toFixed(0)} / ${other.toFixed(0)}`.padEnd(13);
    const goal = row.size === SIZES.at(-1) ? `   goal ${GOALS[row.name]}` : "";
    console.log(
      `  ${row.name.padEnd(11)} ${String(row.size).padStart(8)} contacts   engine ${pair(row.first, row.blocked)}` +
        ` JavaScript ${pair(row.theirFirst, row.theirBlocked)} ${row.ratio.toFixed(2)} times as fast${goal}`,
    );
  }
}

print(`Node.js ${process.version}`, contest(Engine, SIZES, RUNS));

const server = await serve(new URL("..", import.meta.url).pathname);
const browser = await launch();
try {
  const { page } = await openPage(browser);
  page.setDefaultTimeout(600_000);
  await page.goto(`${server.address}bench/index.html`);
  const rows = await page.evaluate(async ([sizes, runs]) => {
    const { Engine } = await import("/dist/esm/web.js");
    const { contest } = await import("/bench/contest.js");
    return contest(Engine, sizes, runs);
  }, [SIZES, RUNS]);
  print(`Chromium ${browser.version()}`, rows);
} finally {
  await browser.close();
  await server.close();
}
