//! New, snapshot, restore, digest. `cpc_engine_free` is in `handle`.

use crate::argument::{PlainOutput, check_pointer};
use crate::choice::language_of;
use crate::handle::{cpc_engine, handle, with, without_handle};
use crate::result::{CallError, cpc_result};
use crate::text::{cpc_buffer, cpc_text};
use cpc_core::{Engine, Policy};

/// A digest of an engine's state, 128 bits: two engines with the same digest decide alike. In JSON it is 32 hexadecimal
/// digits, those of `high` first.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct cpc_digest {
    /// The upper 64 bits.
    pub high: u64,
    /// The lower 64 bits.
    pub low: u64,
}

/// Makes an engine without contacts, with the default policy, and writes its handle to `*engine`. The caller
/// owns it and ends it with `cpc_engine_free`. `language` is a `cpc_language`: that of all texts for people.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cpc_engine_new(language: i32, engine: *mut *mut cpc_engine) -> cpc_result {
    without_handle(|| {
        // SAFETY: the caller's to be written to.
        let place = unsafe { PlainOutput::required(engine, "engine") }?;
        let language = language_of(language)?;
        place.write(cpc_engine::hand_out(Engine::new(Policy::default()), language));
        Ok(())
    })
}

/// Makes an engine that no later call can tell from the one that the snapshot was taken of, and writes its handle to
/// `*engine`. The caller owns it. Memory is used in proportion to the bytes, whatever they claim.
///
/// Also fails with `CPC_ERR_NOT_A_SNAPSHOT` or a `CPC_ERR_SNAPSHOT_…`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cpc_engine_restore(
    snapshot: cpc_text,
    language: i32,
    engine: *mut *mut cpc_engine,
) -> cpc_result {
    without_handle(|| {
        // SAFETY: the caller's to be written to.
        let place = unsafe { PlainOutput::required(engine, "engine") }?;
        let language = language_of(language)?;
        // SAFETY: the caller's to be read during the call.
        let restored = Engine::restore(unsafe { snapshot.bytes("snapshot") }?)?;
        place.write(cpc_engine::hand_out(restored, language));
        Ok(())
    })
}

/// Writes the engine's state to `snapshot`, which it replaces. The same commands lead to the same bytes, on every
/// platform. Takes time and memory in proportion to the contacts.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cpc_engine_snapshot(
    engine: *const cpc_engine,
    snapshot: *mut cpc_buffer,
) -> cpc_result {
    // SAFETY: the caller's handle.
    with(unsafe { handle(engine) }, |state| {
        // SAFETY: the caller's to be written to.
        let buffer = unsafe { buffer_of(snapshot, "snapshot") }?;
        // SAFETY: the caller hands in zeros, or what the library wrote.
        unsafe { buffer.fill(|out| state.engine.snapshot(out)) }
    })
}

/// Writes the engine's digest, as of its clock. It does not depend on how often `cpc_engine_expire` was called, nor on
/// how many commands were applied. Takes time in proportion to the contacts.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cpc_engine_digest(engine: *const cpc_engine, digest: *mut cpc_digest) -> cpc_result {
    // SAFETY: the caller's handle.
    with(unsafe { handle(engine) }, |state| {
        // SAFETY: the caller's to be written to.
        let place = unsafe { PlainOutput::required(digest, "digest") }?;
        let digest = state.engine.digest();
        place.write(cpc_digest { high: (digest >> 64) as u64, low: digest as u64 });
        Ok(())
    })
}

/// A buffer of the caller's.
///
/// # Safety
/// `buffer` is NULL, or the caller's alone for as long as `'a`.
pub(crate) unsafe fn buffer_of<'a>(
    buffer: *mut cpc_buffer,
    name: &'static str,
) -> Result<&'a mut cpc_buffer, CallError> {
    check_pointer(buffer, name)?;
    // SAFETY: not NULL and aligned; the caller sees to the rest.
    Ok(unsafe { &mut *buffer })
}
