<?php

declare(strict_types=1);

/** The example server answers over HTTP, and remembers from request to request. */
final class ExampleTest
{
    public function theServerAnswersAndRemembers(): void
    {
        $state = tempnam(sys_get_temp_dir(), 'cpc');
        unlink($state);
        try {
            self::serve(['CPC_STATE' => $state], function (int $port): void {
                same([200, 1], self::post($port, self::body(), 'secret'));
                same([422, 0], self::post($port, self::body(), 'secret'));
                same([400, 0], self::post($port, '{', 'secret'));
                same([401, 0], self::post($port, self::body(), 'wrong'));
            });
        } finally {
            array_map('unlink', glob("$state*"));
        }
    }

    public function nothingIsAcceptedThatWouldBeForgotten(): void
    {
        self::serve(['CPC_STATE' => ''], function (int $port): void {
            same([500, 0], self::post($port, self::body(), 'secret'));
        });
        self::serve(['CPC_STATE' => '/nowhere/state'], function (int $port): void {
            same([503, 0], self::post($port, self::body(), 'secret'));
        });
        $state = tempnam(sys_get_temp_dir(), 'cpc');
        unlink($state);
        // A disk that is full; a state whose place is taken; one that is damaged.
        symlink('/dev/full', "$state.new");
        mkdir("$state.taken");
        file_put_contents("$state.damaged", 'not a snapshot');
        try {
            self::serve(['CPC_STATE' => $state], function (int $port): void {
                same([503, 0], self::post($port, self::body(), 'secret'));
            });
            self::serve(['CPC_STATE' => "$state.taken"], function (int $port): void {
                same([503, 0], self::post($port, self::body(), 'secret'));
            });
            self::serve(['CPC_STATE' => "$state.damaged"], function (int $port): void {
                same([500, 0], self::post($port, self::body(), 'secret'));
            });
        } finally {
            rmdir("$state.taken");
            array_map('unlink', glob("$state*"));
        }
    }

    private static function body(): string
    {
        $message = ['phone' => PHONE, 'closeTicket' => true, 'specialistCode' => 'a', 'mainTemplate' => 'Olá'];
        return json_encode(['campaign' => 'c', 'tag' => 'emp1', 'messages' => [$message]]);
    }

    /**
     * Runs the example while something is done with its port.
     *
     * @param array<string, string> $settings
     * @param callable(int): void $use
     */
    private static function serve(array $settings, callable $use): void
    {
        $port = self::freePort();
        $script = __DIR__ . '/../examples/server.php';
        $command = [PHP_BINARY, '-d', 'ffi.enable=1', '-d', 'display_errors=1', '-S', "127.0.0.1:$port", $script];
        $quiet = [['file', '/dev/null', 'r'], ['file', '/dev/null', 'w'], ['file', '/dev/null', 'w']];
        $server = proc_open($command, $quiet, $pipes, null, $settings + ['CPC_TOKEN' => 'secret'] + getenv());
        try {
            self::waitFor($port);
            $use($port);
        } finally {
            proc_terminate($server);
            proc_close($server);
        }
    }

    private static function freePort(): int
    {
        $socket = stream_socket_server('tcp://127.0.0.1:0');
        $port = (int) substr(strrchr(stream_socket_get_name($socket, false), ':'), 1);
        fclose($socket);
        return $port;
    }

    private static function waitFor(int $port): void
    {
        for ($attempt = 0; $attempt < 100; $attempt++) {
            if (($socket = @fsockopen('127.0.0.1', $port, timeout: 1)) !== false) {
                fclose($socket);
                return;
            }
            usleep(50_000);
        }
        throw new LogicException('the server did not start');
    }

    /** @return array{int, int} the HTTP status, and how many messages were processed */
    private static function post(int $port, string $body, string $token): array
    {
        $context = stream_context_create(['http' => [
            'method' => 'POST',
            'header' => "Authorization: Bearer $token\r\nContent-Type: application/json",
            'content' => $body,
            'ignore_errors' => true,
            'timeout' => 10,
        ]]);
        $answer = file_get_contents("http://127.0.0.1:$port/api/messages/massivocpc", false, $context);
        preg_match('/ (\d{3}) /', $http_response_header[0], $status);
        return [(int) $status[1], json_decode($answer)->processed];
    }
}
