/** Every command line and its answer; choosing one goes back to it. */
import type { Run } from "./scenario.ts";
import type { Texts } from "./texts.ts";

interface Props {
  texts: Texts;
  story: Run;
  lines: readonly string[];
  shown: number;
  setShown: (steps: number) => void;
}

export function Commands({ texts, story, lines, shown, setShown }: Props) {
  const current = story.steps.at(-1);
  return (
    <section class="card" aria-labelledby="log-title">
      <h2 id="log-title">{texts.log}</h2>
      <p class="hint">{texts.logHint}</p>
      <ol class="log">
        {lines.map((line, index) => (
          <li key={index}>
            <button
              type="button"
              class={index + 1 > shown ? "later" : ""}
              aria-current={index + 1 === shown ? "step" : undefined}
              onClick={() => setShown(index + 1)}
            >
              {line}
            </button>
          </li>
        ))}
      </ol>
      {current && (
        <details>
          <summary>{texts.answer}</summary>
          <pre tabIndex={0}>{pretty(current.answer)}</pre>
        </details>
      )}
    </section>
  );
}

function pretty(json: string): string {
  return JSON.stringify(JSON.parse(json), null, 2);
}
