<?php

declare(strict_types=1);

use Cpc\Engine;
use Cpc\RefusedException;

/** Using the package again and again takes no more memory, whether engines are closed or forgotten. */
final class LeakTest
{
    public function memoryDoesNotGrowWithUse(): void
    {
        $this->repeat(300);
        [$resident, $own] = [self::resident(), memory_get_usage()];
        $this->repeat(1500);
        same(true, self::resident() - $resident < 4096);
        same(true, memory_get_usage() - $own < 100_000);
    }

    private function repeat(int $times): void
    {
        for ($i = 0; $i < $times; $i++) {
            $engine = engine();
            $engine->dispatch(NINE, 'emp1', 'c', [message(clientId: 'ana'), message('5511988876205')]);
            $engine->massivocpc('{', NINE);
            Engine::restore($engine->snapshot())->digest();
            thrown(RefusedException::class, fn () => $engine->dispatch(NINE, 'nobody', 'c', [message()]));
            if ($i % 2 === 0) {
                $engine->close();
            }
        }
    }

    /** In KiB. */
    private static function resident(): int
    {
        preg_match('/^VmRSS:\s+(\d+)/m', file_get_contents('/proc/self/status'), $found);
        return (int) $found[1];
    }
}
