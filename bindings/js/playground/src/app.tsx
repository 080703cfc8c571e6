/** The whole page: a scenario, the step of it that is shown, and what can be done next. */
import { useEffect, useMemo, useState } from "preact/hooks";
import { Commands } from "./commands.tsx";
import { Compose } from "./compose.tsx";
import { EXAMPLE } from "./example.ts";
import { Header, type Theme } from "./header.tsx";
import { Refusals } from "./refusals.tsx";
import { attempt, type Language, type Refusal, run } from "./scenario.ts";
import { Senders } from "./senders.tsx";
import { TEXTS } from "./texts.ts";
import { TimeControls } from "./time-controls.tsx";
import { Timeline } from "./timeline.tsx";

/** A setting kept in the browser's storage; if storage is not available, it lasts for this visit. */
function useStored<T extends string>(name: string, initial: T): [T, (value: T) => void] {
  const [value, set] = useState<T>(() => {
    try {
      return (localStorage.getItem(name) as T | null) ?? initial;
    } catch {
      return initial;
    }
  });
  const store = (next: T): void => {
    set(next);
    try {
      localStorage.setItem(name, next);
    } catch {
      // Without storage the setting lasts for this visit.
    }
  };
  return [value, store];
}

export function App({ shared }: { shared: string[] | undefined }) {
  const [language, setLanguage] = useStored<Language>("language", navigator.language.startsWith("pt") ? "pt-BR" : "en");
  const [theme, setTheme] = useStored<Theme>("theme", "auto");
  const [lines, setLines] = useState<readonly string[]>(shared ?? EXAMPLE);
  const [shownSteps, setShownSteps] = useState(lines.length);
  const texts = TEXTS[language];

  useEffect(() => {
    document.documentElement.lang = language;
    document.title = `CPC · ${texts.title}`;
  }, [language, texts]);
  useEffect(() => {
    document.documentElement.dataset["theme"] = theme;
  }, [theme]);

  const shown = useMemo(() => lines.slice(0, shownSteps), [lines, shownSteps]);
  const story = useMemo(() => run(shown, language), [shown, language]);

  /** Carries out one more line after the step that is shown; a refused line changes nothing. */
  const tell = (line: object | string): Refusal | undefined => {
    const text = typeof line === "string" ? line : JSON.stringify(line);
    const refusal = attempt(shown, text);
    if (!refusal) replace([...shown, text]);
    return refusal;
  };
  const replace = (next: readonly string[]): void => {
    setLines(next);
    setShownSteps(next.length);
  };

  const view = { language, texts, story, tell };
  return (
    <>
      <a class="skip" href="#timeline">
        {texts.skip}
      </a>
      <Header {...{ language, setLanguage, theme, setTheme, texts, lines, replace }} />
      <main>
        <div class="stage">
          <section class="card" id="timeline" aria-labelledby="timeline-title" tabIndex={-1}>
            <div class="card-head">
              <h2 id="timeline-title">{texts.timeline}</h2>
              <TimeControls {...view} />
            </div>
            <Timeline {...view} lines={shown} />
            <Steps {...{ texts, total: lines.length, shown: shownSteps, setShown: setShownSteps }} />
          </section>
          <div class="pair">
            <Senders {...view} />
            <Refusals {...view} />
          </div>
        </div>
        <aside>
          <Compose {...view} />
          <Commands {...{ texts, story, total: lines.length, lines, shown: shownSteps, setShown: setShownSteps }} />
        </aside>
      </main>
    </>
  );
}

/** Moves in time: the lines up to a step are replayed on a new engine. */
function Steps({
  texts,
  total,
  shown,
  setShown,
}: {
  texts: (typeof TEXTS)[Language];
  total: number;
  shown: number;
  setShown: (steps: number) => void;
}) {
  return (
    <div class="steps">
      <button type="button" class="round" aria-label={texts.back} disabled={shown === 0} onClick={() => setShown(shown - 1)}>
        ‹
      </button>
      <label>
        <span>
          {texts.step} {shown} {texts.of} {total}
        </span>
        <input
          type="range"
          min={0}
          max={total}
          value={shown}
          onInput={(event) => setShown(Number(event.currentTarget.value))}
        />
      </label>
      <button type="button" class="round" aria-label={texts.ahead} disabled={shown === total} onClick={() => setShown(shown + 1)}>
        ›
      </button>
      {shown < total && (
        <p class="past" role="status">
          {texts.past}{" "}
          <button type="button" class="link" onClick={() => setShown(total)}>
            {texts.latest}
          </button>
        </p>
      )}
    </div>
  );
}
