<?php

declare(strict_types=1);

namespace Cpc;

use FFI;
use FFI\CData;

/**
 * Memory for the texts of one call. C reads them where they are, so this must live until the call returns.
 *
 * @internal
 */
final class Arena
{
    private CData $bytes;
    private int $used = 0;

    public function __construct(private readonly FFI $ffi, int $size)
    {
        $this->bytes = $ffi->new('char[' . ($size + 1) . ']');
    }

    /** The arena and the text of a call that has one text. */
    public static function of(FFI $ffi, string $text): self
    {
        return new self($ffi, strlen($text));
    }

    /** Copies a text, and writes to a cpc_text where it is. */
    public function put(CData $place, string $text): CData
    {
        $length = strlen($text);
        if ($length > 0) {
            $start = $this->ffi->cast('char *', FFI::addr($this->bytes)) + $this->used;
            FFI::memcpy($start, $text, $length);
            $place->data = $start;
            $this->used += $length;
        }
        $place->length = $length;
        return $place;
    }

    public function text(string $text): CData
    {
        return $this->put($this->ffi->new('cpc_text'), $text);
    }
}
