<?php

/** What goes in and comes out and is not generated. */

declare(strict_types=1);

namespace Cpc;

/** A language of texts for people. */
enum Language: int
{
    case Portuguese = 1;
    case English = 2;
}

/** How much the response to a massivocpc request says. */
enum Profile: int
{
    case Full = 1;
    case Spec = 2;
}

/** What happens to a sender whose message failed, beyond the quarantine that a report of its fault leads to. */
enum SenderAdvice: int
{
    case None = 0;
    /** It rests for holdMs. */
    case Hold = 1;
    case ExistingOnly = 2;
    case Disable = 3;
    case DisableGroup = 4;
}

/** Whether and when a message that failed may be tried again. */
enum Retry: int
{
    case AsDecided = 0;
    /** Not before retryAfterMs. */
    case After = 1;
    case BackOff = 2;
    case AsTemplate = 3;
    case Never = 4;
}

/** What to do about an error code of WhatsApp's. */
final readonly class Advice
{
    public function __construct(
        public Fault $fault,
        public SenderAdvice $sender,
        public int $holdMs,
        public Retry $retry,
        public int $retryAfterMs,
        public bool $optOut,
    ) {
    }
}

/** The command lines that an event leads to, in their order; or why it leads to none: `reaction`, `status`… */
final readonly class WhatsappCommands
{
    /** @param list<string> $commands */
    public function __construct(public array $commands, public ?string $ignored)
    {
    }
}

/** The response to a massivocpc request. */
final readonly class Response
{
    public function __construct(public int $status, public string $body)
    {
    }
}

/**
 * A call that was not carried out; nothing changed. Its code is the cpc_result; that of `refused`, -31, for a name that has
 * no number of its own.
 */
class CpcException extends \RuntimeException
{
    /**
     * @param string $name the result's name; of refused commands as in JSON: unknown_wallet
     * @param string|null $field the member or argument at fault, if one is
     */
    public function __construct(
        string $message,
        int $code,
        public readonly string $name,
        public readonly ?string $field = null,
    ) {
        parent::__construct($message, $code);
    }
}

/** The engine refused a command as a whole. */
final class RefusedException extends CpcException
{
}

/** The bytes are not a snapshot that this version restores. */
final class SnapshotException extends CpcException
{
}

/** The engine was closed. */
final class ClosedException extends CpcException
{
}

/**
 * Whether a message of a contact's asks not to be written to any more: the `optOut` of its reply. It does if the whole of
 * it is such a word, `parar` or `stop`; case, accents, punctuation and symbols do not matter.
 */
function isOptOut(string $message): bool
{
    $ffi = Library::get();
    $arena = Arena::of($ffi, $message);
    $answer = $ffi->new('bool');
    // What is not UTF-8 is refused, and is no such word.
    return $ffi->cpc_is_opt_out($arena->text($message), \FFI::addr($answer)) === 0 && $answer->cdata;
}

/**
 * Whose fault an error code of WhatsApp's is, for the report of a failed delivery: 131026 is the contact's, 131049 that of
 * the request; of a code that is not known it is ambiguous.
 */
function faultOfCode(int $code): Fault
{
    $fits = $code >= 0 && $code <= 0xFFFF_FFFF;
    return $fits ? Fault::from(Library::get()->cpc_fault_of_code($code)) : Fault::Ambiguous;
}

/** All that an error code of WhatsApp's means, and what whatsappCommands() does about it. */
function adviceOfCode(int $code): Advice
{
    $ffi = Library::get();
    $raw = $ffi->new('cpc_advice');
    $raw->struct_size = \FFI::sizeof($raw);
    $fits = $code >= 0 && $code <= 0xFFFF_FFFF;
    // No code has the largest number: it means what all unknown ones do.
    $ffi->cpc_advice_of_code($fits ? $code : 0xFFFF_FFFF, \FFI::addr($raw));
    return new Advice(
        Fault::from($raw->fault),
        SenderAdvice::from($raw->sender),
        $raw->hold_ms,
        Retry::from($raw->retry),
        $raw->retry_after_ms,
        ($raw->flags & 1) !== 0,
    );
}

/**
 * Takes a notification of the WhatsApp Cloud API apart, the body of its webhook, into events for whatsappCommands(), each in
 * JSON. The webhook's signature is for the host to check, before.
 *
 * @return list<string>
 */
function whatsappEvents(string $notification): array
{
    $ffi = Library::get();
    $arena = Arena::of($ffi, $notification);
    $events = $ffi->new('cpc_buffer');
    $result = $ffi->cpc_whatsapp_events($arena->text($notification), \FFI::addr($events));
    $lines = $events->length > 0 ? \FFI::string($events->data, $events->length) : '';
    $ffi->cpc_buffer_free(\FFI::addr($events));
    if ($result !== 0) {
        [$name, $message] = [$ffi->cpc_result_name($result), $ffi->cpc_result_message($result)];
        throw new RefusedException($message, $result, $name, 'notification');
    }
    return $lines === '' ? [] : explode("\n", rtrim($lines, "\n"));
}
