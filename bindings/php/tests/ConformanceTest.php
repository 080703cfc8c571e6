<?php

declare(strict_types=1);

use Cpc\Engine;
use Cpc\RefusedException;

use function Cpc\whatsappEvents;

/** The conformance vectors, bindings/conformance/*.jsonl, whose README says how answers are compared. */
final class ConformanceTest
{
    public function everyVectorIsAnsweredAsExpected(): void
    {
        $cases = 0;
        foreach (glob(__DIR__ . '/../../conformance/*.jsonl') as $file) {
            $engine = new Engine();
            foreach (file($file, FILE_IGNORE_NEW_LINES) as $index => $line) {
                $row = self::decoded($line);
                if (isset($row->reset)) {
                    $engine = new Engine();
                }
                if (!isset($row->do)) {
                    continue;
                }
                $cases++;
                $found = self::decoded($engine->executeJson(self::command($line)));
                same('', self::difference(basename($file) . ':' . ($index + 1), $row->expect, $found));
            }
        }
        same(true, $cases > 500);
    }

    public function notificationsOfWhatsAppLeadToCommands(): void
    {
        $file = self::decoded(file_get_contents(__DIR__ . '/../../conformance/whatsapp.json'));
        same(true, count($file->cases) > 30);
        foreach ($file->cases as $case) {
            $engine = new Engine();
            foreach ([...$file->given, ...($case->given ?? [])] as $line) {
                $engine->executeJson(json_encode($line));
            }
            if (isset($case->invalid)) {
                $refused = thrown(RefusedException::class, fn () => self::events($engine, $case, $file->at));
                same('invalid_field', $refused->name);
                continue;
            }
            same('', self::difference($case->name, $case->events, self::events($engine, $case, $file->at)));
        }
    }

    /** What each event led to, as the file has it; the commands are carried out. */
    private static function events(Engine $engine, object $case, int $at): array
    {
        $events = isset($case->event) ? [json_encode($case->event)] : whatsappEvents(json_encode($case->notification));
        $found = [];
        foreach ($events as $event) {
            $answer = $engine->whatsappCommands($event, $at);
            array_map($engine->executeJson(...), $answer->commands);
            $found[] = $answer->ignored === null
                ? (object) ['commands' => array_map(self::decoded(...), $answer->commands)]
                : (object) ['ignored' => $answer->ignored];
        }
        return $found;
    }

    public function theComparisonSeesWhatDiffers(): void
    {
        $expected = self::decoded('{"a":[1]}');
        same('', self::difference('$', $expected, self::decoded('{"a":[1],"reason":"x"}')));
        foreach (['{"a":[2]}', '{"a":[]}', '{"a":["1"]}', '{"a":[1],"b":1}', '{}', '[]'] as $other) {
            same(true, self::difference('$', $expected, self::decoded($other)) !== '');
        }
    }

    private static function decoded(string $json): mixed
    {
        return json_decode($json, false, 512, JSON_THROW_ON_ERROR | JSON_BIGINT_AS_STRING);
    }

    /** The `do` of a line as it stands: re-encoding would change large numbers and empty objects. */
    private static function command(string $line): string
    {
        $start = strpos($line, '"do":') + strlen('"do":');
        $end = strrpos($line, '"expect":');
        return rtrim(substr($line, $start, $end - $start), " ,\t");
    }

    private static function difference(string $path, mixed $expected, mixed $found): string
    {
        if (get_debug_type($expected) !== get_debug_type($found)) {
            return $path;
        }
        if (!is_object($expected) && !is_array($expected)) {
            return $expected === $found ? '' : $path;
        }
        [$expected, $found] = [(array) $expected, (array) $found];
        foreach ($found as $name => $_) {
            if (!array_key_exists($name, $expected) && $name !== 'reason' && $name !== 'message') {
                return "$path.$name";
            }
        }
        foreach ($expected as $name => $value) {
            $difference = array_key_exists($name, $found)
                ? self::difference("$path.$name", $value, $found[$name])
                : "$path.$name";
            if ($difference !== '') {
                return $difference;
            }
        }
        return '';
    }
}
