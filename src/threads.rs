//! Work on several processors at once.

use std::sync::mpsc::{Receiver, TrySendError, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// The minimum number of items for which threads are started.
const MIN_ITEMS: usize = 24;

/// The maximum number of threads. With more, reading the items takes longer than working on them.
const MAX_THREADS: usize = 8;

/// The number of items that may wait for each thread. Waiting items take up memory.
const MAX_WAITING: usize = 2;

/// The stack of a thread, in bytes: as much as the main thread has on Linux.
const STACK: usize = 8 * 1024 * 1024;

/// Does both, and `one` on another thread if that is `worthwhile` and the system starts one.
pub(crate) fn both<A: Send, B>(worthwhile: bool, one: impl Fn() -> A + Sync, other: impl FnOnce() -> B) -> (A, B) {
    if !worthwhile {
        return (one(), other());
    }
    thread::scope(|scope| {
        let thread = new_thread().spawn_scoped(scope, &one);
        let other = other();
        let one = match thread {
            Ok(thread) => thread.join().unwrap_or_else(|cause| std::panic::resume_unwind(cause)),
            Err(_) => one(),
        };
        (one, other)
    })
}

fn new_thread() -> thread::Builder {
    thread::Builder::new().name("check".to_owned()).stack_size(STACK)
}

/// Calls `work` on each item and returns the results in the order of the items. The calling thread produces the items
/// (at most `count`), and works on one itself if the queue is full.
pub(crate) fn map<T: Send, R: Send>(
    items: impl Iterator<Item = T>,
    count: usize,
    work: impl Fn(T) -> R + Sync,
) -> Vec<R> {
    if count < MIN_ITEMS {
        return items.map(work).collect();
    }
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let others = processors.min(MAX_THREADS) - 1;
    if others == 0 {
        return items.map(work).collect();
    }
    let mut results = in_threads(items, others, &work);
    results.sort_by_key(|(number, _)| *number);
    results.into_iter().map(|(_, result)| result).collect()
}

fn in_threads<T: Send, R: Send>(
    items: impl Iterator<Item = T>,
    others: usize,
    work: &(impl Fn(T) -> R + Sync),
) -> Vec<(usize, R)> {
    let (sender, receiver) = sync_channel::<(usize, T)>(others * MAX_WAITING);
    let receiver = Mutex::new(receiver);
    let drain =
        || std::iter::from_fn(|| next(&receiver)).map(|(number, item)| (number, work(item))).collect::<Vec<_>>();
    thread::scope(|scope| {
        let start = || new_thread().spawn_scoped(scope, drain);
        // If the system refuses to start a thread, there is one thread less. This thread works on what is left.
        let threads: Vec<_> = (0..others).filter_map(|_| start().ok()).collect();
        let mut results = Vec::new();
        for (number, item) in items.enumerate() {
            match sender.try_send((number, item)) {
                Ok(()) => {}
                Err(TrySendError::Full((number, item)) | TrySendError::Disconnected((number, item))) => {
                    results.push((number, work(item)));
                }
            }
        }
        drop(sender);
        results.extend(drain());
        for thread in threads {
            match thread.join() {
                Ok(more) => results.extend(more),
                Err(cause) => std::panic::resume_unwind(cause),
            }
        }
        results
    })
}

/// The next item; `None` after the last one. A waiting thread holds the lock, so the other threads wait for the lock.
fn next<T>(receiver: &Mutex<Receiver<T>>) -> Option<T> {
    receiver.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

#[cfg(test)]
mod tests {
    use super::{both, in_threads, map};

    #[test]
    fn results_are_in_the_order_of_the_items() {
        let squares: Vec<usize> = (0..1000).map(|number| number * number).collect();
        assert_eq!(map(0..1000, 1000, |number| number * number), squares);
        let mut results = in_threads(0..1000, 3, &|number| number * number);
        results.sort_unstable();
        assert_eq!(results.into_iter().map(|(_, square)| square).collect::<Vec<_>>(), squares);
    }

    #[test]
    fn both_results_are_there() {
        for worthwhile in [true, false] {
            assert_eq!(both(worthwhile, || 1, || 2), (1, 2));
        }
    }

    #[test]
    #[should_panic(expected = "item 7")]
    fn a_panic_in_a_thread_is_not_lost() {
        in_threads(0..100, 2, &|number| assert_ne!(number, 7, "item 7"));
    }
}
