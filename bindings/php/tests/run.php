<?php

/** Every test of the package: php tests/run.php. A test is a method whose name is a sentence. */

declare(strict_types=1);

require __DIR__ . '/../src/autoload.php';
require __DIR__ . '/check.php';

set_error_handler(static function (int $severity, string $message, string $file, int $line): bool {
    if ((error_reporting() & $severity) === 0) {
        return false;
    }
    throw new ErrorException($message, 0, $severity, $file, $line);
});

$failed = $passed = 0;
foreach (['ConformanceTest', 'EngineTest', 'LeakTest', 'ExampleTest'] as $class) {
    require __DIR__ . "/$class.php";
    foreach (get_class_methods($class) as $test) {
        try {
            (new $class())->$test();
            $passed++;
        } catch (Throwable $failure) {
            $failed++;
            fwrite(STDERR, "$class::$test: {$failure->getMessage()} ({$failure->getFile()}:{$failure->getLine()})\n");
        }
    }
}
echo "$passed passed, $failed failed\n";
exit($failed > 0 || $passed === 0 ? 1 : 0);
