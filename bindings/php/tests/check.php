<?php

/** What the tests share. */

declare(strict_types=1);

use Cpc\Engine;
use Cpc\Language;
use Cpc\Message;

const NINE = 1_795_435_200_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const PHONE = '5511988876204';

function same(mixed $expected, mixed $found): void
{
    if ($expected !== $found) {
        throw new LogicException(var_export($found, true) . ' is not ' . var_export($expected, true));
    }
}

/** The exception of that class that a call throws. */
function thrown(string $class, callable $call): Throwable
{
    try {
        $call();
    } catch (Throwable $thrown) {
        same(true, $thrown instanceof $class);
        return $thrown;
    }
    throw new LogicException("no $class");
}

function engine(): Engine
{
    $engine = new Engine(Language::English);
    $engine->execute(['op' => 'wallet', 'at' => NINE, 'tag' => 'emp1', 'senders' => [['id' => '5514990000001']]]);
    return $engine;
}

function message(string $phone = PHONE, mixed ...$members): Message
{
    return new Message($phone, 'admin', 'Olá', ...$members);
}
