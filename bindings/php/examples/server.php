<?php

/**
 * The massivocpc endpoint in PHP's built-in server, which listens on this machine alone:
 *
 *     CPC_TOKEN=secret CPC_STATE=/tmp/cpc.state php -d ffi.enable=1 -S 127.0.0.1:8080 examples/server.php
 *
 * PHP forgets everything after each request, so the engine is a file between requests: read, asked, written, under a lock.
 */

declare(strict_types=1);

use Cpc\Engine;

require __DIR__ . '/../src/autoload.php';

const LONGEST_BODY = 8 * 1024 * 1024;

function answer(int $status, string $body): never
{
    http_response_code($status);
    header('Content-Type: application/json; charset=utf-8');
    echo $body;
    exit;
}

function fail(int $status, string $reason): never
{
    $errors = [['reason' => $reason]];
    $body = ['status' => 'error', 'message' => $reason, 'processed' => 0, 'errors' => $errors];
    answer($status, json_encode($body, JSON_THROW_ON_ERROR));
}

/** The engine of the last request, or a new one with a wallet. */
function engine(string $state, int $now): Engine
{
    if (is_file($state)) {
        return Engine::restore(file_get_contents($state));
    }
    $engine = new Engine();
    $engine->execute(['op' => 'wallet', 'at' => $now, 'tag' => 'emp1', 'senders' => [['id' => '5514990000001']]]);
    return $engine;
}

/** Puts the new state in the place of the old one, whole or not at all: an answer must not promise what is not kept. */
function keep(string $state, string $snapshot): void
{
    if (@file_put_contents("$state.new", $snapshot) !== strlen($snapshot) || !@rename("$state.new", $state)) {
        fail(503, 'the state could not be written');
    }
}

// PHP would answer 200 and the exception, if it displays errors. Its message says nothing of what was posted.
set_exception_handler(static function (Throwable $failure): never {
    error_log($failure->getMessage());
    fail(500, 'internal error');
});

[$token, $state] = [(string) getenv('CPC_TOKEN'), (string) getenv('CPC_STATE')];
$given = preg_replace('/^Bearer /', '', $_SERVER['HTTP_AUTHORIZATION'] ?? '');
if (parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH) !== '/api/messages/massivocpc') {
    fail(404, 'no such path');
}
if ($_SERVER['REQUEST_METHOD'] !== 'POST') {
    fail(405, 'method not allowed');
}
if ($token === '' || !hash_equals($token, $given)) {
    fail(401, 'missing or invalid token');
}
if ($state === '') {
    fail(500, 'CPC_STATE is not set');
}
if ((int) ($_SERVER['CONTENT_LENGTH'] ?? 0) > LONGEST_BODY) {
    fail(413, 'the body is too long');
}

$now = (int) (microtime(true) * 1000);
$lock = @fopen("$state.lock", 'c');
if ($lock === false || !flock($lock, LOCK_EX)) {
    fail(503, 'the state could not be locked');
}
$engine = engine($state, $now);
$response = $engine->massivocpc((string) file_get_contents('php://input'), $now);
keep($state, $engine->snapshot());
flock($lock, LOCK_UN);
answer($response->status, $response->body);
