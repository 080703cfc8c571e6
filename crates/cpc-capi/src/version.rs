//! Which library this is.

use core::ffi::{CStr, c_char};

/// The version of this ABI. It grows when something that existed is changed or removed. New functions, new numbers and
/// new members at the end of structs that begin with `struct_size` do not count: a library serves programs that were
/// built against any earlier header of its ABI version. A program compares it with `cpc_abi_version()` once, before
/// anything else.
pub const CPC_ABI_VERSION: u32 = 1;

/// The version of the library, as text.
pub const CPC_VERSION: &str = "0.1.0";
/// The first number of the version.
pub const CPC_VERSION_MAJOR: u32 = 0;
/// The second number of the version.
pub const CPC_VERSION_MINOR: u32 = 1;
/// The third number of the version.
pub const CPC_VERSION_PATCH: u32 = 0;

const VERSION: &CStr = match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
    Ok(text) => text,
    Err(_) => c"",
};

/// The `CPC_ABI_VERSION` that the library was built with.
#[unsafe(no_mangle)]
pub extern "C" fn cpc_abi_version() -> u32 {
    CPC_ABI_VERSION
}

/// The version of the library, a static text that ends with NUL: `CPC_VERSION` if header and library are of the same
/// version.
#[unsafe(no_mangle)]
pub extern "C" fn cpc_version() -> *const c_char {
    VERSION.as_ptr()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_macros_say_the_version_of_the_crate() {
        assert_eq!(CPC_VERSION, env!("CARGO_PKG_VERSION"));
        let numbers = format!("{CPC_VERSION_MAJOR}.{CPC_VERSION_MINOR}.{CPC_VERSION_PATCH}");
        assert_eq!(numbers, CPC_VERSION);
        assert_eq!(VERSION.to_str(), Ok(CPC_VERSION));
    }
}
