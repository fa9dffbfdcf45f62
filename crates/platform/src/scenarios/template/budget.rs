//! What rendering may cost: steps and bytes. Both are taken before the work is done.

use std::io;

use serde_json::Value;

/// What one rendering may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RenderLimits {
    /// Steps: each part of a template and each repetition of a section is one.
    pub fuel: u32,
    /// Bytes of what comes out.
    pub output_bytes_max: usize,
}

impl Default for RenderLimits {
    fn default() -> Self {
        Self { fuel: 100_000, output_bytes_max: 1_000_000 }
    }
}

/// Why a template gave nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// It has too much to do.
    #[error("the template takes more than {0} steps")]
    OutOfFuel(u32),
    /// It gives too much.
    #[error("the template gives more than {0} bytes")]
    TooLong(usize),
}

/// What is left of the limits.
pub(super) struct Budget {
    limits: RenderLimits,
    fuel: u32,
    bytes: usize,
}

impl Budget {
    pub(super) fn new(limits: &RenderLimits) -> Self {
        Self { limits: *limits, fuel: limits.fuel, bytes: limits.output_bytes_max }
    }

    pub(super) fn step(&mut self) -> Result<(), RenderError> {
        self.fuel = self.fuel.checked_sub(1).ok_or(RenderError::OutOfFuel(self.limits.fuel))?;
        Ok(())
    }

    pub(super) fn spend_bytes(&mut self, bytes: usize) -> Result<(), RenderError> {
        let left = self.bytes.checked_sub(bytes);
        self.bytes = left.ok_or(RenderError::TooLong(self.limits.output_bytes_max))?;
        Ok(())
    }

    pub(super) fn push(&mut self, output: &mut String, text: &str) -> Result<(), RenderError> {
        self.spend_bytes(text.len())?;
        output.push_str(text);
        Ok(())
    }

    /// A text as it is, anything else as JSON writes it. What is missing is the empty text.
    pub(super) fn push_value(&mut self, output: &mut String, value: &Value) -> Result<(), RenderError> {
        match value {
            Value::Null => Ok(()),
            Value::String(text) => self.push(output, text),
            value => {
                self.measure(value)?;
                output.push_str(&value.to_string());
                Ok(())
            }
        }
    }

    pub(super) fn copy(&mut self, value: &Value) -> Result<Value, RenderError> {
        self.measure(value)?;
        Ok(value.clone())
    }

    /// Takes the bytes that a value has as JSON, without writing it anywhere.
    fn measure(&mut self, value: &Value) -> Result<(), RenderError> {
        let mut ruler = Ruler { left: self.bytes };
        let is_within = serde_json::to_writer(&mut ruler, value).is_ok();
        self.bytes = ruler.left;
        if is_within { Ok(()) } else { Err(RenderError::TooLong(self.limits.output_bytes_max)) }
    }
}

/// Takes bytes until there are too many.
struct Ruler {
    left: usize,
}

impl io::Write for Ruler {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.left = self.left.checked_sub(bytes.len()).ok_or(io::ErrorKind::StorageFull)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
