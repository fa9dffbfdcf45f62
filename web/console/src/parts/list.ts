// A list of the API, read part by part.

import { type QueryKey, useInfiniteQuery, useQuery } from "@tanstack/react-query";

export interface List<T> {
  /** What has been read so far; undefined before anything was. */
  items: T[] | undefined;
  problem: unknown;
  readAgain: () => void;
  /** Reads the next part, if there is one. */
  more?: () => void;
  isReadingMore: boolean;
}

interface Part<T> {
  items: T[];
  next?: string | null;
}

interface Pace {
  refetchInterval?: number;
}

/** A list that comes in parts; `read` gets the `next` of the part before. */
export function useParts<T>(queryKey: QueryKey, read: (after?: string) => Promise<Part<T>>, pace: Pace = {}): List<T> {
  const query = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam }) => read(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    ...pace,
  });
  return {
    items: query.data?.pages.flatMap(({ items }) => items),
    problem: query.error,
    readAgain: () => void query.refetch(),
    more: query.hasNextPage ? () => void query.fetchNextPage() : undefined,
    isReadingMore: query.isFetchingNextPage,
  };
}

/** A list that comes whole. */
export function useWhole<T>(queryKey: QueryKey, read: () => Promise<Part<T>>, pace: Pace = {}): List<T> {
  const query = useQuery({ queryKey, queryFn: read, ...pace });
  return {
    items: query.data?.items,
    problem: query.error,
    readAgain: () => void query.refetch(),
    isReadingMore: false,
  };
}
