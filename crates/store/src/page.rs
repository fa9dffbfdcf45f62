//! Lists in parts. The next part starts after the key of the last item, so nothing comes twice or is left out when
//! something else is added or deleted meanwhile.

/// Which part of a list.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The `next` of the part before.
    pub after: Option<String>,
    /// How many.
    pub limit: u32,
}

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paged<T> {
    /// The items.
    pub items: Vec<T>,
    /// Where the next part starts; none if this was the last.
    pub next: Option<String>,
}

impl Page {
    /// One more than asked for tells whether there is a next part.
    pub(crate) fn fetch(&self) -> u32 {
        self.limit.saturating_add(1)
    }

    /// A list by number, newest first: everything below this one.
    pub(crate) fn below(&self) -> i64 {
        self.after.as_deref().and_then(|after| after.parse().ok()).unwrap_or(i64::MAX)
    }

    pub(crate) fn cut<T>(&self, mut items: Vec<T>, key: impl Fn(&T) -> String) -> Paged<T> {
        let has_more = items.len() > self.limit as usize;
        items.truncate(self.limit as usize);
        let next = items.last().filter(|_| has_more).map(key);
        Paged { items, next }
    }
}
