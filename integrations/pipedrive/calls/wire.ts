import type { Configuration as V1Configuration } from 'pipedrive/v1'
import type { Configuration } from 'pipedrive/v2'
import type { z } from 'zod'

/** What every call goes through: the limits, the time, the errors and the shapes are looked after there. */
export interface Wire {
  readonly v1: V1Configuration
  readonly v2: Configuration
  /** v2 under the limits of searches. */
  readonly searching: Configuration
  /** Throws a PipedriveFailure. */
  call<T>(schema: z.ZodType<T>, work: () => Promise<unknown>, more?: CallOptions): Promise<T>
  /** All that a list has, as far as a bound. */
  pages<T>(schema: z.ZodType<List<T>>, work: (page: PageRequest) => Promise<unknown>): Promise<T[]>
}

export interface CallOptions {
  readonly isSearch?: boolean
  /** Called when the call is just about to leave. */
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

/** What a list may bring at most; what came later is at its end, and is for the next look. */
export const MOST_LISTED = 10_000

/** The last changed last. */
export const byChange = { sort_by: 'update_time', sort_direction: 'asc' } as const

/** v2 reads RFC 3339 without fractions. */
export const toSeconds = (instant: Date): string => instant.toISOString().replace(/\.\d+Z$/, 'Z')
