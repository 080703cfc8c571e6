<?php

declare(strict_types=1);

namespace Cpc;

/** The methods of Status, whose cases are generated. */
trait StatusText
{
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
