import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Payloads and signature vectors that the vendors publish; they lie beside the repository, and are no part of it. */
const FOLDER = process.env.PAYLOADS ?? join(__dirname, '../../../shared/payloads')

// biome-ignore lint/suspicious/noExplicitAny: as published
type Json = any

export interface Published {
  readonly name: string
  readonly platform: string
  readonly account: string | undefined
  readonly method: 'GET' | 'POST'
  readonly query: string
  readonly headers: Readonly<Record<string, string>>
  readonly raw: string
  /** What an adapter should say; several of a batch. */
  readonly expect: readonly Json[]
  /** Other right values by field. */
  readonly expectAny: Readonly<Record<string, readonly Json[]>>
}

export interface Vector {
  readonly name: string
  readonly platform: string
  readonly scheme: string
  readonly secret: string
  readonly headers: Readonly<Record<string, string>>
  readonly raw: string
  readonly url: string | undefined
  readonly now: number | undefined
  readonly valid: boolean
}

/** Folders there that are named more exactly than our platforms. */
const OURS: Readonly<Record<string, string>> = { 'twilio-whatsapp': 'twilio' }

export const arePublished = existsSync(FOLDER)

export function published(): Published[] {
  if (!arePublished) return []
  const folders = readdirSync(FOLDER, { withFileTypes: true }).filter((one) => one.isDirectory())
  return folders.flatMap(({ name: folder }) =>
    readdirSync(join(FOLDER, folder)).map((file): Published => {
      const one: Json = JSON.parse(readFileSync(join(FOLDER, folder, file), 'utf8'))
      return {
        name: `${folder}/${file}`,
        platform: OURS[folder] ?? folder,
        account: one.account ?? undefined,
        method: one.method ?? 'POST',
        query: one.query === undefined ? '' : `?${one.query}`,
        headers: one.headers ?? {},
        raw: one.raw ?? JSON.stringify(one.body),
        expect: one.expect_all ?? [one.expect],
        expectAny: one.expect_any ?? {},
      }
    }),
  )
}

export function vectors(): Vector[] {
  if (!arePublished) return []
  const all: Json[] = JSON.parse(readFileSync(join(FOLDER, 'vectors.json'), 'utf8'))
  return all.map((one) => ({ ...one, platform: OURS[one.platform] ?? one.platform }))
}
