//! What the layers above see of a packet: one TCP segment.

use crate::model::Endpoint;

/// A TCP segment with its addresses. Borrowed from the packet, or from the reassembly buffer of IP fragments.
#[derive(Clone, Copy, Debug)]
pub struct Segment<'a> {
    /// Sender.
    pub src: Endpoint,
    /// Receiver.
    pub dst: Endpoint,
    /// Sequence number of the first payload byte (of the SYN when that flag is set), RFC 9293.
    pub seq: u32,
    /// Acknowledgement number; only meaningful when `flags.ack()`.
    pub ack: u32,
    /// Flag bits of byte 13.
    pub flags: TcpFlags,
    /// Window field, unscaled.
    pub window: u16,
    /// The captured payload.
    pub payload: &'a [u8],
    /// Payload bytes that were on the wire behind `payload` but not captured (snapshot length).
    pub cut: u32,
    /// What tells a second capture of the same packet from a retransmission: a hash over the IP identification,
    /// sequence numbers, flags, window, payload length on the wire and the timestamp option. Nothing that changes on the
    /// way is in it, nor the TCP checksum, which the sender's host captures before the network card fills it in.
    pub fingerprint: u32,
    /// The sender's timestamp (RFC 7323); 0 without that option. Each connection counts from a number of its own.
    pub timestamp: u32,
    /// Hops that the IP packet had left: each router takes one.
    pub hops: u8,
}

impl Segment<'_> {
    /// Sequence number of the first payload byte: a SYN takes one number of its own (RFC 9293 section 3.4).
    pub fn first_byte(&self) -> u32 {
        self.seq.wrapping_add(u32::from(self.flags.syn()))
    }
}

/// The flag bits of a TCP header.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct TcpFlags(pub u8);

impl TcpFlags {
    /// FIN bit.
    pub const FIN: u8 = 0x01;
    /// SYN bit.
    pub const SYN: u8 = 0x02;
    /// PSH bit: the end of what the sender had to say.
    pub const PSH: u8 = 0x08;
    /// RST bit.
    pub const RST: u8 = 0x04;
    /// ACK bit.
    pub const ACK: u8 = 0x10;

    /// FIN: the sender has no more data.
    pub const fn fin(self) -> bool {
        self.0 & Self::FIN != 0
    }
    /// SYN: opens the connection.
    pub const fn syn(self) -> bool {
        self.0 & Self::SYN != 0
    }
    /// PSH: the sender has nothing more to send now.
    pub const fn psh(self) -> bool {
        self.0 & Self::PSH != 0
    }
    /// RST: aborts the connection.
    pub const fn rst(self) -> bool {
        self.0 & Self::RST != 0
    }
    /// ACK: the acknowledgement number counts.
    pub const fn ack(self) -> bool {
        self.0 & Self::ACK != 0
    }
}
