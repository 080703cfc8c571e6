<?php

/** For programs without Composer: require this file. */

declare(strict_types=1);

spl_autoload_register(static function (string $class): void {
    $file = __DIR__ . '/' . substr($class, strlen('Cpc\\')) . '.php';
    if (str_starts_with($class, 'Cpc\\') && is_file($file)) {
        require_once $file;
    }
});

require_once __DIR__ . '/types.php';
require_once __DIR__ . '/generated.php';
