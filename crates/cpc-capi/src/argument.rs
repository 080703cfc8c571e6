//! Structs and arrays of the caller's, checked before they are used.
//!
//! # How structs grow
//!
//! A struct that begins with `struct_size` gets new members at its end within an ABI version. A program may be older
//! than the library, and says which version of a struct it has by its size ([`Versioned`]):
//!
//! - every size from that of the first published version to the library's own is taken;
//! - in what comes in, members past the caller's size are 0, which every struct takes as absent;
//! - of what goes out, the caller's size is written and nothing past it;
//! - elements of an array stand the caller's size apart. The first one says it, and all that come in must say the
//!   same.
//!
//! A size larger than the library's is refused. The program knows members that the library would ignore; and of what
//! goes out the library would have to write to memory on the word of a number that may be uninitialised.

use crate::result::{CallError, cpc_result};
use core::marker::PhantomData;
use core::mem::MaybeUninit;
use core::{ptr, slice};

/// A struct that begins with its own size, and may have more members in later versions.
///
/// # Safety
/// The type is `#[repr(C)]`, its first member is the `u32` `struct_size`, any bytes are a value of it, and the first
/// [`FIRST_SIZE`](Self::FIRST_SIZE) bytes are members of the first published version, without padding at their end.
pub(crate) unsafe trait Versioned: Copy {
    /// The size in this version, in bytes.
    const SIZE: u32 = size_of::<Self>() as u32;
    /// The size in the first published version, in bytes.
    const FIRST_SIZE: u32;
}

/// Declares structs to be [`Versioned`], each with the last member of its first published version. That member stays
/// the same when others are added after it.
macro_rules! versioned {
    ($($kind:ident through $last:ident),* $(,)?) => {$(
        const _: () = assert!(core::mem::offset_of!($kind, struct_size) == 0);
        // In padding a later member would find whatever an older caller left there.
        const _: () = assert!(
            <$kind as crate::argument::Versioned>::FIRST_SIZE as usize % align_of::<$kind>() == 0
        );

        // SAFETY: the struct is `#[repr(C)]` of integers and pointers alone; the assertions see to the rest.
        unsafe impl crate::argument::Versioned for $kind {
            const FIRST_SIZE: u32 = (core::mem::offset_of!($kind, $last)
                + crate::argument::size_of_member(|value: &$kind| &value.$last)) as u32;
        }
    )*};
}
pub(crate) use versioned;

/// The size of the member that a function returns.
pub(crate) const fn size_of_member<T, M>(_: fn(&T) -> &M) -> usize {
    size_of::<M>()
}

const fn misuse<T>(result: cpc_result, name: &'static str) -> Result<T, CallError> {
    Err(CallError::Misuse(result, name))
}

/// Refuses NULL and what is not aligned.
pub(crate) fn check_pointer<T>(pointer: *const T, name: &'static str) -> Result<(), CallError> {
    if pointer.is_null() {
        return misuse(cpc_result::CPC_ERR_NULL, name);
    }
    if !pointer.is_aligned() {
        return misuse(cpc_result::CPC_ERR_ALIGNMENT, name);
    }
    Ok(())
}

/// Refuses an array that would be larger than memory. `stride` is from element to element, in bytes.
const fn check_extent(count: usize, stride: usize, name: &'static str) -> Result<(), CallError> {
    match count.checked_mul(stride) {
        Some(extent) if extent <= isize::MAX as usize => Ok(()),
        _ => misuse(cpc_result::CPC_ERR_TOO_LARGE, name),
    }
}

/// The size that a struct says, in bytes, if a version of it can have that size.
///
/// # Safety
/// `pointer` is not NULL, aligned, and the struct's first four bytes can be read.
unsafe fn checked_size<T: Versioned>(pointer: *const T, name: &'static str) -> Result<usize, CallError> {
    // SAFETY: the caller sees to it.
    let size = unsafe { said_size(pointer) };
    let is_known =
        (T::FIRST_SIZE..=T::SIZE).contains(&size) && (size as usize).is_multiple_of(align_of::<T>());
    if is_known { Ok(size as usize) } else { misuse(cpc_result::CPC_ERR_STRUCT_SIZE, name) }
}

/// The size that a struct says.
///
/// # Safety
/// As [`checked_size`].
#[inline(always)]
unsafe fn said_size<T: Versioned>(pointer: *const T) -> u32 {
    // SAFETY: `Versioned` promises that the struct begins with this member.
    unsafe { pointer.cast::<u32>().read() }
}

/// A copy of a caller's struct, with 0 in the members that its version does not have.
///
/// # Safety
/// `size` bytes can be read at `pointer`, no more than the struct has.
#[inline(never)]
unsafe fn copy_in<T: Versioned>(pointer: *const T, size: usize) -> T {
    let mut copy = MaybeUninit::<T>::zeroed();
    // SAFETY: the caller says that they can be read, and the copy has as many; bytes need no alignment.
    unsafe { ptr::copy_nonoverlapping(pointer.cast::<u8>(), copy.as_mut_ptr().cast::<u8>(), size) };
    // SAFETY: all bytes are set, and `Versioned` promises that any are a value.
    unsafe { copy.assume_init() }
}

/// Writes as much of an answer as the caller's version of the struct has.
///
/// # Safety
/// `place` is aligned and the caller's to be written to; `size` is what it says, and was checked.
#[inline(always)]
unsafe fn copy_out<T: Versioned>(place: *mut T, value: T, size: usize) {
    if size == T::SIZE as usize {
        // SAFETY: the place is as large as the library's struct.
        unsafe { place.write(value) };
    } else {
        // SAFETY: the caller sees to it.
        unsafe { copy_part_out(place, &value, size) };
    }
}

/// As [`copy_out`], to a caller whose struct is smaller.
#[cold]
unsafe fn copy_part_out<T: Versioned>(place: *mut T, value: &T, size: usize) {
    // SAFETY: the place has so many bytes, fewer than the value; bytes need no alignment.
    unsafe { ptr::copy_nonoverlapping(ptr::from_ref(value).cast::<u8>(), place.cast::<u8>(), size) };
    // The caller's own size stays, so that the place can be handed in again.
    // SAFETY: `Versioned` promises that the struct begins with this member.
    unsafe { place.cast::<u32>().write(size as u32) };
}

/// A struct that comes in, as the library knows it.
///
/// # Safety
/// `pointer` is NULL, or the struct can be read at the size that it says.
pub(crate) unsafe fn input<T: Versioned>(pointer: *const T, name: &'static str) -> Result<T, CallError> {
    check_pointer(pointer, name)?;
    // SAFETY: not NULL and aligned.
    let size = unsafe { checked_size(pointer, name) }?;
    // SAFETY: it is as large as it says, and no larger than the library's.
    Ok(unsafe { copy_in(pointer, size) })
}

/// An array of structs that comes in.
pub(crate) struct Inputs<'a, T> {
    first: *const T,
    count: usize,
    /// From struct to struct, in bytes: the size that all of them must say.
    stride: usize,
    /// The name of the array in errors.
    name: &'static str,
    lifetime: PhantomData<&'a T>,
}

impl<T: Versioned> Inputs<'_, T> {
    /// The array, of which `count` may be 0.
    ///
    /// # Safety
    /// `first` is NULL, or there are `count` structs of the size that the first says, for as long as the lifetime.
    pub(crate) unsafe fn new(first: *const T, count: usize, name: &'static str) -> Result<Self, CallError> {
        let mut stride = T::SIZE as usize;
        if count > 0 {
            check_pointer(first, name)?;
            // SAFETY: not NULL and aligned.
            stride = unsafe { checked_size(first, name) }?;
            check_extent(count, stride, name)?;
        }
        Ok(Inputs { first, count, stride, name, lifetime: PhantomData })
    }

    /// How many there are.
    pub(crate) const fn len(&self) -> usize {
        self.count
    }

    /// Hands every struct to `act`, in order, until one is refused.
    #[inline(always)]
    pub(crate) fn try_for_each(
        &self,
        mut act: impl FnMut(&T) -> Result<(), CallError>,
    ) -> Result<(), CallError> {
        let mut copy = None;
        (0..self.count).try_for_each(|index| {
            // SAFETY: within the array, which is not larger than memory.
            let one = unsafe { self.first.byte_add(index * self.stride) };
            self.check_stride(one)?;
            act(if self.stride == T::SIZE as usize {
                // SAFETY: not NULL, aligned, as is the stride, and as large as the library's struct.
                unsafe { &*one }
            } else {
                // SAFETY: it has as many bytes as it says, no more than the library's struct.
                copy.insert(unsafe { copy_in(one, self.stride) })
            })
        })
    }

    /// Refuses a struct that says another size than the first.
    #[inline(always)]
    fn check_stride(&self, one: *const T) -> Result<(), CallError> {
        // SAFETY: one of the array, which is aligned, as is its stride.
        if unsafe { said_size(one) } as usize == self.stride {
            return Ok(());
        }
        misuse(cpc_result::CPC_ERR_STRUCT_SIZE, self.name)
    }

    /// The structs as the library knows them. Allocates.
    pub(crate) fn to_vec(&self) -> Result<Vec<T>, CallError> {
        let mut all = Vec::with_capacity(self.count);
        self.try_for_each(|one| {
            all.push(*one);
            Ok(())
        })?;
        Ok(all)
    }
}

/// An array of numbers or texts that comes in; empty if there are none.
///
/// # Safety
/// `pointer` is NULL, or `count` of them can be read for as long as `'a`.
pub(crate) unsafe fn plain_inputs<'a, T>(
    pointer: *const T,
    count: usize,
    name: &'static str,
) -> Result<&'a [T], CallError> {
    if count == 0 {
        return Ok(&[]);
    }
    check_pointer(pointer, name)?;
    check_extent(count, size_of::<T>(), name)?;
    // SAFETY: not NULL, aligned, not larger than memory; the caller says that they are there.
    Ok(unsafe { slice::from_raw_parts(pointer, count) })
}

/// A place for an answer.
pub(crate) struct Output<T> {
    place: *mut T,
    /// How much of it the caller's struct has, in bytes.
    size: usize,
}

impl<T: Versioned> Output<T> {
    /// A place that must be there.
    ///
    /// # Safety
    /// `place` is NULL, or its `struct_size` is set and it can be written at that size during the call.
    pub(crate) unsafe fn required(place: *mut T, name: &'static str) -> Result<Output<T>, CallError> {
        check_pointer(place, name)?;
        // SAFETY: not NULL and aligned.
        Ok(Output { place, size: unsafe { checked_size(place, name) }? })
    }

    /// A place that may be left out.
    ///
    /// # Safety
    /// As [`required`](Self::required).
    pub(crate) unsafe fn optional(place: *mut T, name: &'static str) -> Result<Option<Output<T>>, CallError> {
        if place.is_null() {
            return Ok(None);
        }
        // SAFETY: the caller sees to it.
        unsafe { Output::required(place, name) }.map(Some)
    }

    /// Writes the answer.
    pub(crate) fn write(self, value: T) {
        // SAFETY: checked when this was made; the place is the caller's to be written to.
        unsafe { copy_out(self.place, value, self.size) };
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
    pub(crate) unsafe fn required(place: *mut T, name: &'static str) -> Result<PlainOutput<T>, CallError> {
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
    first: *mut T,
    capacity: usize,
    /// From place to place, in bytes.
    stride: usize,
}

impl<T: Versioned> Outputs<T> {
    /// Places for as many as `capacity`, which may be none.
    ///
    /// # Safety
    /// `first` is NULL, or it has its `struct_size` set and so many places of that size can be written during the call.
    pub(crate) unsafe fn new(
        first: *mut T,
        capacity: usize,
        name: &'static str,
    ) -> Result<Outputs<T>, CallError> {
        let mut stride = T::SIZE as usize;
        if capacity > 0 {
            check_pointer(first, name)?;
            // SAFETY: not NULL and aligned.
            stride = unsafe { checked_size(first, name) }?;
            check_extent(capacity, stride, name)?;
        }
        Ok(Outputs { first, capacity, stride })
    }

    /// Refuses a command that would have more answers than there are places.
    pub(crate) const fn check_room(&self, count: usize, name: &'static str) -> Result<(), CallError> {
        if count <= self.capacity { Ok(()) } else { misuse(cpc_result::CPC_ERR_CAPACITY, name) }
    }

    pub(crate) const fn capacity(&self) -> usize {
        self.capacity
    }

    /// Writes the answers, as far as there are places for them.
    pub(crate) fn write(self, values: impl Iterator<Item = T>) {
        for (index, value) in values.take(self.capacity).enumerate() {
            // SAFETY: `index` is below `capacity`, so it is one of the caller's places, all of them within memory.
            let place = unsafe { self.first.byte_add(index * self.stride) };
            // SAFETY: checked when this was made; the places are the caller's to be written to.
            unsafe { copy_out(place, value, self.stride) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::mem::offset_of;
    use cpc_result::*;

    /// A struct that has grown once: programs of before have it without `note`.
    #[repr(C)]
    #[derive(Clone, Copy, Debug, Default, PartialEq)]
    struct Grown {
        struct_size: u32,
        flags: u32,
        number: u64,
        note: u64,
    }

    versioned!(Grown through number);

    /// The same in a program of before.
    #[repr(C, align(8))]
    #[derive(Clone, Copy, Debug, PartialEq)]
    struct Before {
        struct_size: u32,
        flags: u32,
        number: u64,
    }

    /// The same in a program of a later version than the library's.
    #[repr(C)]
    #[derive(Clone, Copy)]
    struct Later {
        known: Grown,
        more: u64,
    }

    const BEFORE: u32 = size_of::<Before>() as u32;
    const NOW: u32 = size_of::<Grown>() as u32;

    fn before(number: u64) -> Before {
        Before { struct_size: BEFORE, flags: 5, number }
    }

    fn now(number: u64) -> Grown {
        Grown { struct_size: NOW, flags: 5, number, note: 9 }
    }

    fn result<T>(result: Result<T, CallError>) -> cpc_result {
        result.err().map_or(CPC_OK, CallError::result)
    }

    fn all(first: *const Grown, count: usize) -> Result<Vec<Grown>, CallError> {
        unsafe { Inputs::new(first, count, "x") }?.to_vec()
    }

    #[test]
    fn the_first_size_is_that_of_the_first_version() {
        assert_eq!((Grown::FIRST_SIZE, Grown::SIZE), (BEFORE, NOW));
        assert_eq!(Grown::FIRST_SIZE as usize, offset_of!(Grown, note));
    }

    #[test]
    fn a_struct_is_taken_if_it_is_there_aligned_and_of_a_size_that_exists() {
        let read = |pointer: *const Grown| result(unsafe { input(pointer, "x") });
        let good = now(1);
        assert_eq!(read(&raw const good), CPC_OK);
        assert_eq!(read(ptr::null()), CPC_ERR_NULL);
        assert_eq!(read((&raw const good).wrapping_byte_add(1)), CPC_ERR_ALIGNMENT);
        for struct_size in [0, 8, BEFORE - 1, BEFORE + 1, BEFORE + 4, NOW - 1, NOW + 1, NOW + 8, u32::MAX] {
            let bad = Grown { struct_size, ..good };
            assert_eq!(read(&bad), CPC_ERR_STRUCT_SIZE, "{struct_size}");
            assert_eq!(result(all(&raw const bad, 1)), CPC_ERR_STRUCT_SIZE, "{struct_size}");
            let mut place = bad;
            assert_eq!(result(unsafe { Output::required(&raw mut place, "x") }), CPC_ERR_STRUCT_SIZE);
            assert_eq!(result(unsafe { Outputs::new(&raw mut place, 1, "x") }), CPC_ERR_STRUCT_SIZE);
        }
    }

    #[test]
    fn a_member_that_a_program_does_not_have_is_absent() {
        // What stands behind an older struct is not the struct's.
        let memory = [before(7), before(u64::MAX)];
        let read = unsafe { input(memory.as_ptr().cast::<Grown>(), "x") };
        assert_eq!(read, Ok(Grown { struct_size: BEFORE, flags: 5, number: 7, note: 0 }));
        assert_eq!(unsafe { input(&now(7), "x") }, Ok(now(7)));
    }

    #[test]
    fn an_array_has_the_stride_of_its_first_struct() {
        let old: Vec<Before> = (0..5).map(before).collect();
        let expected: Vec<Grown> =
            (0..5).map(|number| Grown { struct_size: BEFORE, note: 0, ..now(number) }).collect();
        assert_eq!(all(old.as_ptr().cast(), 5), Ok(expected));
        let new: Vec<Grown> = (0..5).map(now).collect();
        assert_eq!(all(new.as_ptr(), 5), Ok(new.clone()));
        // One of another size than the first: the array cannot be one of a single program's.
        let mut mixed = new;
        mixed[3].struct_size = BEFORE;
        assert_eq!(result(all(mixed.as_ptr(), 5)), CPC_ERR_STRUCT_SIZE);
        let mut mixed = old;
        mixed[3].struct_size = NOW;
        assert_eq!(result(all(mixed.as_ptr().cast(), 5)), CPC_ERR_STRUCT_SIZE);
    }

    #[test]
    fn an_answer_is_written_as_far_as_the_program_knows_it() {
        let mut memory = [before(0), before(99)];
        let output = unsafe { Output::required(memory.as_mut_ptr().cast::<Grown>(), "x") }.unwrap();
        output.write(now(7));
        assert_eq!(memory, [before(7), before(99)]);

        let mut memory = [before(0), Before { struct_size: 0, ..before(0) }, before(99)];
        let outputs = unsafe { Outputs::new(memory.as_mut_ptr().cast::<Grown>(), 2, "x") }.unwrap();
        outputs.write((7..).map(now));
        assert_eq!(memory, [before(7), before(8), before(99)]);

        let mut place = Grown { note: 0, ..now(0) };
        unsafe { Output::required(&raw mut place, "x") }.unwrap().write(now(7));
        assert_eq!(place, now(7));
    }

    #[test]
    fn a_struct_of_a_later_version_is_refused() {
        let mut later = Later { known: now(1), more: 0 };
        later.known.struct_size = size_of::<Later>() as u32;
        let place = (&raw mut later).cast::<Grown>();
        assert_eq!(result(unsafe { input(place, "x") }), CPC_ERR_STRUCT_SIZE);
        assert_eq!(result(unsafe { Output::required(place, "x") }), CPC_ERR_STRUCT_SIZE);
        assert_eq!(later.more, 0);
    }

    #[test]
    fn no_structs_need_no_memory() {
        let none = ptr::null::<u64>();
        assert_eq!(unsafe { plain_inputs(none, 0, "x") }, Ok(&[][..]));
        assert_eq!(result(unsafe { plain_inputs(none, 1, "x") }), CPC_ERR_NULL);
        let one = 7_u64;
        assert_eq!(result(unsafe { plain_inputs(&raw const one, usize::MAX, "x") }), CPC_ERR_TOO_LARGE);
        assert_eq!(all(ptr::null(), 0), Ok(vec![]));
        assert_eq!(result(all(ptr::null(), 1)), CPC_ERR_NULL);
        let one = now(1);
        assert_eq!(result(all(&raw const one, usize::MAX / 8)), CPC_ERR_TOO_LARGE);
        assert!(unsafe { Outputs::<Grown>::new(ptr::null_mut(), 0, "x") }.is_ok());
    }

    #[test]
    fn answers_beyond_the_last_place_are_not_written() {
        let mut places = [now(0), Grown { struct_size: 0, ..now(0) }, now(77)];
        let outputs = unsafe { Outputs::new(places.as_mut_ptr(), 2, "x") }.unwrap();
        assert_eq!(result(outputs.check_room(3, "x")), CPC_ERR_CAPACITY);
        outputs.write(core::iter::repeat(now(1)));
        assert_eq!(places, [now(1), now(1), now(77)]);
    }
}
