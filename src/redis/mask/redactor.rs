//! Hands out the ordinals of tags and renders what may be shown.

use super::arguments::{Argument, Arguments, Show, are_one_tag, is_one_secret};
use super::error_text;
use super::escape::escape;
use super::first_bytes::first_bytes;
use super::ordinals::Ordinals;
use super::tag::{Tag, Tagger};
use crate::model::{Texts, push_digits};
use crate::redis::commands::{CommandInfo, CommandTable, Secret};
use crate::redis::errors;
use crate::redis::shape::Shape;
use crate::resp::{Command, Head, NullForm, PrintKey, Reply, ReplyKind};
use smallvec::smallvec;
use std::borrow::Cow;
use std::sync::Arc;

/// Most tags are shorter.
const TAG_ROOM: usize = 24;

/// What stands for a secret.
const SECRET: &[u8] = b"<secret>";

/// What is known of the command that a reply belongs to.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'c> {
    /// The command.
    pub info: &'c CommandInfo,
    /// The reply may be a password that the server made up.
    pub closed: bool,
    /// They belong together for sure.
    pub firm: bool,
}

/// Hands out tags and hides what must not be seen.
#[derive(Debug)]
pub struct Redactor {
    show: Show,
    /// Words of errors are shown as well.
    errors: bool,
    tagger: Tagger,
    /// The arguments of nearly every AUTH: one for all of them.
    one_secret: Arc<Arguments>,
    ordinals: Ordinals,
    limit: usize,
    over: u64,
}

impl Redactor {
    /// With room for `limit` ordinals; `key` is that of the prints made while framing. With `errors` the words of error
    /// texts are shown, but for those that may be credentials.
    pub fn new(show: Show, errors: bool, limit: usize, key: PrintKey) -> Redactor {
        Redactor {
            show,
            errors,
            tagger: Tagger::new(key),
            one_secret: Arc::new(Arguments {
                kept: smallvec![Argument::Secret],
                more: 0,
            }),
            ordinals: Ordinals::default(),
            limit,
            over: 0,
        }
    }

    /// Nothing is hidden.
    pub(in crate::redis) fn shows_secrets(&self) -> bool {
        self.show == Show::Secrets
    }

    /// How bytes begin that are no RESP.
    pub fn first_bytes(&self, bytes: &[u8]) -> String {
        first_bytes(bytes, self.shows_secrets())
    }

    /// Strings that got no ordinal because there were too many.
    pub fn over_limit(&self) -> u64 {
        self.over
    }

    /// The tag of a string.
    pub fn tag(&self, head: &Head<'_>) -> Tag {
        self.tagger.tag(head)
    }

    /// The tag of all bytes of a string.
    #[inline]
    pub(in crate::redis) fn whole_tag(&self, bytes: &[u8]) -> Tag {
        self.tagger.whole(bytes)
    }

    /// The tag of the word at `i` of a command.
    #[inline]
    pub fn word_tag(&self, command: &Command<'_>, i: usize) -> Option<Tag> {
        self.tagger.word(command, i)
    }

    /// The tag of a reply's line or string; `None` where not all of it was looked at.
    pub fn reply_tag(&self, reply: &Reply<'_>) -> Option<Tag> {
        self.tagger.reply(reply)
    }

    /// The arguments of `command`, masked; `None` where the tag of the first one says the same.
    pub fn arguments(&self, info: &CommandInfo, command: &Command<'_>) -> Option<Arc<Arguments>> {
        if are_one_tag(self.show, info, command.argc) {
            return None;
        }
        if is_one_secret(self.show, info, command) {
            return Some(Arc::clone(&self.one_secret));
        }
        let arguments = Arguments::of(self.show, &self.tagger, info, command);
        Some(match &arguments.kept[..] {
            [Argument::Secret] if arguments.more == 0 => Arc::clone(&self.one_secret),
            _ => Arc::new(arguments),
        })
    }

    /// The arguments as shown, behind what is there.
    pub fn render(&mut self, out: &mut Texts, arguments: &Arguments) {
        for argument in &arguments.kept {
            match argument {
                Argument::Word(text) | Argument::Text(text) => out.push(text),
                Argument::Secret => out.push_plain(|out| out.extend_from_slice(SECRET)),
                Argument::Tag(kind, tag) => out.push_plain(|out| self.push_tag(out, kind, *tag)),
            }
        }
        if arguments.more > 0 {
            out.push_plain(|out| push_more(out, arguments.more));
        }
    }

    /// `<key#3 12B>`, or `<key 12B>` when the table of ordinals is full.
    pub fn render_tag(&mut self, kind: &str, tag: Tag) -> String {
        let mut text = Vec::with_capacity(TAG_ROOM);
        self.push_tag(&mut text, kind, tag);
        of_ascii(text)
    }

    /// The same behind what is there.
    pub(in crate::redis) fn push_tag(&mut self, text: &mut Vec<u8>, kind: &str, tag: Tag) {
        let ordinal = self.ordinals.of(tag.hash, self.limit);
        self.over += u64::from(ordinal.is_none());
        text.push(b'<');
        text.extend_from_slice(kind.as_bytes());
        if let Some(ordinal) = ordinal {
            text.push(b'#');
            push_digits(text, u64::from(ordinal));
        }
        text.push(b' ');
        push_digits(text, tag.len);
        text.extend_from_slice(b"B>");
    }

    /// A reply as shown: `+OK`, `-NOAUTH Authentication required.`, `$<value#2 5B>`, `*3`.
    pub fn reply(
        &mut self,
        to: Option<&Asked<'_>>,
        reply: &Shape<'_>,
        table: &CommandTable,
    ) -> Cow<'static, str> {
        if let Some(text) = fixed(reply) {
            return Cow::Borrowed(text);
        }
        Cow::Owned(match self.is_open(to, reply) {
            true => self.open_reply(to, reply, table),
            false => {
                let mut text = Vec::with_capacity(TAG_ROOM);
                self.push_closed(&mut text, reply);
                of_ascii(text)
            }
        })
    }

    /// The same as one more text.
    pub(in crate::redis) fn push_reply(
        &mut self,
        out: &mut Texts,
        to: Option<&Asked<'_>>,
        reply: &Shape<'_>,
        table: &CommandTable,
    ) {
        match fixed(reply) {
            Some(text) => out.push_plain(|out| out.extend_from_slice(text.as_bytes())),
            None if self.is_open(to, reply) => out.push(&self.open_reply(to, reply, table)),
            None => out.push_plain(|out| self.push_closed(out, reply)),
        }
    }

    /// Something of its own text is shown.
    fn is_open(&self, to: Option<&Asked<'_>>, reply: &Shape<'_>) -> bool {
        let head = &reply.head;
        let may = |to: &Asked<'_>| {
            let slipped = to.closed || (!to.firm && may_be_generated(head.bytes));
            to.info.known && !to.info.hidden_reply && !slipped
        };
        match reply.kind {
            ReplyKind::Error | ReplyKind::BulkError => true,
            ReplyKind::Simple => {
                status(head.bytes).is_some()
                    || head.bytes.starts_with(b"CONTINUE")
                    || head.bytes.starts_with(b"FULLRESYNC")
                    || self.show == Show::Secrets
            }
            kind if is_counted(kind) => false,
            _ => match self.show {
                Show::Secrets => true,
                Show::Values => to.is_some_and(may),
                _ => false,
            },
        }
    }

    /// A reply with its text.
    fn open_reply(
        &self,
        to: Option<&Asked<'_>>,
        reply: &Shape<'_>,
        table: &CommandTable,
    ) -> String {
        let text = match reply.kind {
            ReplyKind::Error | ReplyKind::BulkError => self.error(to, &reply.head, table),
            _ => escape(&reply.head),
        };
        let mut out = String::with_capacity(1 + text.len());
        out.push(char::from(sign_of(reply.kind)));
        out.push_str(&text);
        out
    }

    /// A reply without its text.
    fn push_closed(&mut self, out: &mut Vec<u8>, reply: &Shape<'_>) {
        out.push(sign_of(reply.kind));
        match reply.kind {
            ReplyKind::Map => push_digits(out, reply.elements / 2),
            kind if is_counted(kind) => push_digits(out, reply.elements),
            _ => {
                let tag = self.tag(&reply.head);
                self.push_tag(out, "value", tag);
            }
        }
    }

    /// An error text. Errors echo arguments, and what they say of credentials stays closed.
    fn error(&self, to: Option<&Asked<'_>>, head: &Head<'_>, table: &CommandTable) -> String {
        if self.show == Show::Secrets {
            return escape(head);
        }
        let may = |to: &Asked<'_>| {
            let plain = to.info.known && to.info.secret == Secret::None;
            plain && to.firm && !errors::is_auth_only(head.bytes)
        };
        error_text::masked(head, self.errors && to.is_some_and(may), table)
    }
}

/// A reply that is shown as it is, whatever may be shown.
fn fixed(reply: &Shape<'_>) -> Option<&'static str> {
    match reply.kind {
        ReplyKind::Simple if reply.head.is_whole() => status(reply.head.bytes),
        ReplyKind::Null => Some(match reply.null {
            Some(NullForm::Array) => "*-1",
            Some(NullForm::Resp3) => "_",
            _ => "$-1",
        }),
        _ => None,
    }
}

/// A word of the protocol, with its sign.
fn status(text: &[u8]) -> Option<&'static str> {
    const STATUS: [&str; 12] = [
        "+OK",
        "+PONG",
        "+QUEUED",
        "+RESET",
        "+string",
        "+list",
        "+set",
        "+zset",
        "+hash",
        "+stream",
        "+none",
        "+Background saving started",
    ];
    let is = |status: &&str| status.as_bytes().get(1..) == Some(text);
    STATUS.into_iter().find(is)
}

/// The sign of a reply's type on the wire.
fn sign_of(kind: ReplyKind) -> u8 {
    match kind {
        ReplyKind::Simple => b'+',
        ReplyKind::Error => b'-',
        ReplyKind::BulkError => b'!',
        ReplyKind::Null => b'_',
        ReplyKind::Array => b'*',
        ReplyKind::Map => b'%',
        ReplyKind::Set => b'~',
        ReplyKind::Push => b'>',
        ReplyKind::Integer => b':',
        ReplyKind::Bulk => b'$',
        ReplyKind::Double => b',',
        ReplyKind::Boolean => b'#',
        ReplyKind::BigNumber => b'(',
        ReplyKind::Verbatim => b'=',
    }
}

/// Nothing is shown of it but how many elements it has.
fn is_counted(kind: ReplyKind) -> bool {
    matches!(
        kind,
        ReplyKind::Array | ReplyKind::Map | ReplyKind::Set | ReplyKind::Push
    )
}

/// What was put together of words and digits.
fn of_ascii(text: Vec<u8>) -> String {
    String::from_utf8(text).unwrap_or_default()
}

/// So many more arguments there are.
pub(in crate::redis) fn push_more(out: &mut Vec<u8>, more: u64) {
    out.extend_from_slice(b"(+");
    push_digits(out, more);
    out.push(b')');
}

/// It looks like what ACL GENPASS answers.
fn may_be_generated(text: &[u8]) -> bool {
    const SHORTEST: usize = 8;
    text.len() >= SHORTEST && text.iter().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(bytes: &[u8]) -> Head<'_> {
        Head {
            bytes,
            len: bytes.len() as u64,
        }
    }

    #[test]
    fn equal_strings_get_equal_tags() {
        let mut redactor = Redactor::new(Show::Tags, false, 2, PrintKey::default());
        let (a, b, c) = (
            redactor.tag(&head(b"alpha")),
            redactor.tag(&head(b"beta")),
            redactor.tag(&head(b"gamma")),
        );
        assert_eq!(redactor.render_tag("key", a), "<key#1 5B>");
        assert_eq!(redactor.render_tag("key", b), "<key#2 4B>");
        assert_eq!(redactor.render_tag("key", a), "<key#1 5B>");
        assert_eq!(redactor.render_tag("key", c), "<key 5B>");
        assert_eq!(redactor.over_limit(), 1);
    }
}
