//! Numbers and names of link types (<https://www.tcpdump.org/linktypes.html>).

/// BSD loopback, family in the byte order of the host.
pub(super) const NULL: u16 = 0;
/// Ethernet.
pub(in crate::packet) const ETHERNET: u16 = 1;
/// PPP.
pub(super) const PPP: u16 = 9;
/// `DLT_RAW` of most systems; libpcap writes 101 to files, other programs do not.
pub(super) const RAW_12: u16 = 12;
/// `DLT_RAW` of OpenBSD.
pub(super) const RAW_14: u16 = 14;
/// PPP in HDLC-like framing, or Cisco HDLC.
pub(super) const PPP_HDLC: u16 = 50;
/// PPP over Ethernet, without the Ethernet header.
pub(super) const PPP_ETHER: u16 = 51;
/// IPv4 or IPv6 without anything in front.
pub(super) const RAW: u16 = 101;
/// Cisco HDLC.
pub(super) const C_HDLC: u16 = 104;
/// OpenBSD loopback, family in network byte order.
pub(super) const LOOP: u16 = 108;
/// Linux `any`, first form.
pub(super) const LINUX_SLL: u16 = 113;
/// IPv4 without anything in front.
pub(super) const IPV4: u16 = 228;
/// IPv6 without anything in front.
pub(super) const IPV6: u16 = 229;
/// Linux netfilter log.
pub(super) const NFLOG: u16 = 239;
/// Linux `any`, second form.
pub(super) const LINUX_SLL2: u16 = 276;

/// The name of a link type without its `LINKTYPE_`, as in `ETHERNET`. Of the types that can not be decoded only those
/// have a name that people meet.
pub const fn name(link: u16) -> Option<&'static str> {
    Some(match link {
        NULL => "NULL",
        ETHERNET => "ETHERNET",
        PPP => "PPP",
        PPP_HDLC => "PPP_HDLC",
        PPP_ETHER => "PPP_ETHER",
        RAW | RAW_12 | RAW_14 => "RAW",
        C_HDLC => "C_HDLC",
        LOOP => "LOOP",
        LINUX_SLL => "LINUX_SLL",
        IPV4 => "IPV4",
        IPV6 => "IPV6",
        NFLOG => "NFLOG",
        LINUX_SLL2 => "LINUX_SLL2",
        6 => "IEEE802_5",
        7 => "ARCNET_BSD",
        8 => "SLIP",
        10 => "FDDI",
        100 => "ATM_RFC1483",
        105 => "IEEE802_11",
        107 => "FRELAY",
        117 => "PFLOG",
        127 => "IEEE802_11_RADIOTAP",
        147 => "USER0",
        187 => "BLUETOOTH_HCI_H4",
        189 => "USB_LINUX",
        195 => "IEEE802_15_4_WITHFCS",
        201 => "BLUETOOTH_HCI_H4_WITH_PHDR",
        204 => "PPP_WITH_DIR",
        220 => "USB_LINUX_MMAPPED",
        227 => "CAN_SOCKETCAN",
        235 => "DVB_CI",
        242 => "IPOIB",
        249 => "USBPCAP",
        253 => "NETLINK",
        _ => return None,
    })
}
