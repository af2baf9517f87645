//! Error replies: one table that says who says a text and what it is about.

mod codes;
mod lookup;
mod named;
mod own;
mod table;
mod text;
mod wording;
mod wordings;

pub use codes::ErrorCodes;
pub use lookup::{find, first_word, is_auth_only, is_noauth, keeps_login, subject};
pub use named::{Named, named_command};
pub use own::{is_about_arguments, is_misread, is_own, may_say};
pub use text::{Speaker, Subject, Text};
pub(super) use wording::{Piece, Slot, pieces};
