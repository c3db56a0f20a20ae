import type { Configuration as V1Configuration } from 'pipedrive/v1'
import type { Configuration } from 'pipedrive/v2'
import type { z } from 'zod'

/** The shared way of all calls: rate limits, time limit, failures and the shape of answers are handled here. */
export interface Wire {
  readonly v1: V1Configuration
  readonly v2: Configuration
  /** v2 for searches, which have a rate limit of their own. */
  readonly searching: Configuration
  /** Throws a PipedriveFailure. */
  call<T>(schema: z.ZodType<T>, work: () => Promise<unknown>, more?: CallOptions): Promise<T>
  /** Reads all pages of a list, up to `MOST_LISTED` records. */
  pages<T>(schema: z.ZodType<List<T>>, work: (page: PageRequest) => Promise<unknown>): Promise<T[]>
}

export interface CallOptions {
  readonly isSearch?: boolean
  /** Called after the rate limit was passed and before the request is sent. */
  readonly mark?: (() => Promise<void>) | undefined
}

export interface List<T> {
  readonly data: T[]
  readonly additional_data?: { readonly next_cursor?: string | null | undefined } | null | undefined
}

export interface PageRequest {
  readonly limit: number
  readonly cursor?: string
}

/** Most records read of one list. Lists are sorted by change, so the next read begins where this one was cut. */
export const MOST_LISTED = 10_000

/** Sorted by change, the latest last. */
export const byChange = { sort_by: 'update_time', sort_direction: 'asc' } as const

/** v2 reads RFC 3339 without fractions. */
export const toSeconds = (instant: Date): string => instant.toISOString().replace(/\.\d+Z$/, 'Z')
