// Keeps what changes often from being drawn more often than it can be seen.

/** Calls it once for all that happens before the next frame. */
export function afterwards(listener: () => void): () => void {
  let waits = false;
  return () => {
    if (waits) return;
    waits = true;
    requestAnimationFrame(() => {
      waits = false;
      listener();
    });
  };
}
