<?php

declare(strict_types=1);

namespace Cpc;

use FFI;

/** The C library: the file that CPC_LIBRARY names, one beside this package, or the installed one. */
final class Library
{
    private const ABI_VERSION = 1;
    private static ?FFI $ffi = null;

    public static function get(): FFI
    {
        return self::$ffi ??= self::load();
    }

    private static function load(): FFI
    {
        $beside = __DIR__ . '/../lib/libcpc.so';
        $file = getenv('CPC_LIBRARY') ?: (is_file($beside) ? $beside : 'libcpc.so.0.1');
        $ffi = FFI::cdef((string) file_get_contents(__DIR__ . '/cpc.ffi.h'), $file);
        if ($ffi->cpc_abi_version() !== self::ABI_VERSION) {
            throw new \RuntimeException("$file has another ABI than this package");
        }
        return $ffi;
    }
}
