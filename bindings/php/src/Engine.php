<?php

declare(strict_types=1);

namespace Cpc;

use FFI;
use FFI\CData;

/**
 * One tenant's rules and state. close() frees it, and so does the destructor.
 *
 * All times are milliseconds since 1970, UTC: the engine has no clock.
 */
final class Engine
{
    private readonly FFI $ffi;
    private ?CData $handle = null;
    private CData $buffer;

    public function __construct(Language $language = Language::Portuguese)
    {
        $this->open(fn (CData $handle): int => $this->ffi->cpc_engine_new($language->value, FFI::addr($handle)));
    }

    /** An engine that behaves exactly as the one that the snapshot was taken of. */
    public static function restore(string $snapshot, Language $language = Language::Portuguese): self
    {
        $engine = (new \ReflectionClass(self::class))->newInstanceWithoutConstructor();
        $engine->open(static function (CData $handle) use ($engine, $snapshot, $language): int {
            $arena = Arena::of($engine->ffi, $snapshot);
            $text = $arena->text($snapshot);
            return $engine->ffi->cpc_engine_restore($text, $language->value, FFI::addr($handle));
        });
        return $engine;
    }

    /** @param callable(CData): int $make */
    private function open(callable $make): void
    {
        $this->ffi = Library::get();
        $this->buffer = $this->ffi->new('cpc_buffer');
        $handle = $this->ffi->new('cpc_engine *');
        $result = $make($handle);
        if ($result !== 0) {
            throw $this->failure($result);
        }
        $this->handle = $handle;
    }

    /** Frees the engine. Closing it again does nothing. */
    public function close(): void
    {
        if ($this->handle !== null) {
            $this->ffi->cpc_buffer_free(FFI::addr($this->buffer));
            $this->ffi->cpc_engine_free($this->handle);
            $this->handle = null;
        }
    }

    public function __destruct()
    {
        $this->close();
    }

    private function __clone()
    {
    }

    /** Answers the body of a request POST /api/messages/massivocpc. */
    public function massivocpc(string $body, int $at, Profile $profile = Profile::Full): Response
    {
        $arena = Arena::of($this->ffi, $body);
        $status = $this->ffi->new('uint16_t');
        $this->check($this->ffi->cpc_engine_massivocpc(
            $this->handle(),
            $arena->text($body),
            $at,
            $profile->value,
            FFI::addr($this->buffer),
            FFI::addr($status),
        ));
        return new Response($status->cdata, $this->written());
    }

    /**
     * Carries out one command line, as an array, and returns its answer.
     *
     * @param array<string, mixed> $command
     * @return array<string, mixed>
     */
    public function execute(array $command): array
    {
        $line = json_encode($command, JSON_THROW_ON_ERROR);
        $answer = json_decode($this->executeJson($line), true, 512, JSON_THROW_ON_ERROR | JSON_BIGINT_AS_STRING);
        if (isset($answer['error'])) {
            $name = $answer['error'];
            $arena = Arena::of($this->ffi, $name);
            $code = $this->ffi->cpc_result_of_name($arena->text($name));
            throw new RefusedException($answer['message'], $code, $name, $answer['field'] ?? null);
        }
        return $answer;
    }

    /** Carries out one command line in JSON and returns its answer in JSON, refusals included. */
    public function executeJson(string $line): string
    {
        $arena = Arena::of($this->ffi, $line);
        $text = $arena->text($line);
        $this->check($this->ffi->cpc_engine_execute($this->handle(), $text, FFI::addr($this->buffer)));
        return $this->written();
    }

    /**
     * Decides a batch: one outcome a message, in order.
     *
     * @param list<Message> $messages
     * @return list<Outcome>
     */
    public function dispatch(
        int $at,
        string $tag,
        string $campaign,
        array $messages,
        string $idAccount = '',
        bool $atomic = false,
    ): array {
        $batch = new Batch($this->ffi, $tag, $campaign, $messages, $idAccount, $atomic);
        $count = count($messages);
        $outcomes = $this->outcomes($count);
        $this->check($this->ffi->cpc_engine_dispatch(
            $this->handle(),
            $at,
            FFI::addr($batch->raw),
            $outcomes,
            $count,
            null,
        ));
        return $this->read($outcomes, $count);
    }

    /**
     * Answers what dispatch() would, and changes nothing.
     *
     * @param list<Message> $messages
     * @return list<Outcome>
     */
    public function preview(
        int $at,
        string $tag,
        string $campaign,
        array $messages,
        string $idAccount = '',
        bool $atomic = false,
    ): array {
        $batch = new Batch($this->ffi, $tag, $campaign, $messages, $idAccount, $atomic);
        $count = count($messages);
        $outcomes = $this->outcomes($count);
        $this->check($this->ffi->cpc_engine_preview($this->handle(), $at, FFI::addr($batch->raw), $outcomes, $count));
        return $this->read($outcomes, $count);
    }

    /** Records a message that came in from a contact. */
    public function reply(int $at, string $phone, ?int $receivedAt = null, bool $optOut = false): Outcome
    {
        $arena = Arena::of($this->ffi, $phone);
        $reply = $this->make('cpc_reply');
        $reply->flags = ($optOut ? 1 : 0) | ($receivedAt !== null ? 2 : 0);
        $reply->received_at = $receivedAt ?? 0;
        $arena->put($reply->phone, $phone);
        $one = $this->outcomes(1);
        $this->check($this->ffi->cpc_engine_reply($this->handle(), $at, FFI::addr($reply), $one, null));
        return $this->read($one, 1)[0];
    }

    /** Records what became of a dispatch. */
    public function report(
        int $at,
        int $dispatch,
        Delivery $delivery,
        Fault $fault = Fault::None,
        string $sender = '',
    ): Outcome {
        $arena = Arena::of($this->ffi, $sender);
        $report = $this->make('cpc_report');
        [$report->dispatch, $report->delivery, $report->fault] = [$dispatch, $delivery->value, $fault->value];
        $arena->put($report->sender, $sender);
        $one = $this->outcomes(1);
        $this->check($this->ffi->cpc_engine_report($this->handle(), $at, FFI::addr($report), $one, null));
        return $this->read($one, 1)[0];
    }

    /**
     * Sends follow-ups that are due.
     *
     * @return list<Outcome>
     */
    public function followUps(int $at, int $limit = 100): array
    {
        [$outcomes, $count] = [$this->outcomes($limit), $this->ffi->new('size_t')];
        $this->check($this->ffi->cpc_engine_follow_ups(
            $this->handle(),
            $at,
            $outcomes,
            $limit,
            FFI::addr($count),
            null,
        ));
        return $this->read($outcomes, $count->cdata);
    }

    /**
     * Lists cycles that ended unanswered since it was last asked.
     *
     * @return list<Outcome>
     */
    public function expire(int $at, int $limit = 100): array
    {
        [$outcomes, $count] = [$this->outcomes($limit), $this->ffi->new('size_t')];
        $this->check($this->ffi->cpc_engine_expire(
            $this->handle(),
            $at,
            $outcomes,
            $limit,
            FFI::addr($count),
            null,
        ));
        return $this->read($outcomes, $count->cdata);
    }

    /**
     * The command lines that an event of whatsappEvents() leads to as the engine stands, or why it leads to none. It changes
     * nothing: carry each out with executeJson(), all of them as one entry of the log if there is one, before the next event
     * is asked about. A host of another gateway makes such events by itself.
     */
    public function whatsappCommands(string $event, int $at): WhatsappCommands
    {
        $arena = Arena::of($this->ffi, $event);
        $ignored = $this->ffi->new('cpc_text');
        $this->check($this->ffi->cpc_engine_whatsapp_commands(
            $this->handle(),
            $arena->text($event),
            $at,
            FFI::addr($this->buffer),
            FFI::addr($ignored),
        ));
        $lines = $this->written();
        return new WhatsappCommands(
            $lines === '' ? [] : explode("\n", rtrim($lines, "\n")),
            $ignored->length > 0 ? FFI::string($ignored->data, $ignored->length) : null,
        );
    }

    /** When to call followUps() and expire() next. */
    public function nextDeadline(): ?int
    {
        [$exists, $deadline] = [$this->ffi->new('bool'), $this->ffi->new('int64_t')];
        $result = $this->ffi->cpc_engine_next_deadline($this->handle(), FFI::addr($exists), FFI::addr($deadline));
        $this->check($result);
        return $exists->cdata ? $deadline->cdata : null;
    }

    /** The engine's state. The same commands lead to the same bytes, everywhere. */
    public function snapshot(): string
    {
        $this->check($this->ffi->cpc_engine_snapshot($this->handle(), FFI::addr($this->buffer)));
        return $this->written();
    }

    /** What the engine is, in 32 hexadecimal digits. */
    public function digest(): string
    {
        $digest = $this->ffi->new('cpc_digest');
        $this->check($this->ffi->cpc_engine_digest($this->handle(), FFI::addr($digest)));
        return sprintf('%016x%016x', $digest->high, $digest->low);
    }

    private function handle(): CData
    {
        return $this->handle ?? throw new ClosedException('the engine was closed', -1, 'closed');
    }

    /** A struct with its size set and all else zero. */
    private function make(string $struct): CData
    {
        $made = $this->ffi->new($struct);
        $made->struct_size = FFI::sizeof($made);
        return $made;
    }

    private function outcomes(int $count): CData
    {
        $outcomes = $this->ffi->new('cpc_outcome[' . max(1, $count) . ']');
        $outcomes[0]->struct_size = FFI::sizeof($outcomes[0]);
        return $outcomes;
    }

    /** @return list<Outcome> */
    private function read(CData $outcomes, int $count): array
    {
        $read = [];
        $senders = [];
        for ($i = 0; $i < $count; $i++) {
            $raw = $outcomes[$i];
            $sender = null;
            if (($raw->present & Outcome::HAS_SENDER) !== 0) {
                $sender = $senders[$raw->sender] ??= $this->senderId($raw->sender);
            }
            $read[] = Outcome::ofRaw($raw, $sender);
        }
        return $read;
    }

    private function senderId(int $sender): string
    {
        $this->check($this->ffi->cpc_engine_sender_id($this->handle(), $sender, FFI::addr($this->buffer)));
        return $this->written();
    }

    private function written(): string
    {
        return $this->buffer->length > 0 ? FFI::string($this->buffer->data, $this->buffer->length) : '';
    }

    private function check(int $result): void
    {
        if ($result !== 0) {
            throw $this->failure($result);
        }
    }

    private function failure(int $result): CpcException
    {
        [$name, $message] = [$this->ffi->cpc_result_name($result), $this->ffi->cpc_result_message($result)];
        $member = null;
        $field = $this->ffi->new('cpc_text');
        $reported = $this->handle === null
            ? 0
            : $this->ffi->cpc_engine_error($this->handle, FFI::addr($field), FFI::addr($this->buffer));
        if ($reported === $result) {
            $message = $this->written();
            $member = $field->length > 0 ? FFI::string($field->data, $field->length) : null;
        }
        return match (true) {
            $result <= -40 => new SnapshotException($message, $result, $name, $member),
            $result <= -20 => new RefusedException($message, $result, $name, $member),
            default => new CpcException($message, $result, $name, $member),
        };
    }
}
