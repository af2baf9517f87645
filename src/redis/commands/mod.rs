//! Commands: one table that says what each is, what it may answer, and which of its arguments are keys or credentials.

mod forms;
mod info;
mod kind;
mod recent;
mod row;
mod rows;
mod table;

pub use forms::Forms;
pub use info::CommandInfo;
pub use kind::{Elements, Keys, Kind, Most, Secret};
pub use table::{CommandId, CommandTable};
