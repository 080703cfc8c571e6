//! Writes a C program that does not compile unless its compiler lays every struct of the header out as Rust does, and
//! takes every constant for the number that it is here.

use cpc::*;
use std::mem::offset_of;

/// Prints the assertions about structs. The pattern names every member, so none can be left out.
macro_rules! layouts {
    ($($kind:ident { $($member:ident),* $(,)? })*) => {$(
        let _complete = |value: $kind| {
            let $kind { $($member: _),* } = value;
        };
        println!("SIZE({}, {}, {});", stringify!($kind), size_of::<$kind>(), align_of::<$kind>());
        println!("PACKED({}, {});", stringify!($kind), [$(concat!("MEMBER(", stringify!($kind), ", ", stringify!($member), ")")),*].join(" + "));
        $(println!("OFFSET({}, {}, {});", stringify!($kind), stringify!($member), offset_of!($kind, $member));)*
    )*};
}

/// Prints the assertions about constants.
macro_rules! numbers {
    ($($name:ident)*) => {$(println!("NUMBER({}, {});", stringify!($name), $name);)*};
}

fn main() {
    println!("#include <stdalign.h>\n#include \"cpc.h\"\n");
    println!("#define SIZE(type, size, align) \\");
    println!("    _Static_assert(sizeof(type) == size && alignof(type) == align, #type)");
    println!(
        "#define OFFSET(type, member, at) _Static_assert(offsetof(type, member) == at, #type \".\" #member)"
    );
    // Padding would hide a member that a later version adds.
    println!("#define MEMBER(type, member) sizeof(((type *)0)->member)");
    println!("#define PACKED(type, members) _Static_assert(sizeof(type) == (members), #type)");
    println!("#define NUMBER(name, number) _Static_assert((name) == (number), #name)\n");
    structs();
    constants();
    println!("int main(void) {{ return 0; }}");
}

fn structs() {
    layouts! {
        cpc_text { data, length }
        cpc_buffer { data, length, capacity }
        cpc_digest { high, low }
        cpc_sender { struct_size, flags, id, weight, daily_limit, per_second, burst, group, operators, operator_count }
        cpc_wallet { struct_size, flags, tag, window_ms, operators, operator_count, senders, sender_count }
        cpc_message {
            struct_size, flags, id_message,
            // generated: texts of messages
            phone,
            client_id,
            contract,
            specialist_code,
            main_template,
            retry_template,
            last_template,
            // end
        }
        cpc_outcome {
            // generated: members of outcomes
            struct_size, status, present,
            stage,
            first_index,
            sender,
            phone,
            dispatch,
            origin,
            to,
            send_at,
            blocked_until,
            retry_at,
            expired_at,
            field,
            // end
        }
        cpc_applied { struct_size, reserved, effective_at, seq }
        cpc_batch { struct_size, flags, campaign, id_account, tag, messages, count }
        cpc_number_column { data, stride }
        cpc_text_column { data, width, stride }
        cpc_columns {
            struct_size, flags, campaign, id_account, tag, specialist_code, main_template, retry_template,
            last_template, count, phones, id_messages, client_ids, contracts,
        }
        cpc_reply { struct_size, flags, phone, received_at }
        cpc_report { struct_size, delivery, fault, reserved, dispatch, sender }
        cpc_advice { struct_size, flags, fault, sender, retry, reserved, hold_ms, retry_after_ms }
        cpc_target { struct_size, kind, id }
        cpc_contact {
            struct_size, state, present, suppression, stage, pending_stages, sender, reserved, at, key, since, until,
            dispatch, last_reply,
        }
        cpc_deadlines { struct_size, present, at, follow_up, expiry }
        cpc_stats {
            struct_size, reserved, at, seq, dispatches, phones, clients, blocked, opted_out, pending_follow_ups,
            wallets, senders,
        }
    }
}

fn constants() {
    numbers! {
        CPC_ABI_VERSION CPC_VERSION_MAJOR CPC_VERSION_MINOR CPC_VERSION_PATCH
        CPC_SENDER_HAS_DAILY_LIMIT CPC_SENDER_HAS_PACE CPC_WALLET_HAS_WINDOW
        CPC_MESSAGE_CLOSE_TICKET CPC_MESSAGE_HAS_ID CPC_BATCH_ATOMIC CPC_COLUMNS_ATOMIC CPC_COLUMNS_CLOSE_TICKET
        // generated: flags of outcomes
        CPC_HAS_STAGE
        CPC_HAS_FIRST_INDEX
        CPC_HAS_SENDER
        CPC_HAS_PHONE
        CPC_HAS_DISPATCH
        CPC_HAS_ORIGIN
        CPC_HAS_TO
        CPC_HAS_SEND_AT
        CPC_HAS_BLOCKED_UNTIL
        CPC_HAS_RETRY_AT
        CPC_HAS_EXPIRED_AT
        CPC_HAS_FIELD
        CPC_WARNS_EMPTY_TEMPLATE
        // end
        CPC_HAS_KEY CPC_HAS_SINCE CPC_HAS_UNTIL CPC_HAS_LAST_REPLY CPC_HAS_FOLLOW_UP
        CPC_HAS_EXPIRY CPC_PENDING_STAGE_1 CPC_PENDING_STAGE_2
        CPC_REPLY_OPT_OUT CPC_REPLY_HAS_RECEIVED_AT CPC_TARGET_PHONE CPC_TARGET_CLIENT CPC_ADVICE_OPT_OUT
    }
    println!("_Static_assert(sizeof(CPC_VERSION) == {}, \"CPC_VERSION\");", CPC_VERSION.len() + 1);
}
