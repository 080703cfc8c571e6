<?php

declare(strict_types=1);

use Cpc\ClosedException;
use Cpc\CpcException;
use Cpc\Delivery;
use Cpc\Engine;
use Cpc\Fault;
use Cpc\Language;
use Cpc\Library;
use Cpc\RefusedException;
use Cpc\Retry;
use Cpc\SenderAdvice;
use Cpc\SnapshotException;
use Cpc\Status;

use function Cpc\adviceOfCode;
use function Cpc\faultOfCode;
use function Cpc\isOptOut;

/** The engine as a PHP programmer meets it. */
final class EngineTest
{
    public function aContactIsBlockedUntilItAnswers(): void
    {
        $engine = engine();
        $lot = [message(idMessage: 7, clientId: 'ana'), message('551188876204'), message('1')];
        [$first, $second, $third] = $engine->dispatch(NINE, 'emp1', 'c', $lot);
        same([Status::Accepted, '5514990000001'], [$first->status, $first->sender]);
        same([(int) PHONE, NINE + DAY, null], [$first->to, $first->blockedUntil, $first->retryAt]);
        same([Status::DuplicateInBatch, 0], [$second->status, $second->firstIndex]);
        same(['invalid_phone', 'Invalid phone number'], [$third->status->wireName(), $third->status->text(Language::English)]);
        same(NINE + DAY, $engine->nextDeadline());
        same(Status::Replied, $engine->reply(NINE + HOUR, '551188876204', receivedAt: NINE + HOUR)->status);
        same(Status::Accepted, $engine->preview(NINE + HOUR, 'emp1', 'c', [message()])[0]->status);
    }

    public function followUpsReportsAndExpiry(): void
    {
        $engine = engine();
        $engine->dispatch(NINE, 'emp1', 'c', [message(retryTemplate: 'De novo')]);
        [$sent] = $engine->followUps(NINE + DAY);
        same([1, 1, (int) PHONE], [$sent->stage, $sent->origin, $sent->phone]);
        same(Status::Kept, $engine->report(NINE + DAY, 2, Delivery::Failed, Fault::Ambiguous)->status);
        [$ended] = $engine->expire(NINE + 2 * DAY);
        same(NINE + 2 * DAY, $ended->expiredAt);
        same([], $engine->followUps(NINE + 2 * DAY));
    }

    public function aSnapshotIsTheEngine(): void
    {
        $engine = engine();
        $restored = Engine::restore($engine->snapshot());
        same($engine->digest(), $restored->digest());
        same($engine->snapshot(), $restored->snapshot());
        same('not_a_snapshot', thrown(SnapshotException::class, fn () => Engine::restore(str_repeat('x', 99)))->name);
    }

    public function failuresAreExceptionsThatNameTheMember(): void
    {
        $engine = engine();
        $refused = thrown(RefusedException::class, fn () => $engine->dispatch(NINE, 'nobody', 'c', [message()]));
        same(['unknown_wallet', 'tag'], [$refused->name, $refused->field]);
        $refused = thrown(RefusedException::class, fn () => $engine->execute(['op' => 'nothing', 'at' => NINE]));
        same(['unknown_op', -31], [$refused->name, $refused->getCode()]);
        $misuse = thrown(CpcException::class, fn () => $engine->report(NINE, 1, Delivery::Read, Fault::Contact));
        same('unknown_value', $misuse->name);
        $wrong = fn () => $engine->dispatch(NINE, 'emp1', "\xff", [message()]);
        same('campaign', thrown(CpcException::class, $wrong)->field);
        thrown(ValueError::class, fn () => $engine->dispatch(NINE, 'emp1', 'c', [message(idMessage: -1)]));
    }

    public function aRefusalHasOneCodeHoweverItCame(): void
    {
        $engine = engine();
        $line = ['op' => 'dispatch', 'at' => NINE, 'tag' => 'nobody', 'campaign' => 'c', 'messages' => [['phone' => PHONE]]];
        $typed = fn () => $engine->dispatch(NINE, 'nobody', 'c', [message()]);
        foreach ([$typed, fn () => $engine->execute($line)] as $call) {
            $refused = thrown(RefusedException::class, $call);
            same([-22, 'unknown_wallet', 'tag'], [$refused->getCode(), $refused->name, $refused->field]);
        }
    }

    public function optOutsAndErrorCodesOfWhatsApp(): void
    {
        foreach (['PÁRAR!' => true, 'stop' => true, 'não parar' => false, '' => false, "\xff" => false] as $words => $is) {
            same($is, isOptOut($words));
        }
        same([Fault::Contact, Fault::Sender], [faultOfCode(131026), faultOfCode(131048)]);
        same([Fault::Request, Fault::Ambiguous], [faultOfCode(131049), faultOfCode(7)]);
        same([Fault::Ambiguous, Fault::Ambiguous], [faultOfCode(-1), faultOfCode(131026 + 2 ** 32)]);
    }

    public function errorCodesSayWhatIsToBeDone(): void
    {
        $advice = adviceOfCode(130429);
        same([Fault::Sender, SenderAdvice::Hold, 10_000], [$advice->fault, $advice->sender, $advice->holdMs]);
        same([Retry::BackOff, 0, false], [$advice->retry, $advice->retryAfterMs, $advice->optOut]);
        same([6_000, true], [adviceOfCode(131056)->retryAfterMs, adviceOfCode(131050)->optOut]);
        same(Fault::Ambiguous, adviceOfCode(-1)->fault);
    }

    public function aClosedEngineSaysSo(): void
    {
        $engine = engine();
        $engine->close();
        $engine->close();
        thrown(ClosedException::class, fn () => $engine->digest());
    }

    public function massivocpcAnswersWithStatusAndBody(): void
    {
        $response = engine()->massivocpc('{', NINE);
        same([400, 'error'], [$response->status, json_decode($response->body)->status]);
    }

    public function statusesAreThoseOfTheLibrary(): void
    {
        $known = array_filter(range(0, 255), fn (int $code) => Library::get()->cpc_status_name($code) !== null);
        same(array_values($known), array_map(fn (Status $status) => $status->value, Status::cases()));
        foreach (Status::cases() as $status) {
            same(strtolower(preg_replace('/(?<!^)[A-Z]/', '_$0', $status->name)), $status->wireName());
        }
    }
}
