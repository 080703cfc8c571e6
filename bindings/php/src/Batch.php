<?php

declare(strict_types=1);

namespace Cpc;

use FFI;
use FFI\CData;

/**
 * A batch in C memory. It must live until the call returns.
 *
 * @internal
 */
final class Batch
{
    /** Members of cpc_message, and the properties that they are read from. */
    private const TEXTS = [
        // generated: texts of messages
        'phone' => 'phone',
        'client_id' => 'clientId',
        'contract' => 'contract',
        'specialist_code' => 'specialistCode',
        'main_template' => 'mainTemplate',
        'retry_template' => 'retryTemplate',
        'last_template' => 'lastTemplate',
        // end
    ];

    public readonly CData $raw;
    private readonly Arena $arena;
    private readonly CData $messages;

    /** @param list<Message> $messages */
    public function __construct(
        FFI $ffi,
        string $tag,
        string $campaign,
        array $messages,
        string $idAccount,
        bool $atomic,
    ) {
        $size = strlen($tag) + strlen($campaign) + strlen($idAccount);
        foreach ($messages as $message) {
            foreach (self::TEXTS as $property) {
                $size += strlen($message->$property);
            }
        }
        $this->arena = new Arena($ffi, $size);
        $this->raw = $ffi->new('cpc_batch');
        $this->raw->struct_size = FFI::sizeof($this->raw);
        $this->raw->flags = $atomic ? 1 : 0;
        $this->arena->put($this->raw->campaign, $campaign);
        $this->arena->put($this->raw->id_account, $idAccount);
        $this->arena->put($this->raw->tag, $tag);
        $this->messages = $ffi->new('cpc_message[' . max(1, count($messages)) . ']');
        foreach (array_values($messages) as $index => $message) {
            $this->write($this->messages[$index], $message);
        }
        $this->raw->messages = $ffi->cast('cpc_message *', FFI::addr($this->messages));
        $this->raw->count = count($messages);
    }

    private function write(CData $raw, Message $message): void
    {
        if ($message->idMessage !== null && $message->idMessage < 0) {
            throw new \ValueError('idMessage is below zero');
        }
        $raw->struct_size = FFI::sizeof($raw);
        $raw->flags = ($message->closeTicket ? 1 : 0) | ($message->idMessage !== null ? 2 : 0);
        $raw->id_message = $message->idMessage ?? 0;
        foreach (self::TEXTS as $member => $property) {
            $this->arena->put($raw->$member, $message->$property);
        }
    }
}
