// Package cpc is CPC, contato por cliente: whoever was written to is left alone until they answer, or until 24 hours are
// over. An Engine decides; this package hands it what goes in and what comes out, through the C library libcpc, which
// pkg-config must find.
//
// What became of one message is its Outcome. An error means that a call was not carried out and nothing changed; it is an
// *Error, and errors.Is tells which: ErrUnknownWallet, ErrClosed. Errors never repeat values that were handed in.
//
// Times are milliseconds since 1970, UTC: the engine has no clock.
package cpc
