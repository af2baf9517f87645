//! What the screen shows, and which part of it takes the keys.

/// What is looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum View {
    /// What the findings have in common, a row for each rule and culprit.
    #[default]
    Causes,
    /// The findings: all of them, or those of one cause.
    Findings,
    /// What was judged and what was not.
    Coverage,
}

/// The pane that takes the keys.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Focus {
    /// The list.
    #[default]
    List,
    /// What is known of the selected row.
    Details,
}
