/** What was refused up to the step that is shown, why, and when that ends. */
import type { Outcome } from "./scenario.ts";
import { instant } from "./texts.ts";
import type { View } from "./view.ts";

/** A message that was refused, and in which step. */
interface Refused {
  outcome: Outcome;
  at: number;
  step: number;
}

/** Every refused message so far, the latest first. */
function refusedOf(story: View["story"]): Refused[] {
  const sends = (op: string): boolean => op === "dispatch" || op === "followUps";
  const steps = story.steps.map((step, index) => ({ ...step, index })).filter((step) => sends(step.line.op));
  return steps.reverse().flatMap(({ outcomes, at, index }) =>
    outcomes.filter((outcome) => outcome.reason !== undefined).map((outcome) => ({ outcome, at, step: index + 1 })),
  );
}

export function Refusals({ texts, language, story }: View) {
  const refused = refusedOf(story);
  return (
    <section class="card" aria-labelledby="refusals-title">
      <h2 id="refusals-title">{texts.refusals}</h2>
      {refused.length === 0 ? (
        <p class="nothing">{texts.noRefusals}</p>
      ) : (
        <ul class="refusals" aria-labelledby="refusals-title" tabIndex={0}>
          {refused.map(({ outcome, at, step }, index) => (
            <li key={index}>
              <div>
                <strong>{outcome.phone ?? "–"}</strong> <code class="bad">{outcome.status}</code>
                <small>
                  {texts.step} {step} · {instant(at, language)}
                </small>
              </div>
              <p>{outcome.reason}</p>
              <p class="ends">
                {outcome.retryAt === undefined
                  ? texts.never
                  : `${texts.again} ${instant(outcome.retryAt, language)}`}
              </p>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
