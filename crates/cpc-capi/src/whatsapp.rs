//! What comes from WhatsApp, as the engine takes it: opt-outs and error codes. `cpc-wire` knows what they mean.
//!
//! Lists are made anew in each call, which takes microseconds: the library keeps no memory that no handle owns.

use crate::argument::PlainOutput;
use crate::choice::cpc_fault;
use crate::handle::without_handle;
use crate::result::cpc_result;
use crate::text::cpc_text;
use cpc_core::Fault;
use cpc_wire::{FaultTable, OptOutWords};

/// Whether a message of a contact's asks not to be written to any more: what `CPC_REPLY_OPT_OUT` is to say of it. It does
/// if the whole of it is one of `parar`, `pare`, `sair`, `cancelar`, `stop`, `remover` and `descadastrar`; case, accents,
/// punctuation and symbols do not matter. Allocates. Any thread may call it at any time.
///
/// Fails with `CPC_ERR_NULL`, `CPC_ERR_ALIGNMENT`, `CPC_ERR_UTF8` or `CPC_ERR_TOO_LARGE`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cpc_is_opt_out(message: cpc_text, is_opt_out: *mut bool) -> cpc_result {
    without_handle(|| {
        // SAFETY: the caller's to be written to.
        let place = unsafe { PlainOutput::required(is_opt_out, "is_opt_out") }?;
        // SAFETY: the caller's to be read during the call.
        let message = unsafe { message.read("message") }?;
        place.write(OptOutWords::default().matches(message));
        Ok(())
    })
}

/// Whose fault an error code of WhatsApp's is, a `cpc_fault` for the report of a failed delivery: 131026 is
/// `CPC_FAULT_CONTACT`, 131049 is `CPC_FAULT_REQUEST`. Codes that are not known are `CPC_FAULT_AMBIGUOUS`, as the message
/// may have been delivered. 131050 also says that the contact has opted out, which is a call of its own
/// (`cpc_engine_opt_out`). Allocates. Any thread may call it at any time.
#[unsafe(no_mangle)]
pub extern "C" fn cpc_fault_of_code(code: u32) -> i32 {
    let fault = match FaultTable::default().advice(code).fault {
        Fault::Contact => cpc_fault::CPC_FAULT_CONTACT,
        Fault::Sender => cpc_fault::CPC_FAULT_SENDER,
        Fault::Request => cpc_fault::CPC_FAULT_REQUEST,
        Fault::Ambiguous => cpc_fault::CPC_FAULT_AMBIGUOUS,
    };
    fault as i32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::choice::delivery_of;
    use core::ptr;
    use cpc_core::Delivery;
    use cpc_result::*;

    fn asked(message: &str) -> Option<bool> {
        let mut answer = false;
        let result = unsafe { cpc_is_opt_out(cpc_text::of(message), &raw mut answer) };
        (result == CPC_OK).then_some(answer)
    }

    #[test]
    fn opt_outs_are_those_of_the_wire() {
        for message in ["PÁRAR!", "sair", "não parar", "", "Olá"] {
            assert_eq!(asked(message), Some(OptOutWords::default().matches(message)), "{message}");
        }
        assert_eq!(asked("PÁRAR!"), Some(true));
    }

    #[test]
    fn a_message_that_is_none_is_refused() {
        let mut answer = true;
        let bytes = cpc_text { data: b"\xFF".as_ptr().cast(), length: 1 };
        assert_eq!(unsafe { cpc_is_opt_out(bytes, &raw mut answer) }, CPC_ERR_UTF8);
        let null = cpc_text { length: 1, ..cpc_text::EMPTY };
        assert_eq!(unsafe { cpc_is_opt_out(null, &raw mut answer) }, CPC_ERR_NULL);
        assert_eq!(unsafe { cpc_is_opt_out(cpc_text::of("sair"), ptr::null_mut()) }, CPC_ERR_NULL);
        assert!(answer);
    }

    #[test]
    fn every_code_has_the_fault_that_the_wire_says() {
        for code in [0, 1, 4, 368, 463, 131_026, 131_047, 131_048, 131_049, 131_050, 132_500, u32::MAX] {
            let fault = FaultTable::default().advice(code).fault;
            assert_eq!(delivery_of(4, cpc_fault_of_code(code)), Ok(Delivery::Failed(fault)), "{code}");
        }
        assert_eq!(cpc_fault_of_code(131_026), cpc_fault::CPC_FAULT_CONTACT as i32);
    }
}
