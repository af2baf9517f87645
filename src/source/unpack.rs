//! Unpacking of gzip, zstd and lz4 inputs, with all their members and frames.

use super::sniff::Packing;
#[cfg(feature = "compress")]
use std::io;
use std::io::Read;

/// A reader of the unpacked bytes. The error says what to do.
#[cfg(not(feature = "compress"))]
pub(super) fn unpack(
    packing: Packing,
    _packed: Box<dyn Read + Send>,
) -> Result<Box<dyn Read + Send>, String> {
    let name = packing.name();
    Err(format!(
        "packed with {name}, which this build can not read: unpack it first ({name} -dc FILE | redorder analyze -)"
    ))
}

/// A reader of the unpacked bytes. The error says what to do.
#[cfg(feature = "compress")]
pub(super) fn unpack(
    packing: Packing,
    packed: Box<dyn Read + Send>,
) -> Result<Box<dyn Read + Send>, String> {
    /// How much is asked of the packed input at once.
    const PACKED_CHUNK: usize = 256 * 1024;
    let packed = io::BufReader::with_capacity(PACKED_CHUNK, packed);
    Ok(match packing {
        Packing::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(packed)),
        Packing::Zstd => Box::new(
            zstd::Decoder::with_buffer(packed)
                .map_err(|e| format!("the zstd decoder does not start: {e}"))?,
        ),
        Packing::Lz4 => Box::new(lz4::AllFrames::new(packed)),
    })
}

/// lz4 frames one after the other: the decoder stops at the end of each, and takes a cut file for a short one.
#[cfg(feature = "compress")]
mod lz4 {
    use super::{Read, io};
    use lz4_flex::frame::FrameDecoder;

    const LEGACY: u32 = 0x184C_2102;

    /// Decodes every frame and reports a frame that is cut off.
    pub(super) struct AllFrames<R: Read> {
        decoder: FrameDecoder<Frames<R>>,
        between: bool,
    }

    /// The packed input. Gives back the magic number that was looked at, and notices when a frame runs into the end.
    struct Frames<R> {
        inner: R,
        magic: [u8; 4],
        magic_left: usize,
        legacy: bool,
        ran_out: bool,
    }

    impl<R: Read> AllFrames<R> {
        pub(super) fn new(inner: R) -> Self {
            AllFrames {
                decoder: FrameDecoder::new(Frames {
                    inner,
                    magic: [0; 4],
                    magic_left: 0,
                    legacy: false,
                    ran_out: false,
                }),
                between: true,
            }
        }
    }

    impl<R: Read> Read for AllFrames<R> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            loop {
                if self.between && !self.decoder.get_mut().next_frame()? {
                    return Ok(0);
                }
                self.between = false;
                let n = self.decoder.read(out)?;
                if n > 0 || out.is_empty() {
                    return Ok(n);
                }
                let frames = self.decoder.get_ref();
                if frames.ran_out {
                    // A legacy frame has no end mark: the end of the file ends it.
                    return if frames.legacy { Ok(0) } else { Err(cut_off()) };
                }
                self.between = true;
            }
        }
    }

    impl<R: Read> Frames<R> {
        /// Goes to the next frame that holds data. `false` at a clean end.
        fn next_frame(&mut self) -> io::Result<bool> {
            loop {
                let mut magic = [0; 4];
                match read_full(&mut self.inner, &mut magic)? {
                    0 => return Ok(false),
                    4 => {}
                    _ => return Err(cut_off()),
                }
                if !matches!(magic, [0x50..=0x5F, 0x2A, 0x4D, 0x18]) {
                    self.legacy = u32::from_le_bytes(magic) == LEGACY;
                    self.magic = magic;
                    self.magic_left = 4;
                    return Ok(true);
                }
                self.skip_frame()?;
            }
        }

        fn skip_frame(&mut self) -> io::Result<()> {
            let mut len = [0; 4];
            self.inner.read_exact(&mut len)?;
            let len = u64::from(u32::from_le_bytes(len));
            let skipped = io::copy(&mut self.inner.by_ref().take(len), &mut io::sink())?;
            if skipped < len {
                Err(cut_off())
            } else {
                Ok(())
            }
        }
    }

    impl<R: Read> Read for Frames<R> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            if self.magic_left > 0 {
                let left = self.magic.get(4 - self.magic_left..).unwrap_or_default();
                let n = left.len().min(out.len());
                for (to, from) in out.iter_mut().zip(left) {
                    *to = *from;
                }
                self.magic_left -= n;
                return Ok(n);
            }
            let n = self.inner.read(out)?;
            self.ran_out |= n == 0 && !out.is_empty();
            Ok(n)
        }
    }

    /// Reads until `out` is full or the input ends.
    fn read_full(inner: &mut impl Read, out: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while let Some(room) = out.get_mut(filled..).filter(|room| !room.is_empty()) {
            match inner.read(room) {
                Ok(0) => break,
                Ok(n) => filled += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }

    fn cut_off() -> io::Error {
        io::Error::new(io::ErrorKind::UnexpectedEof, "the lz4 frame is cut off")
    }
}

#[cfg(feature = "compress")]
#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn pack(packing: Packing, data: &[u8]) -> Vec<u8> {
        match packing {
            Packing::Gzip => {
                let level = flate2::Compression::fast();
                let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
                encoder.write_all(data).unwrap();
                encoder.finish().unwrap()
            }
            Packing::Zstd => zstd::encode_all(data, 1).unwrap(),
            Packing::Lz4 => {
                let mut encoder = lz4_flex::frame::FrameEncoder::new(Vec::new());
                encoder.write_all(data).unwrap();
                encoder.finish().unwrap()
            }
        }
    }

    fn unpacked(packing: Packing, packed: Vec<u8>) -> (Vec<u8>, bool) {
        let mut reader = unpack(packing, Box::new(io::Cursor::new(packed))).unwrap();
        let mut out = Vec::new();
        let failed = reader.read_to_end(&mut out).is_err();
        (out, failed)
    }

    #[test]
    fn all_members_are_read_and_a_cut_is_never_silent() {
        let data: Vec<u8> = (0..200_000u32)
            .flat_map(|i| i.wrapping_mul(2_654_435_761).to_le_bytes())
            .collect();
        for packing in [Packing::Gzip, Packing::Zstd, Packing::Lz4] {
            let one = pack(packing, &data);
            let mut two = one.clone();
            two.extend(&one);
            let (out, failed) = unpacked(packing, two.clone());
            assert!(
                !failed && out == [data.clone(), data.clone()].concat(),
                "{packing:?}"
            );
            for cut in (one.len() + 1..two.len())
                .step_by(4093)
                .chain([two.len() - 1, two.len() - 4])
            {
                let (out, failed) = unpacked(packing, two[..cut].to_vec());
                assert!(failed, "{packing:?} cut at {cut}");
                assert!(out.starts_with(&data), "{packing:?}");
            }
        }
    }

    #[test]
    fn lz4_cut_between_two_blocks_is_said() {
        let data = vec![7; 10_000];
        let packed = pack(Packing::Lz4, &data);
        // The end mark is the last four bytes: without it the block before is whole.
        let (out, failed) = unpacked(Packing::Lz4, packed[..packed.len() - 4].to_vec());
        assert!(failed);
        assert_eq!(out, data);
    }

    #[test]
    fn skippable_frames_are_skipped() {
        let skip = [0x52, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 1, 2, 3];
        for packing in [Packing::Zstd, Packing::Lz4] {
            let packed = pack(packing, b"packets");
            let all = [&packed[..], &skip, &packed, &skip].concat();
            assert_eq!(
                unpacked(packing, all),
                (b"packetspackets".to_vec(), false),
                "{packing:?}"
            );
        }
    }
}
