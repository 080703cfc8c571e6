//! Structs and arrays of the caller's, checked before they are used.

use crate::result::{Failure, cpc_result};
use core::slice;

/// A struct that begins with its own size, so that a later version can tell an older caller's.
///
/// # Safety
/// The type is `#[repr(C)]`, its first member is the `u32` `struct_size`, and any bytes are a value of it.
pub(crate) unsafe trait Sized32 {
    /// The size that a caller of this version says.
    const SIZE: u32;
}

/// Declares structs to be [`Sized32`].
macro_rules! sized {
    ($($kind:ident),*) => {$(
        const _: () = assert!(core::mem::offset_of!($kind, struct_size) == 0);
        const _: () = assert!(size_of::<$kind>() < u32::MAX as usize);

        // SAFETY: the struct is `#[repr(C)]` of integers and pointers alone; the assertion sees to the order.
        unsafe impl crate::argument::Sized32 for $kind {
            const SIZE: u32 = size_of::<$kind>() as u32;
        }
    )*};
}
pub(crate) use sized;

const fn misuse<T>(result: cpc_result, name: &'static str) -> Result<T, Failure> {
    Err(Failure::Misuse(result, name))
}

/// Refuses NULL and what is not aligned.
pub(crate) fn check_pointer<T>(pointer: *const T, name: &'static str) -> Result<(), Failure> {
    if pointer.is_null() {
        return misuse(cpc_result::CPC_ERR_NULL, name);
    }
    if !pointer.is_aligned() {
        return misuse(cpc_result::CPC_ERR_ALIGNMENT, name);
    }
    Ok(())
}

/// Refuses a size that is not the struct's. A version that adds members takes the sizes of earlier versions too.
pub(crate) const fn check_size<T: Sized32>(said: u32, name: &'static str) -> Result<(), Failure> {
    if said == T::SIZE { Ok(()) } else { misuse(cpc_result::CPC_ERR_STRUCT_SIZE, name) }
}

/// The size that a struct says it has.
///
/// # Safety
/// `pointer` is not NULL, aligned, and the struct's first four bytes can be read.
unsafe fn said_size<T: Sized32>(pointer: *const T) -> u32 {
    // SAFETY: `Sized32` promises that the struct begins with this member.
    unsafe { pointer.cast::<u32>().read() }
}

/// A struct that comes in.
///
/// # Safety
/// `pointer` is NULL, or the struct can be read for as long as `'a`.
pub(crate) unsafe fn input<'a, T: Sized32>(pointer: *const T, name: &'static str) -> Result<&'a T, Failure> {
    check_pointer(pointer, name)?;
    // SAFETY: not NULL and aligned.
    check_size::<T>(unsafe { said_size(pointer) }, name)?;
    // SAFETY: it is as large as it must be.
    Ok(unsafe { &*pointer })
}

/// An array that comes in, of structs that the caller has yet to check; empty if there are none.
///
/// # Safety
/// `pointer` is NULL, or `count` of them can be read for as long as `'a`.
pub(crate) unsafe fn inputs<'a, T>(
    pointer: *const T,
    count: usize,
    name: &'static str,
) -> Result<&'a [T], Failure> {
    if count == 0 {
        return Ok(&[]);
    }
    check_pointer(pointer, name)?;
    if count > isize::MAX as usize / size_of::<T>().max(1) {
        return misuse(cpc_result::CPC_ERR_TOO_LARGE, name);
    }
    // SAFETY: not NULL, aligned, not larger than memory; the caller says that they are there.
    Ok(unsafe { slice::from_raw_parts(pointer, count) })
}

/// A place for an answer.
pub(crate) struct Output<T> {
    place: *mut T,
}

impl<T: Sized32> Output<T> {
    /// A place that must be there.
    ///
    /// # Safety
    /// `place` is NULL, or its `struct_size` is set and it can be written during the call.
    pub(crate) unsafe fn required(place: *mut T, name: &'static str) -> Result<Output<T>, Failure> {
        check_pointer(place, name)?;
        // SAFETY: not NULL and aligned.
        check_size::<T>(unsafe { said_size(place) }, name)?;
        Ok(Output { place })
    }

    /// A place that may be left out.
    ///
    /// # Safety
    /// As [`required`](Self::required).
    pub(crate) unsafe fn optional(place: *mut T, name: &'static str) -> Result<Option<Output<T>>, Failure> {
        if place.is_null() {
            return Ok(None);
        }
        // SAFETY: the caller sees to it.
        unsafe { Output::required(place, name) }.map(Some)
    }

    /// Writes the answer.
    pub(crate) fn write(self, value: T) {
        // SAFETY: checked when this was made; the place is the caller's to be written to.
        unsafe { self.place.write(value) };
    }
}

/// A place for a plain number or text.
pub(crate) struct PlainOutput<T> {
    place: *mut T,
}

impl<T: Copy> PlainOutput<T> {
    /// A place that must be there.
    ///
    /// # Safety
    /// `place` is NULL, or can be written during the call.
    pub(crate) unsafe fn required(place: *mut T, name: &'static str) -> Result<PlainOutput<T>, Failure> {
        check_pointer(place, name)?;
        Ok(PlainOutput { place })
    }

    /// Writes the answer.
    pub(crate) fn write(self, value: T) {
        // SAFETY: checked when this was made; the place is the caller's to be written to.
        unsafe { self.place.write(value) };
    }
}

/// Places for a row of answers, the first of which has its `struct_size` set.
pub(crate) struct Outputs<T> {
    places: *mut T,
    capacity: usize,
}

impl<T: Sized32> Outputs<T> {
    /// Places for as many as `capacity`, which may be none.
    ///
    /// # Safety
    /// `places` is NULL, or the first has its `struct_size` set and all can be written during the call.
    pub(crate) unsafe fn new(
        places: *mut T,
        capacity: usize,
        name: &'static str,
    ) -> Result<Outputs<T>, Failure> {
        if capacity > 0 {
            check_pointer(places, name)?;
            if capacity > isize::MAX as usize / size_of::<T>().max(1) {
                return misuse(cpc_result::CPC_ERR_TOO_LARGE, name);
            }
            // SAFETY: not NULL and aligned.
            check_size::<T>(unsafe { said_size(places) }, name)?;
        }
        Ok(Outputs { places, capacity })
    }

    /// Refuses a command that would have more answers than there are places.
    pub(crate) const fn check_room(&self, count: usize, name: &'static str) -> Result<(), Failure> {
        if count <= self.capacity { Ok(()) } else { misuse(cpc_result::CPC_ERR_CAPACITY, name) }
    }

    pub(crate) const fn capacity(&self) -> usize {
        self.capacity
    }

    /// Writes the answers, as far as there are places for them.
    pub(crate) fn write(self, values: impl Iterator<Item = T>) {
        for (index, value) in values.take(self.capacity).enumerate() {
            // SAFETY: `index` is below `capacity`, so it is one of the caller's places.
            let place = unsafe { self.places.add(index) };
            // SAFETY: checked when this was made; the places are the caller's to be written to.
            unsafe { place.write(value) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::cpc_applied;
    use cpc_result::*;

    fn said(struct_size: u32) -> cpc_applied {
        cpc_applied { struct_size, ..cpc_applied::default() }
    }

    fn result<T>(result: Result<T, Failure>) -> cpc_result {
        result.err().map_or(CPC_OK, Failure::result)
    }

    #[test]
    fn a_struct_is_taken_if_it_is_there_aligned_and_of_its_size() {
        let read = |pointer: *const cpc_applied| result(unsafe { input(pointer, "x") });
        let good = said(cpc_applied::SIZE);
        assert_eq!(read(&raw const good), CPC_OK);
        assert_eq!(read(core::ptr::null()), CPC_ERR_NULL);
        assert_eq!(read((&raw const good).wrapping_byte_add(1)), CPC_ERR_ALIGNMENT);
        for size in [0, cpc_applied::SIZE - 1, cpc_applied::SIZE + 1, u32::MAX] {
            assert_eq!(read(&said(size)), CPC_ERR_STRUCT_SIZE);
        }
    }

    #[test]
    fn no_structs_need_no_memory() {
        let none = core::ptr::null::<u64>();
        assert_eq!(unsafe { inputs(none, 0, "x") }, Ok(&[][..]));
        assert_eq!(result(unsafe { inputs(none, 1, "x") }), CPC_ERR_NULL);
        let one = 7_u64;
        assert_eq!(result(unsafe { inputs(&raw const one, usize::MAX, "x") }), CPC_ERR_TOO_LARGE);
        assert!(unsafe { Outputs::<cpc_applied>::new(core::ptr::null_mut(), 0, "x") }.is_ok());
    }

    #[test]
    fn answers_beyond_the_last_place_are_not_written() {
        let mut places = [said(cpc_applied::SIZE), said(0), said(77)];
        let outputs = unsafe { Outputs::new(places.as_mut_ptr(), 2, "x") }.unwrap();
        assert_eq!(result(outputs.check_room(3, "x")), CPC_ERR_CAPACITY);
        outputs.write(core::iter::repeat(said(1)));
        assert_eq!(places.map(|place| place.struct_size), [1, 1, 77]);
    }
}
