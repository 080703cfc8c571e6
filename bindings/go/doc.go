// Package cpc is CPC, contato por cliente: a contact gets no further message until it answers, or until 24 hours are
// over. An Engine decides; this package calls it through the C library libcpc, which pkg-config must find.
//
// The result of one message is its Outcome. An error means that the call had no effect; it is an *Error, to be compared
// with errors.Is: ErrUnknownWallet, ErrClosed. Errors never repeat input values, which are personal data.
//
// Times are milliseconds since 1970, UTC: the engine has no clock.
package cpc
