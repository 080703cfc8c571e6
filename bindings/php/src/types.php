<?php

/** What goes in and comes out, as PHP has it. */

declare(strict_types=1);

namespace Cpc;

/** The answer to one item. The refusals of a dispatch (10 to 90) are in order of precedence. */
enum Status: int
{
    case Accepted = 0;
    case InvalidPhone = 10;
    case InvalidField = 11;
    case CloseTicketRequired = 12;
    case EmptyTemplate = 13;
    case OptedOut = 20;
    case Undeliverable = 21;
    case DuplicateInBatch = 30;
    case AlreadyAccepted = 31;
    case ContactBlocked = 40;
    case OutOfHours = 50;
    case UnknownOperator = 60;
    case NoSenderAvailable = 70;
    case ContactsFull = 80;
    case NotAttempted = 90;
    case Applied = 100;
    case Unchanged = 101;
    case Replied = 110;
    case StaleReply = 111;
    case Moved = 120;
    case Released = 121;
    case Kept = 122;
    case StaleReport = 123;
    case UnknownDispatch = 124;
    case Allowed = 130;
    case ManualStartDenied = 131;
    case Expired = 140;

    /** The name as it is written in JSON. */
    public function wireName(): string
    {
        return Library::get()->cpc_status_name($this->value);
    }

    /** What it says to people. */
    public function text(Language $language = Language::Portuguese): string
    {
        return Library::get()->cpc_status_message($this->value, $language->value);
    }
}

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

/** What became of a dispatch. */
enum Delivery: int
{
    case Sent = 1;
    case Delivered = 2;
    case Read = 3;
    case Failed = 4;
}

/** Whose fault a failed delivery is. */
enum Fault: int
{
    case None = 0;
    case Contact = 1;
    case Sender = 2;
    case Request = 3;
    case Ambiguous = 4;
}

/** One message of a batch. An empty text is the same as an absent one. */
final readonly class Message
{
    /** @param int|null $idMessage the message's own number, which makes posting it again harmless; not negative */
    public function __construct(
        public string $phone,
        public string $specialistCode,
        public string $mainTemplate,
        public bool $closeTicket = true,
        public ?int $idMessage = null,
        public string $clientId = '',
        public string $contract = '',
        public string $retryTemplate = '',
        public string $lastTemplate = '',
    ) {
    }
}

/** What became of one item. Members that its status does not have are null; instants are ms since 1970, UTC. */
final readonly class Outcome
{
    public function __construct(
        public Status $status,
        public ?int $stage,
        public ?int $firstIndex,
        public ?string $sender,
        public ?int $phone,
        public ?int $dispatch,
        public ?int $origin,
        public ?int $to,
        public ?int $sendAt,
        public ?int $blockedUntil,
        public ?int $retryAt,
        public ?int $expiredAt,
        public ?string $field,
        public bool $warnsEmptyTemplate,
    ) {
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
