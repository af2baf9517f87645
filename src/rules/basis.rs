//! Why a claim holds.

/// Why a claim holds: for the words, which have to be true.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Basis {
    /// The case by itself.
    Itself,
    /// A refused command was served later, or is one that the answering end judges itself.
    Decided,
    /// Nothing decides between this and another explanation.
    Undecided,
    /// Other connections of the server show it.
    Siblings,
    /// The same command was refused later, though it was not blind.
    RefusedAgain,
    /// Some keys are always refused, others always served.
    Keys,
    /// Answered only with the next AUTH.
    Released,
    /// The same credential was accepted there.
    GoodCredential,
}
