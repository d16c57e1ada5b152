//! How something is packed: not at all, with gzip, or with zstd. Its first bytes say it.

use std::io::{self, BufRead, BufReader, ErrorKind, Read};

use flate2::bufread::MultiGzDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{FrameDecoder, StreamingDecoder};

const GZIP: &[u8] = &[0x1f, 0x8b];
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];
/// Of a frame that holds no data: the first byte is one of sixteen, and a length follows.
const SKIPPABLE: &[u8] = &[0x2a, 0x4d, 0x18];
const BZIP2: &[u8] = b"BZh";
const XZ: &[u8] = &[0xfd, b'7', b'z', b'X', b'Z'];

/// The bytes as they were before they were packed.
///
/// # Errors
/// It cannot be read, or is packed in another way.
pub fn unpacked<'a>(packed: impl Read + 'a) -> io::Result<Box<dyn Read + 'a>> {
    let mut packed = BufReader::with_capacity(64 << 10, packed);
    let first = packed.fill_buf()?;
    let is_skippable = first.len() > 4 && first[0] & 0xf0 == 0x50 && first[1..].starts_with(SKIPPABLE);
    if first.starts_with(GZIP) {
        return Ok(Box::new(MultiGzDecoder::new(packed)));
    }
    if first.starts_with(ZSTD) || is_skippable {
        return Ok(Box::new(Frames { packed: Some(packed), frame: None }));
    }
    for (start, name) in [(BZIP2, "bzip2"), (XZ, "xz")] {
        if first.starts_with(start) {
            return Err(io::Error::new(ErrorKind::InvalidData, format!("packed with {name}; gzip and zstd are known")));
        }
    }
    Ok(Box::new(packed))
}

/// Is it packed?
pub fn is_packed(first: &[u8]) -> bool {
    first.starts_with(GZIP) || first.starts_with(ZSTD)
}

type Frame<R> = StreamingDecoder<BufReader<R>, FrameDecoder>;

/// All frames of a zstd stream, one after the other: some tools write many.
struct Frames<R: Read> {
    /// `None` while a frame is being read, which has it then.
    packed: Option<BufReader<R>>,
    frame: Option<Frame<R>>,
}

impl<R: Read> Frames<R> {
    /// The next frame with data in it. False: there is none.
    fn next(&mut self) -> io::Result<bool> {
        let Some(mut packed) = self.packed.take() else { return Ok(false) };
        loop {
            let Some(first) = packed.fill_buf()?.first() else {
                self.packed = Some(packed);
                return Ok(false);
            };
            if first & 0xf0 == 0x50 {
                let mut head = [0; 8];
                packed.read_exact(&mut head)?;
                if head[1..4] != *SKIPPABLE {
                    return Err(io::Error::new(ErrorKind::InvalidData, "no zstd frame where one must be"));
                }
                let length = u64::from(u32::from_le_bytes([head[4], head[5], head[6], head[7]]));
                if io::copy(&mut packed.by_ref().take(length), &mut io::sink())? < length {
                    return Err(ErrorKind::UnexpectedEof.into());
                }
                continue;
            }
            self.frame = Some(StreamingDecoder::new(packed).map_err(in_our_words)?);
            return Ok(true);
        }
    }
}

fn in_our_words(error: FrameDecoderError) -> io::Error {
    match error {
        FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::MagicNumberReadError(error)) => error,
        error => io::Error::new(ErrorKind::InvalidData, format!("zstd: {error}")),
    }
}

impl<R: Read> Read for Frames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            if let Some(frame) = &mut self.frame {
                let count = frame.read(buffer)?;
                if count > 0 {
                    return Ok(count);
                }
                self.packed = self.frame.take().map(Frame::into_inner);
            }
            if !self.next()? {
                return Ok(0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    use super::*;

    fn through(packed: &[u8]) -> io::Result<Vec<u8>> {
        let mut all = Vec::new();
        unpacked(packed)?.read_to_end(&mut all)?;
        Ok(all)
    }

    fn zstd(text: &str) -> Vec<u8> {
        compress_to_vec(text.as_bytes(), CompressionLevel::Fastest)
    }

    fn gzip(text: &str) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn plain_gzip_and_zstd_in_one_piece_or_several() {
        assert_eq!(through(b"plain").unwrap(), b"plain");
        assert_eq!(through(b"").unwrap(), b"");
        assert_eq!(through(&[gzip("one "), gzip("two")].concat()).unwrap(), b"one two");
        let skipped = [&[0x5e, 0x2a, 0x4d, 0x18, 3, 0, 0, 0], &b"abc"[..]].concat();
        assert_eq!(through(&[zstd("one "), skipped.clone(), zstd("two")].concat()).unwrap(), b"one two");
        assert_eq!(through(&[skipped, zstd("one")].concat()).unwrap(), b"one");
    }

    #[test]
    fn what_is_cut_off_is_an_error() {
        for packed in [gzip("some text"), zstd("some text"), [zstd("one"), vec![0x50, 0x2a]].concat()] {
            assert!(through(&packed[..packed.len() - 1]).is_err());
        }
        assert!(through(b"BZh91AY").unwrap_err().to_string().contains("bzip2"));
    }
}
