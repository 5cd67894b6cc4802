//! Something of the records kept in memory: they are asked at most four times a second whether it is still right. What
//! this process changes itself shows at once, what another one changes within a second.

use crate::Result;
use std::{
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// What is in memory is taken without asking for so long. Together with one reading it stays below a second.
const UNASKED: Duration = Duration::from_millis(250);
/// While one request reads anew, others go on with what was right so recently.
const STILL_GOOD: Duration = Duration::from_millis(900);

/// Keeps it.
pub(crate) struct Fresh<T> {
    kept: RwLock<Option<Arc<Kept<T>>>>,
    reading: tokio::sync::Mutex<()>,
    /// Counts the changes that this process made.
    changes: AtomicU64,
}

struct Kept<T> {
    value: Arc<T>,
    /// Which of our own changes it knows of, and when it was last found right.
    right: Mutex<(u64, Instant)>,
}

impl<T> Default for Fresh<T> {
    fn default() -> Self {
        Self { kept: RwLock::default(), reading: tokio::sync::Mutex::default(), changes: AtomicU64::default() }
    }
}

impl<T> Fresh<T> {
    fn kept(&self) -> Option<Arc<Kept<T>>> {
        self.kept.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
    fn changes(&self) -> u64 {
        self.changes.load(Ordering::SeqCst)
    }
    /// What is in memory, if it knows of so many changes and is younger than that.
    fn young(&self, than: Duration, changes: u64) -> Option<Arc<T>> {
        let kept = self.kept()?;
        let (known, at) = *kept.right.lock().unwrap_or_else(PoisonError::into_inner);
        (known >= changes && at.elapsed() < than).then(|| Arc::clone(&kept.value))
    }
    /// Something of ours changed: whoever asks next asks the records.
    pub(crate) fn doubt(&self) {
        self.changes.fetch_add(1, Ordering::SeqCst);
    }

    /// What is kept, or what `look` finds. It is told what was known before, and gives nothing where that is still right;
    /// only one looks at a time.
    pub(crate) async fn get<L: Future<Output = Result<Option<T>>>>(
        &self,
        look: impl FnOnce(Option<Arc<T>>) -> L,
    ) -> Result<Arc<T>> {
        // Whoever comes has to see what was changed until now, and no more: a reading that began after that will do.
        let came = self.changes();
        if let Some(value) = self.young(UNASKED, came) {
            return Ok(value);
        }
        let _reading = match self.reading.try_lock() {
            Ok(reading) => reading,
            Err(_) => {
                if let Some(value) = self.young(STILL_GOOD, came) {
                    return Ok(value);
                }
                self.reading.lock().await
            }
        };
        // Somebody else may have read it while we waited.
        if let Some(value) = self.young(UNASKED, came) {
            return Ok(value);
        }
        let (right, before) = ((self.changes(), Instant::now()), self.kept());
        let found = look(before.as_ref().map(|kept| Arc::clone(&kept.value))).await?;
        match (found, before) {
            (None, Some(kept)) => {
                *kept.right.lock().unwrap_or_else(PoisonError::into_inner) = right;
                Ok(Arc::clone(&kept.value))
            }
            (Some(value), _) => {
                let value = Arc::new(value);
                let kept = Kept { value: Arc::clone(&value), right: Mutex::new(right) };
                *self.kept.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(kept));
                Ok(value)
            }
            (None, None) => Err(crate::Error::internal(std::io::Error::other("nothing was read"))),
        }
    }
}
