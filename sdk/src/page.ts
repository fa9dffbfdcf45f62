// Whether a message that is for certain pages is for this one. A page is a path; it stands for its sub-pages as well.

const segmentsOf = (path: string): string[] => path.split("/").filter(Boolean).map(decoded);

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** The pages that a comma list names. */
export const pagesOf = (list: string): string[] => list.split(",").map((page) => page.trim()).filter(Boolean);

/**
 * Whether `path` is one of the pages or below one, compared by whole segments. No pages mean everywhere; `/` is the page
 * at the root alone.
 */
export function isOnPage(pages: readonly string[], path: string): boolean {
  const here = segmentsOf(path);
  const isHere = (page: string): boolean => {
    const segments = segmentsOf(page);
    return segments.length === 0 ? here.length === 0 : segments.every((segment, at) => segment === here[at]);
  };
  return pages.length === 0 || pages.some(isHere);
}
